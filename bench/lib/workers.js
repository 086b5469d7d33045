import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const source = (name) => `import { WorkerEntrypoint } from "cloudflare:workers";
const version = "1";
export default class extends WorkerEntrypoint {
  version() { return version; }
  add(a, b) { return a + b; }
  async chain(left) { return left === 0 ? 1 : 1 + (await this.env.NEXT.chain(left - 1)); }
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const n = Number(searchParams.get("n"));
    if (pathname === "/next") return new Response(String(await this.env.NEXT.add(1, 2)));
    if (pathname === "/last") return new Response(String(await this.env.LAST.add(1, 2)));
    if (pathname === "/version") return new Response(await this.env.NEXT.version());
    if (pathname === "/chain") {
      const hops = Number(searchParams.get("hops"));
      for (let i = 0; i < n; i++) await this.env.NEXT.chain(hops - 1);
    }
    if (pathname === "/sequential") for (let i = 0; i < n; i++) await this.env.NEXT.add(i, 1);
    return new Response("hello from ${name}");
  }
}
`;

/**
 * A project of so many Workers in a temporary folder: each calls the next one (the last the first),
 * the first knows the last.
 * @param {number} count
 */
export function makeWorkers(count) {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const names = Array.from({ length: count }, (_, i) => `w${i}`);
  const folders = names.map((name, i) => {
    const folder = join(root, name);
    mkdirSync(join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "src/index.js"), source(name));
    const services = [
      { binding: "NEXT", service: names[(i + 1) % count] },
      ...(i === 0 ? [{ binding: "LAST", service: names[count - 1] }] : []),
    ];
    const config = { name, main: "src/index.js", compatibility_date: "2026-01-01", services };
    writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
    return folder;
  });
  return {
    configs: folders.map((folder) => join(folder, "wrangler.json")),
    sources: folders.map((folder) => join(folder, "src/index.js")),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
