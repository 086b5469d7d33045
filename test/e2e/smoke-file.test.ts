import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* `drover.smoke.jsonc`, what `drover smoke` writes for CI servers, and `drover dev --ready-file`. */
const WORKER = `export default {
  async fetch(request) {
    const url = new URL(request.url);
    console.log("asked for " + url.pathname);
    if (url.pathname === "/fail") return new Response("<no> \\u0001 & yes", { status: 418 });
    const { method } = request;
    return Response.json({ method, body: await request.text(), type: request.headers.get("content-type"), list: [1, { a: 1, b: 2 }] }, { headers: { "x-id": "abc-123" } });
  },
  scheduled(controller) { if (controller.cron !== "*/5 * * * *") throw new Error("wrong cron"); },
};`;

const project = (checks: unknown) => ({
  "wrangler.json": config("api", { triggers: { crons: ["*/5 * * * *"] } }),
  "src/index.ts": WORKER,
  "drover.smoke.jsonc": `// checks\n${JSON.stringify({ timeout: 30, checks }, null, 2)}\n`,
});

const smoke = (cwd: string, args: readonly string[] = [], env = {}) =>
  runDrover(["smoke", "-c", "wrangler.json", ...args], { cwd, env });

test("a file of checks: headers, bodies as text, pattern and JSON, time, cron triggers", async () => {
  await using files = await tempProject(
    project([
      {
        name: "echo",
        method: "POST",
        path: "/echo",
        body: { id: 1 },
        expect: {
          status: [201, "2xx"],
          headers: { "x-id": { matches: "^abc-\\d+$" }, "content-type": "json" },
          body: {
            contains: "POST",
            matches: '"list":\\[1',
            json: { body: '{"id":1}', type: "application/json", list: [1, { b: 2 }] },
          },
          mostMs: 20_000,
        },
      },
      { worker: "api", path: "/", headers: { "content-type": "text/x" }, expect: { status: 200 } },
      { scheduled: "*/5 * * * *", expect: { status: 200, body: "ok" } },
    ]),
  );
  const { code, stdout } = await smoke(files.dir, ["--check", "GET /more 200"]);
  expect(stdout).toMatch(/✓ echo +\d+ ms/);
  expect(stdout).toContain("✓ GET api:/ ");
  expect(stdout).toContain("✓ GET /more 200");
  expect(stdout).toContain("smoke: 5 ok");
  expect(code).toBe(0);
});

const RPC_WORKER = `
import { WorkerEntrypoint } from "cloudflare:workers";
export class Admin extends WorkerEntrypoint {
  limitOf(name) { if (name === undefined) throw new TypeError("no name"); console.log("asked by RPC"); return { name, limit: 10, list: [1] }; }
}
export default { fetch: () => new Response("ok"), ping: (what) => "pong " + what };`;

test("checks that call methods", async () => {
  await using files = await tempProject({
    ...project([
      { call: "Admin.limitOf", args: ["ada"], expect: { json: { limit: 10 }, mostMs: 20_000 } },
      { name: "ping", worker: "api", call: "ping", args: [1], expect: { json: "pong 1" } },
      { worker: "api", call: "Admin.limitOf", expect: { error: "TypeError: no name" } },
      { name: "nothing expected", call: "default.ping", args: ["x"] },
    ]),
    "src/index.ts": RPC_WORKER,
  });
  const { code, stdout } = await smoke(files.dir);
  expect(stdout).toContain("✓ call Admin.limitOf ");
  expect(stdout).toContain("✓ call api#Admin.limitOf ");
  expect(stdout).toContain("smoke: 5 ok");
  expect(code).toBe(0);

  await using wrong = await tempProject({
    ...project([
      { name: "a", call: "Admin.limitOf", args: ["x"], expect: { json: { list: [2] } } },
      { name: "b", call: "Admin.limitOf" },
      { name: "c", call: "ping", args: [1], expect: { error: "no" } },
      { name: "d", call: "Admin.nothing", expect: { error: "no name" } },
    ]),
    "src/index.ts": RPC_WORKER,
  });
  const failed = await smoke(wrong.dir);
  expect(failed.code).toBe(6);
  expect(failed.stdout).toContain('"list.0" is 1, expected 2');
  expect(failed.stdout).toContain("| [api] asked by RPC");
  expect(failed.stdout).toContain("TypeError: no name");
  expect(failed.stdout).toContain('expected an error with "no" but got: "pong 1"');
  expect(failed.stdout).toMatch(/failed with TypeError: .*"nothing".*, expected "no name"/);

  await using mixed = await tempProject(
    project([
      { call: "Admin.x", path: "/" },
      { call: "Ad-min" },
      { call: "x", expect: { status: 200 } },
      { path: "/", args: [1], expect: { json: 1 } },
    ]),
  );
  const refused = await smoke(mixed.dir);
  expect(refused.code).toBe(2);
  for (const text of [
    'A check with a "call" has no "path".',
    'Expected "call" to be Entrypoint.method, or a method of the default export.',
    'A check with a "call" expects "json" or an "error".',
    '"args" is of checks with a "call".',
    '"json" is of checks with a "call".',
  ]) {
    expect(refused.stderr).toContain(text);
  }
});

