import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config, PAIR_CONFIGS, pair } from "./workers.ts";

const HELLO = 'export default { fetch: () => new Response("hello") };';

describe("a config that cannot be used ends with exit code 2 and says where", () => {
  const cases: Record<string, [files: Record<string, string>, configs: string[], output: RegExp]> =
    {
      "a file that is not there": [{}, ["nowhere/wrangler.toml"], /nowhere\/wrangler\.toml/],
      "an unknown extension": [{ "a/wrangler.yaml": "" }, ["a/wrangler.yaml"], /\.yaml/],
      "broken TOML": [
        { "a/wrangler.toml": 'name = "a"\nmain = \n' },
        ["a/wrangler.toml"],
        /a\/wrangler\.toml:2:\d+[\s\S]*main = [\s\S]*\^/,
      ],
      "broken JSON": [
        { "a/wrangler.json": '{\n  "name": "a",\n  "main" "b"\n}' },
        ["a/wrangler.json"],
        /a\/wrangler\.json:3:\d+[\s\S]*\^/,
      ],
      "a wrong type": [
        { "a/wrangler.toml": 'name = "a"\nmain = 1\n' },
        ["a/wrangler.toml"],
        /a\/wrangler\.toml:2:\d+[\s\S]*Expected "main" to be of type string but got 1/,
      ],
      "an entry that is a directory": [
        { "a/wrangler.toml": 'name = "a"\nmain = "src"\n', "a/src/index.ts": HELLO },
        ["a/wrangler.toml"],
        /points to a directory/,
      ],
      "an entry that is not there": [
        { "a/wrangler.toml": 'name = "a"\nmain = "src/index.ts"\n' },
        ["a/wrangler.toml"],
        /was not found/,
      ],
      "two Workers of one name": [
        {
          "a/wrangler.json": config("same"),
          "a/src/index.ts": HELLO,
          "b/wrangler.json": config("same"),
          "b/src/index.ts": HELLO,
        },
        ["a/wrangler.json", "b/wrangler.json"],
        /same[\s\S]*a\/wrangler\.json[\s\S]*b\/wrangler\.json/,
      ],
    };
  for (const [what, [files, configs, output]] of Object.entries(cases)) {
    test(what, async () => {
      await using project = await tempProject(files);
      await using dev = await runDev(configs, { cwd: project.dir, waitForReady: false });
      expect((await dev.exited).code).toBe(2);
      expect(dev.output).toMatch(output);
    });
  }
});

test("an unknown key warns with the nearest known one", async () => {
  await using project = await tempProject({
    "a/wrangler.toml": 'name = "a"\nmian = "x"\nmain = "src/index.ts"\n',
    "a/src/index.ts": HELLO,
  });
  await using dev = await runDev("a/wrangler.toml", { cwd: project.dir });
  expect(dev.output).toMatch(/a\/wrangler\.toml:2[\s\S]*"mian"[\s\S]*main/);
});

test("an unknown flag fails and names the nearest one", async () => {
  await using dev = await runDev([], { args: ["--prot", "1"], waitForReady: false });
  expect((await dev.exited).code).toBe(2);
  expect(dev.output).toMatch(/--prot[\s\S]*--port/);
});

test("a --cwd and a script that are not there are the command line's mistakes", async () => {
  await using project = await tempProject();
  for (const [args, output] of [
    [["--cwd", "nowhere"], /ERROR\] --cwd: ENOENT.*nowhere/],
    [["nowhere.ts"], /"nowhere\.ts" was not found\.\n +Check the script on the command line\./],
  ] as const) {
    await using dev = await runDev([], { cwd: project.dir, args, waitForReady: false });
    expect((await dev.exited).code).toBe(2);
    expect(dev.output).toMatch(output);
  }
});

test("an explicit port that is taken ends with exit code 4", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, {
    cwd: project.dir,
    args: ["--port", String(port)],
    waitForReady: false,
  });
  expect((await dev.exited).code).toBe(4);
  expect(dev.output).toContain(`Address already in use (localhost:${port})`);
  holder.close();
});

test("without -c the config is found upward from the working directory", async () => {
  await using project = await tempProject({
    "wrangler.toml": 'name = "found"\nmain = "src/index.ts"\n',
    "src/index.ts": HELLO,
    "src/deep/er/file.txt": "",
  });
  await using dev = await runDev([], { cwd: project.path("src/deep/er") });
  expect(await (await dev.fetch("/")).text()).toBe("hello");
});

test("environments, flags and var files reach every Worker", async () => {
  const show =
    "export default { fetch: (_r: Request, env: any) => Response.json({ A: env.A, B: env.B, C: env.C }) };";
  const worker = (name: string) => ({
    [`${name}/wrangler.json`]: config(name, {
      vars: { A: "top", B: "top" },
      env: { staging: { vars: { A: "staging", B: "staging" } } },
    }),
    [`${name}/.dev.vars.staging`]: "B=file",
    [`${name}/src/index.ts`]: show,
  });
  await using project = await tempProject({ ...worker("one"), ...worker("two") });
  await using dev = await runDev(["one/wrangler.json", "two/wrangler.json"], {
    cwd: project.dir,
    args: ["--env", "staging", "--var", "C:flag"],
  });
  const expected = { A: "staging", B: "file", C: "flag" };
  expect(await (await dev.fetch("/")).json()).toEqual(expected);
  expect(await (await dev.fetch("/", { worker: "two-staging" })).json()).toEqual(expected);
});

