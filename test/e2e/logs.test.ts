import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* `--log-format json`, `--log-dir`, `--filter-log` and `drover logs`. */
const project = {
  "package-lock.json": "{}",
  "api/wrangler.json": config("api", { services: [{ binding: "AUTH", service: "auth" }] }),
  "api/src/index.ts": `export default {
    async fetch(request, env) {
      console.log("api says", { a: 1 });
      const { pathname } = new URL(request.url);
      if (pathname === "/throw") throw new Error("api fails");
      if (pathname === "/quiet") return new Response("quiet");
      return new Response(await env.AUTH.verify(pathname));
    },
  };`,
  "auth/wrangler.json": config("auth"),
  "auth/src/index.ts": `import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      verify(text) { console.warn("auth hears\\n" + text); return "ok " + text; }
    }`,
};
const configs = ["api/wrangler.json", "auth/wrangler.json"];

interface Line {
  readonly time: string;
  readonly level: string;
  readonly type: string;
  readonly message: string;
  readonly worker?: string;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}

const parse = (text: string): Line[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

test("a failed build is told in fields, without the marks of the terminal", async () => {
  await using files = await tempProject({
    "wrangler.json": project["api/wrangler.json"],
    "src/index.ts": `export default {};

let x = 1 +;`,
  });
  await using dev = await runDev("wrangler.json", {
    cwd: files.dir,
    args: ["--log-format=json"],
    waitForReady: false,
  });
  await dev.waitForLine(/"event":"build-failed"/);
  const failed = parse(dev.output).find(({ event }) => event === "build-failed");
  expect(failed).toMatchObject({
    type: "drover",
    level: "error",
    worker: "api",
    message: 'Build failed: src/index.ts:3:12: Unexpected ";"',
    keepsLastGood: false,
    errors: [
      {
        message: 'Unexpected ";"',
        file: "src/index.ts",
        line: 3,
        column: 12,
        source: "let x = 1 +;",
      },
    ],
  });
  expect(dev.output).not.toMatch(/\[ERROR\]|✘/);
  await files.write("src/index.ts", "const x = 1; export default { is: x === -0 };");
  await dev.waitForLine(/"level":"warn"/);
  expect(dev.output).not.toMatch(/\[WARNING\]|▲/);
  expect((await dev.stop()).code).toBe(0);
});

test("every line is JSON, and a request's lines in all Workers share its id", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev(configs, {
    cwd: files.dir,
    args: ["--log-format=json"],
    waitForReady: false,
  });
  await dev.waitForLine(/"event":"ready"/);
  const ready = parse(dev.output).find(({ event }) => event === "ready");
  expect(ready).toMatchObject({ type: "drover", level: "info" });
  const { url, port, workers } = ready as unknown as { url: string; port: number; workers: object };
  expect(url).toBe(`http://localhost:${port}`);
  expect(workers).toHaveLength(2);
  const fetchPath = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect(await (await fetchPath("/a?b")).text()).toBe("ok /a");
  expect((await fetchPath("/throw")).status).toBe(500);
  await dev.waitForLine(/"message":"GET \/throw 500"/);

  const lines = parse(dev.output).filter(({ type }) => type !== "drover");
  for (const { time } of lines) expect(new Date(time).toISOString()).toBe(time);
  const of = (type: string, path: string) =>
    lines.find((line) => line.type === type && line.message.includes(path));
  const request = of("request", "/a");
  expect(request).toMatchObject({
    level: "info",
    worker: "api",
    method: "GET",
    path: "/a",
    status: 200,
    message: "GET /a 200",
    durationMs: expect.any(Number),
  });
  const id = request?.requestId;
  expect(id).toMatch(/^api-1-\d+$/);
  expect(lines).toContainEqual(
    expect.objectContaining({
      worker: "auth",
      level: "warn",
      requestId: id,
      message: "auth hears\n/a",
    }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({
      worker: "api",
      level: "log",
      requestId: id,
      message: "api says { a: 1 }",
    }),
  );
  const failure = of("exception", "api fails");
  expect(failure).toMatchObject({ level: "error", message: "Uncaught Error: api fails" });
  expect(failure?.stack).toMatch(/at .*api\/src\/index\.ts:5:\d+/);
  expect(failure?.requestId).toBe(of("request", "/throw")?.requestId);
  await dev.stop();
  expect(parse(dev.output).length).toBeGreaterThan(6);
});

test("a file per Worker, whatever the terminal shows", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev(configs, {
    cwd: files.dir,
    args: ["--log-dir", "logs/dev", "--filter-log", "auth", "nobody"],
  });
  expect(dev.output).toContain(
    "--filter-log nobody: no such Worker in this session. There are: api, auth.",
  );
  await dev.fetch("/a");
  await dev.waitForLine(/\[auth\] .*auth hears/);
  await dev.stop();
  expect(dev.output).not.toContain("api says");
  expect(dev.output).not.toContain("GET /a");
  const api = parse(readFileSync(files.path("logs/dev/api.log"), "utf8"));
  expect(api.map(({ message }) => message)).toEqual(["api says { a: 1 }", "GET /a 200"]);
  const auth = parse(readFileSync(files.path("logs/dev/auth.log"), "utf8"));
  expect(auth).toMatchObject([{ worker: "auth", requestId: api[0]?.requestId }]);
});

