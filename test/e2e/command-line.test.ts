import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { bin, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* What the command line says of what it does not understand, and its help. */

test.each([
  ["help kv key put", "Usage: drover kv key put "],
  ["kv help key put", "Usage: drover kv key put "],
  ["kv key help", "Usage: drover kv key "],
  ["help dev src/index.ts", "Usage: drover dev "],
  ["help", "Usage: drover [options] [command]"],
])("drover %s", async (args, usage) => {
  const { code, stdout, stderr } = await runDrover(args.split(" "));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(usage);
});

const ALL = "(drover --help shows all commands and flags)\n";
const KEY = "(drover kv key --help shows its commands and flags)\n";
const REGISTRY = `Its commands: stop
(drover registry alone lists the Workers of all sessions)
(drover registry --help shows its commands and flags)\n`;
const deploy = `error: 'deploy' is a command of wrangler, not of drover: npx wrangler deploy\n${ALL}`;

test.each([
  ["dve", `error: unknown command 'dve'\n(Did you mean dev?)\n${ALL}`],
  ["help dve", `error: unknown command 'dve'\n(Did you mean dev?)\n${ALL}`],
  ["dve --help", `error: unknown command 'dve'\n(Did you mean dev?)\n${ALL}`],
  ["xyzzy", `error: unknown command 'xyzzy'\n${ALL}`],
  [
    "kv key putt k v",
    `error: unknown command 'putt' of drover kv key\n(Did you mean put?)\nIts commands: put, get, list, delete\n${KEY}`,
  ],
  [
    "r2 object lst",
    "error: unknown command 'lst' of drover r2 object\nIts commands: put, get, delete\n(drover r2 object --help shows its commands and flags)\n",
  ],
  ["registry list", `error: unknown command 'list' of drover registry\n${REGISTRY}`],
  [
    "registry stp",
    `error: unknown command 'stp' of drover registry\n(Did you mean stop?)\n${REGISTRY}`,
  ],
  ["deploy", deploy],
  ["help deploy", deploy],
  ["deploy --help", deploy],
  [
    "secret put TOKEN -c a.toml",
    `error: 'secret' is a command of wrangler, not of drover: npx wrangler secret put TOKEN\n(secrets of local Workers stand in .dev.vars or .env)\n${ALL}`,
  ],
  [
    "tail",
    `error: 'tail' is a command of wrangler, not of drover: npx wrangler tail\n(drover logs -f shows what the Workers of running sessions say)\n${ALL}`,
  ],
  [
    "d1 create notes",
    "error: 'd1 create' is a command of wrangler, not of drover: npx wrangler d1 create notes\n(drover d1 --help shows its commands and flags)\n",
  ],
  [
    "kv key list --prefx x",
    "error: unknown option '--prefx'\n(Did you mean --prefix?)\n(drover kv key list --help shows its arguments and flags)\n",
  ],
  [
    "dev --env",
    "✘ [ERROR] Not enough arguments following: env\n\n  Expected a value: --env <name>\n\n",
  ],
  [
    "init app --template sinlge",
    `✘ [ERROR] There is no template "sinlge".\n\n  Did you mean "single"? There are: assets, d1, durable-objects, queue, single, testing, two-workers.\n\n`,
  ],
])("drover %s is refused", async (args, expected) => {
  const { code, stdout, stderr } = await runDrover(args.split(" "));
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: expected });
});

test("the help of dev shows flags without what they are inside", async () => {
  const { stdout } = await runDrover(["dev", "--help"]);
  expect(stdout).toMatch(/--inspect \[worker\] +print where debuggers connect/);
  expect(stdout).not.toContain("preset");
});

test("logs and status take a URL or a port, and say what runs to somebody who names a Worker", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    "api/wrangler.json": config("api"),
    "api/src/index.ts": "export default { fetch: () => new Response() };",
    "auth/wrangler.json": config("auth"),
    "auth/src/index.ts": "export default { fetch: () => new Response() };",
  });
  const ask = async (...args: string[]) => {
    const { code, stderr } = await runDrover(args, { cwd: project.dir, env: home.env });
    return { code, stderr };
  };
  const refused = (command: string, word: string, hint: string) => ({
    code: 2,
    stderr: `✘ [ERROR] Expected the URL or the port of a session, such as drover ${command} 8787, but got "${word}".\n\n${hint.replace(/^/gm, "  ")}\n\n`,
  });
  expect(await ask("logs", "nope")).toEqual(refused("logs", "nope", "No session is running."));
  await using dev = await home.dev(["api/wrangler.json", "auth/wrangler.json"], {
    cwd: project.dir,
  });
  await eventually(async () => expect((await home.list()).workers).toHaveLength(2));
  const list = `These sessions run, with their Workers:\n  ${dev.url}  api, auth`;
  for (const command of ["logs", "status"]) {
    expect(await ask(command, "nope")).toEqual(refused(command, "nope", list));
  }
  const named = `"auth" is the name of a Worker: drover logs --worker auth`;
  expect(await ask("logs", "auth")).toEqual(refused("logs", "auth", named));
  expect((await ask("status", "auth")).stderr).toContain(
    'The Worker "auth" runs in the session of drover status http://',
  );
  expect((await ask("status", "99999")).stderr).toContain('8787, but got "99999".');
  expect(await ask("status", String(dev.port))).toEqual({ code: 0, stderr: "" });
});