test("failures come with the Worker's log, in the table, as JSON, JUnit and annotations", async () => {
  await using files = await tempProject(
    project([
      { name: "fine", path: "/" },
      { name: "status & text", path: "/fail", expect: { status: 200 } },
      { name: "json", path: "/", expect: { body: { json: { list: [1, { a: 2 }] } } } },
      { name: "cron", scheduled: "1 1 1 1 1", expect: { status: 200 } },
    ]),
  );
  const args = ["--json", "out/smoke.json", "--junit=out/smoke.xml"];
  const { code, stdout } = await smoke(files.dir, args, { GITHUB_ACTIONS: "true" });
  expect(code).toBe(6);
  expect(stdout).toContain("status 418, expected 200: <no>");
  expect(stdout).toMatch(/\| \[api\] asked for \/fail/);
  expect(stdout).toContain('"list.1.a" is 1, expected 2');
  expect(stdout).toContain("::error title=drover smoke%3A json::");
  expect(stdout.match(/^::error /gm)).toHaveLength(3);

  const json = JSON.parse(readFileSync(files.path("out/smoke.json"), "utf8"));
  expect(json).toMatchObject({ ok: false, code: 6 });
  expect(json.results).toContainEqual({ name: "fine", ok: true, ms: expect.any(Number) });
  const failure = json.results.find(({ name }: { name: string }) => name === "status & text");
  expect(failure).toMatchObject({ ok: false, log: ["[api] asked for /fail"] });
  expect(json.results.at(-1).log.join()).toContain("wrong cron");

  const xml = readFileSync(files.path("out/smoke.xml"), "utf8");
  expect(xml).toMatch(/^<\?xml[^>]*>\n<testsuites name="drover smoke" tests="5" failures="3"/);
  expect(xml).toContain('<testcase name="status &amp; text" classname="drover smoke"');
  expect(xml).toContain("&lt;no&gt;  &amp; yes");
  expect(xml).toContain("<system-out>[api] asked for /fail</system-out>");
});

test("what is wrong in the file is told with its place, before anything starts", async () => {
  await using files = await tempProject(
    project([
      { path: "no-slash", expect: { status: 99, body: { matches: "(" } } },
      { methd: "GET" },
    ]),
  );
  const { code, stderr } = await smoke(files.dir);
  expect(code).toBe(2);
  expect(stderr).toContain('drover.smoke.jsonc:6:15: Expected "path" to begin with a slash.');
  expect(stderr).toMatch(
    /drover\.smoke\.jsonc:8:19: Expected a status such as 200, "2xx" or "<500"/,
  );
  expect(stderr).toMatch(/drover\.smoke\.jsonc:10:22: SyntaxError: Invalid regular expression/);
  expect(stderr).toContain('"path" is a required field.');
  expect(stderr).toContain('Did you mean "method"?');
  const missing = await smoke(files.dir, ["--checks", "nofile.jsonc"]);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain("Could not read file: nofile.jsonc");
  expect(missing.stderr).toContain("Check the path given with --checks.");
});

test("the ready file is there while the session answers, and one of before is not believed", async () => {
  await using files = await tempProject({ ...project([]), "ready.json": "old" });
  const path = files.path("ready.json");
  await using dev = await runDev("wrangler.json", {
    cwd: files.dir,
    args: ["--ready-file", "ready.json"],
  });
  await eventually(() => expect(existsSync(path)).toBe(true));
  const ready = JSON.parse(readFileSync(path, "utf8"));
  expect(ready).toEqual({
    url: dev.url,
    port: dev.port,
    pid: dev.child.pid,
    workers: [{ name: "api", url: dev.url }],
  });
  await dev.stop();
  expect(existsSync(path)).toBe(false);

  const { code, stderr } = await runDrover(
    ["dev", "-c", "wrangler.json", "--port=0", "--ready-file", "nofolder/ready.json"],
    { cwd: files.dir },
  );
  expect(code).toBe(1);
  expect(stderr).toContain("Could not write ready.json: ENOENT");
});