test("drover logs shows what was said, by Worker and time, and follows", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(project);
  const logs = (...args: string[]) =>
    runDrover(["logs", ...args], { cwd: files.dir, env: home.env });
  expect(await logs()).toMatchObject({ code: 0, stderr: "No session is running.\n" });
  await using dev = await home.dev(configs, { cwd: files.dir });
  await dev.fetch("/a");
  await eventually(async () => expect((await logs()).stdout).toContain("[auth] /a"));
  const { stdout } = await logs();
  expect(stdout).toContain("[api] api says { a: 1 }");
  expect((await logs("--worker", "api")).stdout).toBe("[api] api says { a: 1 }\n");
  expect((await logs("--since", "2100-01-01")).stdout).toBe("");
  expect((await logs("--since", "1h", "--worker=auth")).stdout).toContain("auth hears");
  expect(parse((await logs("--log-format", "json", String(dev.port))).stdout)).toHaveLength(2);
  expect(await logs("--since", "soon")).toMatchObject({ code: 2 });

  await using follower = await runDev([], {
    command: "logs",
    args: ["-f"],
    cwd: files.dir,
    env: home.env,
    waitForReady: false,
  });
  await follower.waitForLine(/auth hears/);
  await dev.fetch("/later");
  await follower.waitForLine(/\[auth\] \/later/);
  expect(await follower.stop()).toMatchObject({ code: 0 });
  expect(existsSync(files.path("logs"))).toBe(false);
});

test("a folder that cannot be made is told before anything starts", async () => {
  await using files = await tempProject({ ...project, logs: "a file" });
  const { code, stderr } = await runDrover(["dev", "-c", "api/wrangler.json", "--log-dir=logs/a"], {
    cwd: files.dir,
  });
  expect(code).toBe(1);
  expect(stderr).toContain("--log-dir: ENOTDIR");
});

/* Node's recursive mkdir does not return there. */
test.runIf(process.platform === "linux")("so is one below what makes no folders", async () => {
  await using files = await tempProject(project);
  const args = ["dev", "-c", "api/wrangler.json", "--log-dir=/proc/drover/logs"];
  const { code, stderr } = await runDrover(args, { cwd: files.dir });
  expect(code).toBe(1);
  expect(stderr).toContain("--log-dir: ENOENT");
  const init = await runDrover(["init", "/proc/drover/app"], { cwd: files.dir });
  expect(init.code).toBe(2);
  expect(init.stderr).toContain("cannot be made: ENOENT");
});
