import { spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { bin, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* No command writes colours where stdout is no terminal, or with NO_COLOR in one. */

const project = {
  "package-lock.json": "{}",
  "api/wrangler.json": config("api", {
    kv_namespaces: [{ binding: "KV", id: "kv" }],
    d1_databases: [{ binding: "DB", database_name: "db", database_id: "db" }],
    r2_buckets: [{ binding: "R2", bucket_name: "files" }],
    triggers: { crons: ["* * * * *"] },
    vars: { COLOR: "red" },
  }),
  "api/src/index.ts": `import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      fetch() { console.log({ of: 1 }); console.warn("warned"); console.error(new Error("told")); return new Response("ok"); }
      add(a, b) { return a + b; }
      fail() { console.log({ of: 2 }); throw new Error("failed"); }
      scheduled() {}
    }`,
  "broken/wrangler.json": `{ "name": "broken", "main": "nowhere.ts" }`,
};

/** Exit codes beside: what is printed of failures is asked, too. */
const COMMANDS: readonly (readonly [code: number, ...args: string[]])[] = [
  [0, "--help"],
  [0, "--version"],
  [2, "devv"],
  [2, "dev", "-c", "broken/wrangler.json", "--no-registry"],
  [0, "dev", "-c", "api/wrangler.json", "--explain-env"],
  [0, "smoke", "-c", "api/wrangler.json", "--no-registry", "--port=0"],
  [0, "logs"],
  [0, "logs", "--log-format=json"],
  [0, "status"],
  [0, "registry"],
  [0, "call", "api.add", "1", "2"],
  [1, "call", "api.fail"],
  [0, "trigger", "api", "scheduled"],
  [0, "graph", "-c", "api/wrangler.json"],
  [0, "doctor", "-c", "api/wrangler.json"],
  [0, "types", "-c", "api/wrangler.json", "--include-runtime=false"],
  [0, "completion", "bash"],
  [0, "init", "made"],
  [0, "kv", "key", "put", "-c", "api/wrangler.json", "--binding=KV", "k", "v"],
  [0, "kv", "key", "list", "-c", "api/wrangler.json", "--binding=KV"],
  [0, "r2", "object", "put", "-c", "api/wrangler.json", "files/k", "--file=package-lock.json"],
  [0, "d1", "execute", "-c", "api/wrangler.json", "db", "--command=SELECT 1"],
  [0, "state", "ls", "-c", "api/wrangler.json"],
];

test("no command writes colours into a pipe, or with NO_COLOR into a terminal", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(project);
  const { dir: cwd } = files;
  // As in a terminal: what its Worker says has colours.
  const FORCE_COLOR = "1";
  await using dev = await home.dev("api/wrangler.json", { cwd, env: { FORCE_COLOR } });
  await dev.fetch("/");
  const env = { ...home.env, FORCE_COLOR };
  await eventually(async () => {
    const said = await runDrover(["logs"], { cwd, env });
    expect(said.stdout).toContain("Error: told");
    expect(said.hasColors).toBe(true);
  });
  for (const [code, ...args] of COMMANDS) {
    const { stdout, stderr, ...piped } = await runDrover(args, { cwd, env: home.env });
    expect({ args, ...piped }, stdout + stderr).toEqual({
      args,
      code,
      signal: null,
      hasColors: false,
    });
    expect(stdout + stderr).not.toBe("");
  }
  for (const args of [["logs"], ["status"], ["devv"], ["dev", "-c", "broken/wrangler.json"]]) {
    const shown = await inTerminal(args, { cwd, env: { ...home.env, NO_COLOR: "1" } });
    expect(shown).not.toBe("");
    expect(shown).toBe(stripVTControlCharacters(shown));
  }
  expect(await inTerminal(["logs"], { cwd, env: home.env })).toContain("\x1b[");
  await dev.stop();
});

/** What it prints in a terminal, made by script(1) of util-linux. */
async function inTerminal(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<string> {
  const command = [process.execPath, bin, ...args].map((part) => `"${part}"`).join(" ");
  const { NODE_OPTIONS: _, FORCE_COLOR: __, NO_COLOR: ___, ...env } = process.env;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: options.cwd,
    env: { ...env, TERM: "xterm", ...options.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let raw = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
  });
  await once(terminal, "close");
  return raw;
}