test("a bad --time-scale is refused without --cron too", async () => {
  await using project = await tempProject({ "wrangler.json": config("api") });
  const { code, stderr } = await runDrover(["dev", "--time-scale", "0"], { cwd: project.dir });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("Expected --time-scale to be a number above 0"),
  });
});

test("a reader that goes away is no failure of a command", async () => {
  await using project = await tempProject({
    "wrangler.json": config("api", {
      kv_namespaces: [{ binding: "KV", id: "kv" }],
      r2_buckets: [{ binding: "R2", bucket_name: "bucket" }],
      d1_databases: [{ binding: "DB", database_name: "db", database_id: "db" }],
    }),
    "src/index.ts": "export default {};",
    // More than a pipe holds.
    "large.txt": "0123456789".repeat(100_000),
  });
  const { dir: cwd } = project;
  const stored = [
    "r2 object put bucket/large --file large.txt",
    "kv key put large --binding KV --path large.txt",
  ];
  for (const args of stored) {
    const { code, stderr } = await runDrover(args.split(" "), { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  }
  const rows =
    "with recursive c(x) as (select 1 union all select x + 1 from c limit 50000) select * from c";
  for (const args of [
    "r2 object get bucket/large --pipe",
    "kv key get large --binding KV",
    `d1 execute DB --json --command "${rows}"`,
    "state ls --json",
    "dev --help",
    "completion zsh",
    "graph",
    "doctor",
  ]) {
    const call = `"${process.execPath}" -- "${bin}" ${args}`;
    for (const reader of ["head -c 1 >/dev/null", "sh -c 'exec <&-'"]) {
      const script = `${call} | ${reader}; echo "code \${PIPESTATUS[0]}"`;
      const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd, encoding: "utf8" });
      expect({ args, reader, stdout, stderr }).toEqual({
        args,
        reader,
        stdout: "code 0\n",
        stderr: "",
      });
    }
  }
});

test("messages and help fit a terminal of 60 columns, and are whole lines in a pipe", async () => {
  await using project = await tempProject({});
  const { CI: _, COLUMNS: __, ...env } = process.env;
  const inTerminal = (args: string) => {
    const command = `stty cols 60; "${process.execPath}" -- "${bin}" ${args}`;
    const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
      cwd: project.dir,
      encoding: "utf8",
      env: { ...env, TERM: "xterm", NO_COLOR: "1" },
    });
    return stdout.replaceAll("\r", "");
  };
  expect(inTerminal("logs nope --worker api")).toContain(
    '✘ [ERROR] Expected the URL or the port of a session, such as\ndrover logs 8787, but got "nope".\n',
  );
  for (const help of ["--help", "dev --help", "d1 execute --help"]) {
    const [lines = ""] = inTerminal(help).split("Examples:");
    expect(lines.split("\n").filter((line) => line.length > 60)).toEqual([]);
    expect(lines).toContain("Usage: drover ");
  }
  const { stdout } = await runDrover(["dev", "--help"]);
  expect(stdout).toContain(
    "wait for a debugger before a Worker (default: the first) is evaluated, and stop at its first line",
  );
});

test("Ctrl-C at a question is a no, and says so", async () => {
  await using project = await tempProject({
    "wrangler.json": config("api", { kv_namespaces: [{ binding: "KV", id: "kv" }] }),
    "src/index.ts": "export default {};",
  });
  const { dir: cwd } = project;
  await runDrover("kv key put key value --binding KV".split(" "), { cwd });
  const command = `"${process.execPath}" -- "${bin}" state reset`;
  const { CI: _, ...env } = process.env;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(terminal, "exit");
  let output = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  try {
    await eventually(() => expect(output).toContain("(Y/n) "));
    terminal.stdin.write("\x03");
    expect(await exited).toEqual([0, null]);
    expect(output).toContain("\r\nNo answer: nothing is done.\r\n");
  } finally {
    terminal.kill("SIGKILL");
  }
  const { stdout } = await runDrover("kv key get key --binding KV".split(" "), { cwd });
  expect(stdout).toBe("value");
});

test("where no config is, those below are named", async () => {
  const files = ["api/wrangler.toml", "auth/wrangler.jsonc"];
  await using project = await tempProject(Object.fromEntries(files.map((path) => [path, "{}"])));
  const { code, stderr } = await runDrover(["dev"], { cwd: project.dir });
  expect(code).toBe(2);
  expect(stderr).toContain(
    "Name those that are below it: -c api/wrangler.toml -c auth/wrangler.jsonc\n",
  );
});