test("-c path@env picks an environment for one Worker", async () => {
  const worker = (name: string) => ({
    [`${name}/wrangler.json`]: config(name, {
      vars: { A: "top" },
      env: { qa: { vars: { A: "qa" } } },
    }),
    [`${name}/src/index.ts`]:
      "export default { fetch: (_r: Request, env: any) => new Response(env.A) };",
  });
  await using project = await tempProject({ ...worker("one"), ...worker("two") });
  await using dev = await runDev(["one/wrangler.json", "two/wrangler.json@qa"], {
    cwd: project.dir,
  });
  expect(await (await dev.fetch("/")).text()).toBe("top");
  expect(await (await dev.fetch("/", { worker: "two-qa" })).text()).toBe("qa");
});

test("every template starts from an empty folder and passes its smoke check", async () => {
  for (const template of [
    "single",
    "two-workers",
    "assets",
    "d1",
    "durable-objects",
    "queue",
    "testing",
  ]) {
    await using project = await tempProject();
    await using init = await runDev([], {
      command: "init",
      cwd: project.dir,
      args: ["app", "--template", template],
      waitForReady: false,
    });
    expect((await init.exited).code, init.output).toBe(0);
    const { scripts } = JSON.parse(await readFile(project.path("app/package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const cwd = project.path("app");
    if (scripts.presmoke !== undefined) {
      expect(scripts.presmoke).toBe("npm run migrate");
      const [, ...args] = words(scripts.migrate as string);
      const migrated = await runDrover(args, { cwd });
      expect(migrated.code, migrated.stdout + migrated.stderr).toBe(0);
    }
    const [, command, ...args] = words(scripts.smoke as string);
    expect(command).toBe("smoke");
    await using smoke = await runDev([], { command: "smoke", cwd, args, waitForReady: false });
    expect((await smoke.exited).code, smoke.output).toBe(0);
  }
});

test("the template d1 lists, adds and deletes rows of its migrated database", async () => {
  await using project = await tempProject();
  await runDrover(["init", "app", "--template", "d1"], { cwd: project.dir });
  const cwd = project.path("app");
  await runDrover(["d1", "migrations", "apply", "DB", "-y"], { cwd });
  await using dev = await runDev([], { cwd });
  const added = await dev.fetch("/notes", { method: "POST", body: "buy milk" });
  expect(await added.json()).toEqual({ id: 2, text: "buy milk", created_at: expect.any(String) });
  expect((await dev.fetch("/notes/1", { method: "DELETE" })).status).toBe(204);
  expect((await dev.fetch("/notes/1", { method: "DELETE" })).status).toBe(404);
  expect(await (await dev.fetch("/notes")).json()).toMatchObject([{ text: "buy milk" }]);
});

test("the template testing passes its own tests", async () => {
  await using project = await tempProject();
  await runDrover(["init", "app", "--template", "testing"], { cwd: project.dir });
  const cwd = project.path("app");
  await mkdir(join(cwd, "node_modules"));
  await symlink(resolve(import.meta.dirname, "../.."), join(cwd, "node_modules/drover"));
  const { scripts } = JSON.parse(await readFile(join(cwd, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const [command, ...args] = words(scripts.test as string);
  expect(command).toBe("node");
  // A runner of node:test that another one runs reports to that one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, env });
  expect(stdout).toMatch(/pass 4\n/);
  expect(stdout).toMatch(/fail 0\n/);
});

/** Split a script of package.json as a shell would, quotes included. */
function words(script: string): string[] {
  return [...script.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? (bare as string),
  );
}

describe("smoke", () => {
  const smoke = (project: { dir: string }, args: string[]) =>
    runDev(PAIR_CONFIGS, { command: "smoke", cwd: project.dir, args, waitForReady: false });

  test("passes when every Worker answers", async () => {
    await using project = await tempProject(pair());
    await using run = await smoke(project, []);
    expect((await run.exited).code, run.output).toBe(0);
  });

  test("runs checks and fails with exit code 6, naming the one that failed", async () => {
    await using project = await tempProject(pair());
    await using run = await smoke(project, [
      "--check",
      "GET /call 200 contains:count",
      "--check",
      "GET /call 404",
    ]);
    expect((await run.exited).code).toBe(6);
    expect(run.output).toMatch(/GET \/call 404/);
  });

  test("a build error is exit code 3", async () => {
    await using project = await tempProject(pair({ callee: "export default {" }));
    await using run = await smoke(project, []);
    expect((await run.exited).code).toBe(3);
  });

  test("a Worker that never ends its start is exit code 5 after --timeout", async () => {
    const callee = "for (;;) {} export default {};";
    await using project = await tempProject(pair({ callee }));
    await using run = await smoke(project, ["--timeout", "2"]);
    expect((await run.exited).code).toBe(5);
    expect(run.output).toMatch(/callee is ready\n +not ready within the timeout/);
  });

  test("a binding that is not connected is exit code 5", async () => {
    await using project = await tempProject({
      ...pair(),
      "caller/wrangler.json": config("caller", {
        services: [{ binding: "CALLEE", service: "nobody" }],
      }),
    });
    await using run = await smoke(project, ["--timeout", "1", "--no-registry"]);
    expect((await run.exited).code).toBe(5);
    expect(run.output).toMatch(/nobody/);
  });
});
