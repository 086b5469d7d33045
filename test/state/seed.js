/*
 * node test/state/seed.js
 *
 * Makes test/state/seeded with the real wrangler: the state folder that its commands and its dev server leave beside
 * the config of test/state/workers. Committed as it is, with the -wal files that hold data.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWrangler, startWranglerDev } from "../parity/wrangler.js";

const here = import.meta.dirname;
const KV = ["--binding", "KV", "--local"];

const COMMANDS = [
  ["kv", "key", "put", "text", "seeded é", ...KV],
  ["kv", "key", "put", "dir/file.bin", "--path", "file.bin", ...KV],
  ["kv", "key", "put", "with-metadata", "m", "--metadata", '{"a":[1,"é"]}', ...KV],
  ["kv", "key", "put", "far", "x", "--expiration", "2000000000", ...KV],
  [
    ...["r2", "object", "put", "r2-cases/dir/file.bin", "--file", "file.bin", "--local"],
    ...["--content-type", "application/x-seed"],
  ],
  ["d1", "migrations", "apply", "cases", "--local"],
  [
    ...["secrets-store", "secret", "create", "store", "--name", "seeded"],
    ...["--value", "known é", "--scopes", "workers"],
  ],
  [
    ...["d1", "execute", "cases", "--local", "--command"],
    "INSERT INTO notes (text, bytes) VALUES ('seeded é', x'00ff'), ('second', NULL)",
  ],
];

const folder = mkdtempSync(join(tmpdir(), "drover-seed-"));
cpSync(join(here, "workers"), folder, { recursive: true });
writeFileSync(join(folder, "file.bin"), Uint8Array.of(0, 1, 254, 255));
for (const args of COMMANDS) {
  const { code, stdout, stderr } = await runWrangler(folder, args);
  if (code !== 0) throw new Error(`wrangler ${args.join(" ")}: ${stdout}${stderr}`);
}
// What no command writes: a Worker in wrangler's own dev server.
const dev = await startWranglerDev(folder);
await (await fetch(`${dev.url}/seed`)).text();
await dev.stop();
rmSync(join(here, "seeded"), { recursive: true, force: true });
// Indexes of the logs are made again by whoever opens them; the rest is other features' own.
const filter = (file) => !/-shm$|\/v3\/(?:flagship|observability)/.test(file);
cpSync(join(folder, ".wrangler/state"), join(here, "seeded"), { recursive: true, filter });
rmSync(folder, { recursive: true });
