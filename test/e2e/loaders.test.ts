import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { StatusPage } from "../../src/protocol/status-page.ts";
import { eventually } from "../helpers/eventually.ts";
import { descendants } from "../helpers/process-tree.ts";
import { type RunningDev, runDev, runDrover } from "../helpers/run-dev.ts";
import { copyFixture, tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* The life of dynamic Workers, and what happens when one misbehaves. What they answer: loaders-parity. */

const FIXTURE = ["runner/wrangler.jsonc", "prices/wrangler.jsonc"];

/** Loads a Worker by the id and the code of the request, and counts how often it was asked for code. */
const LOADER = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
let asked = 0;
const codeOf = (main, more) => ({ compatibilityDate: "2026-06-01", mainModule: "m.js", modules: { "m.js": main }, ...more });
const COUNT = "let n = 0; export default { fetch() { return new Response(String(++n)); } }";
export class Note extends WorkerEntrypoint { say(text) { console.log("noted", text); } }
export class Room extends DurableObject {
  run(code) { return this.env.LOADER.get("room", () => codeOf(code)).getEntrypoint().fetch("http://x/").then((r) => r.text()); }
}
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const id = url.searchParams.get("id");
    const code = request.method === "POST" ? await request.text() : COUNT;
    if (url.pathname === "/version") return new Response("version 1");
    if (url.pathname === "/asked") return new Response(String(asked));
    if (url.pathname === "/room") return new Response(await env.ROOMS.getByName("a").run(code));
    const limits = url.searchParams.has("cpu") ? { cpuMs: Number(url.searchParams.get("cpu")) } : undefined;
    const given = { NOTE: ctx.exports.Note({ props: {} }), CALLEE: env.CALLEE };
    const stub = env.LOADER.get(id, () => { asked += 1; return codeOf(code, { env: given, limits }); });
    try {
      return await stub.getEntrypoint().fetch("http://x" + url.pathname);
    } catch (error) {
      return new Response(error.name + ": " + error.message, { status: 500 });
    }
  },
};`;

const CALLEE = (version: number) => `
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint { version() { return "callee ${version}"; } }`;

const PROJECT = {
  "loader/wrangler.json": config("loader", {
    compatibility_date: "2026-06-01",
    worker_loaders: [{ binding: "LOADER" }],
    services: [{ binding: "CALLEE", service: "callee" }],
    durable_objects: { bindings: [{ name: "ROOMS", class_name: "Room" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
  }),
  "loader/src/index.ts": LOADER,
  "callee/wrangler.json": config("callee"),
  "callee/src/index.ts": CALLEE(1),
};
const CONFIGS = ["loader/wrangler.json", "callee/wrangler.json"];

async function post(dev: RunningDev, path: string, body: string): Promise<string> {
  return await (await dev.fetch(path, { method: "POST", body })).text();
}

async function get(dev: RunningDev, path: string): Promise<string> {
  return await (await dev.fetch(path)).text();
}

/** The host process of a session. */
function hostOf(dev: RunningDev): number {
  const host = descendants(dev.child.pid as number).find(({ command }) => command.includes("host"));
  if (host === undefined) throw new Error("There is no host.");
  return host.pid;
}

function entries(pid: number, folder: "task" | "fd"): number {
  return readdirSync(`/proc/${pid}/${folder}`).length;
}

test("the fixture runs posted code without network, with the one binding that it is given", async () => {
  await using project = await copyFixture("code-runner");
  await using dev = await runDev(FIXTURE, { cwd: project.dir });
  const server = createServer((_request, response) => response.end("reached"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const run = async (code: string): Promise<unknown> => JSON.parse(await post(dev, "/", code));
  expect(await run(`export default (shop) => shop.price("tea")`)).toEqual({ result: 3 });
  expect(await run(`export default (shop) => shop.price("yacht")`)).toEqual({
    error: "Not for sale: yacht",
  });
  expect(await run(`export default (shop) => shop.cheat()`)).toEqual({
    error: 'The RPC receiver does not implement the method "cheat".',
  });
  const blocked = expect.stringContaining("not permitted to access the internet");
  expect(await run(`export default () => fetch("${url}")`)).toEqual({ error: blocked });
  expect(await run(`export default () => typeof process === "object" ? 1 : 0`)).toEqual({
    result: 0,
  });
  expect(await run("export default () => {")).toEqual({
    error:
      "Failed to start Worker:\nUncaught SyntaxError: Unexpected end of input\n  at code.js:1:22",
  });
  expect(await run("export default () => { for (;;); }")).toEqual({
    error: "Worker exceeded CPU time limit.",
  });
  expect(await run("export default () => 1 + 1")).toEqual({ result: 2 });
  server.close();
});

describe("a dynamic Worker", () => {
  test("lives as long as its id is used, and ends when nobody uses it", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, {
      cwd: project.dir,
      args: ["--log-level", "debug"],
      env: { DROVER_DYNAMIC_WORKER_IDLE_MS: "500" },
    });
    expect(await get(dev, "/?id=a")).toBe("1");
    await dev.waitForLine(/Dynamic Worker "loader\[a\]" ends: nobody uses it\./);
    expect(await get(dev, "/asked")).toBe("1");
    await eventually(async () => expect(await get(dev, "/?id=a")).toBe("1"));
    expect(await get(dev, "/asked")).toBe("2");
  });

  test("is one of 200 in turn, and leaves nothing behind", { timeout: 120_000 }, async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    expect(await get(dev, "/")).toBe("1");
    expect(await get(dev, "/?id=first")).toBe("1");
    const host = hostOf(dev);
    const before = { task: entries(host, "task"), fd: entries(host, "fd") };
    let most = 0;
    for (let i = 0; i < 100; i += 1) {
      expect(await get(dev, "/")).toBe("1");
      expect(await get(dev, `/?id=${i}`)).toBe("1");
      most = Math.max(most, entries(host, "task"));
    }
    // 16 stay without work, and libuv has a pool of 4; a few more are on their way out at any time.
    expect(most).toBeLessThan(before.task + 16 + 4 + 8);
    await eventually(() => {
      expect(entries(host, "task")).toBeLessThanOrEqual(before.task + 16 + 4);
      expect(entries(host, "fd")).toBeLessThan(before.fd + 16 * 8);
    });
    // The longest unused were the first to go.
    expect(await get(dev, "/?id=99")).toBe("2");
    expect(await get(dev, "/?id=first")).toBe("1");
  });

  test("that loops is ended by its limit, and the next use starts it again", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    const code = `let n = 0; export default { fetch(r) { if (r.url.endsWith("/loop")) for (;;); return new Response(String(++n)); } }`;
    expect(await post(dev, "/?id=a&cpu=300", code)).toBe("1");
    const looping = post(dev, "/loop?id=a&cpu=300", code);
    // The loader and its other Workers do not notice.
    expect(await get(dev, "/version")).toBe("version 1");
    expect(await get(dev, "/?id=b")).toBe("1");
    expect(await looping).toBe("Error: Worker exceeded CPU time limit.");
    await dev.waitForLine(/Worker exceeded CPU time limit/);
    expect(await post(dev, "/?id=a&cpu=300", code)).toBe("1");
  });

  test("computes no longer than getEntrypoint allows, through that stub", async () => {
    await using project = await tempProject({
      "wrangler.json": config("loader", {
        compatibility_date: "2026-06-01",
        worker_loaders: [{ binding: "LOADER" }],
      }),
      "src/index.ts": `
const code = \`import { WorkerEntrypoint } from "cloudflare:workers";
let calls = 0;
export default class extends WorkerEntrypoint {
  work(ms) { calls += 1; for (const end = Date.now() + ms; Date.now() < end;); return calls; }
  async steps(ms) { for (;;) { this.work(5); await scheduler.wait(1); } }
}\`;
const load = () => ({ compatibilityDate: "2026-06-01", mainModule: "m.js", modules: { "m.js": code } });
const outcome = (promise) => promise.then((value) => value, (error) => error.message);
export default { async fetch(request, env) {
  const stub = env.LOADER.get("a", load);
  const tight = stub.getEntrypoint(undefined, { limits: { cpuMs: 300 } });
  const wide = stub.getEntrypoint(undefined, { limits: { cpuMs: 4294967295 } });
  return Response.json([
    await tight.work(1), await outcome(tight.steps()), await wide.work(900),
    await stub.getEntrypoint().work(1) > 10, await outcome(tight.work(60_000)), await outcome(wide.work(1)),
  ]);
} };`,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    const exceeded = "Worker exceeded CPU time limit.";
    // What waits in between is ended alone, a loop with its thread.
    expect(JSON.parse(await get(dev, "/"))).toEqual([
      1,
      exceeded,
      expect.any(Number),
      true,
      exceeded,
      1,
    ]);
  });

  test("asks others no more often than its code and getEntrypoint allow", async () => {
    await using project = await tempProject({
      "wrangler.json": config("loader", {
        compatibility_date: "2026-06-01",
        worker_loaders: [{ binding: "LOADER" }],
        d1_databases: [{ binding: "DB", database_id: "d" }],
      }),
      "src/index.ts": `
import { WorkerEntrypoint } from "cloudflare:workers";
const code = \`import { WorkerEntrypoint } from "cloudflare:workers";
const outcome = (promise) => promise.then((value) => value, (error) => error.message);
export default class extends WorkerEntrypoint {
  async ask(url) {
    const { CAP, DB } = this.env;
    const fetched = () => fetch(url).then((response) => response.text());
    const out = [await outcome(CAP.hi()), await outcome(fetched()), await outcome(DB.prepare("SELECT 1 AS x").first("x")), await outcome(CAP.hi()), await outcome(fetched())];
    console.log("asked " + out.length);
    return out;
  }
  again() { return this.ctx.exports.default.ask("http://nowhere.test/"); }
}\`;
const load = (env, ctx, limits) => ({
  compatibilityDate: "2026-06-01", mainModule: "m.js", modules: { "m.js": code }, limits,
  env: { CAP: ctx.exports.Cap({ props: {} }), DB: env.DB }, tails: [ctx.exports.Heard({ props: {} })],
});
export class Cap extends WorkerEntrypoint { hi() { return "hi"; } }
export class Heard extends WorkerEntrypoint { tail([{ logs: [log] }]) { console.log("heard", log.message[0]); } }
export default { async fetch(request, env, ctx) {
  if (request.url.endsWith("/plain")) return new Response("plain");
  const url = request.url + "plain";
  const wide = env.LOADER.get("wide", () => load(env, ctx));
  const four = env.LOADER.get("four", () => load(env, ctx, { subRequests: 4 }));
  const entry = (stub, subRequests) => stub.getEntrypoint(undefined, { limits: { subRequests } });
  return Response.json([
    await wide.getEntrypoint().ask(url), await four.getEntrypoint().ask(url), await entry(four, 2).ask(url),
    await entry(four, 1000).ask(url), await entry(wide, 0).ask(url), await entry(four, 1).again(),
  ]);
} };`,
    });
    const whole = ["hi", "plain", 1, "hi", "plain"];
    const tooMany = "Too many subrequests by single Worker invocation.";
    const first = (count: number): unknown[] =>
      whole.map((answer, index) =>
        index < count ? answer : `${index === 2 ? "D1_ERROR: " : ""}${tooMany}`,
      );
    {
      await using dev = await runDev("wrangler.json", { cwd: project.dir });
      const answers = JSON.parse(await get(dev, "/"));
      expect(answers.slice(0, 5)).toEqual([whole, first(4), first(2), first(4), first(0)]);
      // Who is called by oneself begins anew, with what the code allows.
      expect(answers[5].at(3)).toBe("hi");
      expect(answers[5].at(4)).toBe(tooMany);
      // What is told of it is nobody's request.
      await dev.waitForLine(/heard asked 5/);
    }
    await using dev = await runDev("wrangler.json", {
      cwd: project.dir,
      args: ["--limits", "off"],
    });
    expect(JSON.parse(await get(dev, "/"))[1]).toEqual(whole);
  });

  test("whose top-level code loops fails to start", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    expect(await post(dev, "/?id=a", "for (;;);")).toBe(
      "Error: Failed to start Worker:\nUncaught Error: Script startup exceeded CPU time limit.",
    );
    expect(await get(dev, "/?id=a")).toBe("1");
  });

  test("goes on while its loader is reloaded, and then is gone", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    const code = `export default { async fetch(r, env) {
      await env.NOTE.say("begun");
      while (await env.CALLEE.version() === "callee 1") await scheduler.wait(5);
      return new Response("done by " + await env.CALLEE.version()); } }`;
    const slow = post(dev, "/?id=slow", code);
    await dev.waitForLine(/noted begun/);
    await project.write("loader/src/index.ts", LOADER.replace("version 1", "version 2"));
    await eventually(async () => expect(await get(dev, "/version")).toBe("version 2"));
    // Each thread has files of its own, and those of its loader's old thread and of its own go.
    const host = hostOf(dev);
    const before = entries(host, "fd");
    // Its bindings lead to the newest generation, whoever it is bound to.
    await project.write("callee/src/index.ts", CALLEE(2));
    expect(await slow).toBe("done by callee 2");
    await eventually(() => expect(entries(host, "fd")).toBeLessThan(before));
    expect(await get(dev, "/?id=slow")).toBe("1");
  });

  test("that loops is no reason not to end", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    const code = `export default { async fetch(r, env) { await env.NOTE.say("loops"); for (;;); } }`;
    const lost = post(dev, "/?id=a", code).catch(() => "lost");
    await dev.waitForLine(/noted loops/);
    expect(await dev.stop()).toEqual({ code: 0, signal: null });
    await lost;
  });

  test("is shown by the status page and drover status while it has a thread", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    expect(await get(dev, "/?id=a")).toBe("1");
    const page = (await (await dev.fetch("/cdn-cgi/drover/status")).json()) as StatusPage;
    const usage = { cpuMs: expect.any(Number), memoryMb: expect.any(Number) };
    const dynamic = page.workers.map((worker) => worker.dynamic);
    expect(dynamic).toEqual([[{ name: "loader[a]", status: "ready", usage }], undefined]);
    const { stdout } = await runDrover(["status", dev.url], { cwd: project.dir });
    expect(stdout).toMatch(/^ {2}Dynamic Worker loader\[a\] · \d+ ms CPU · [\d.]+ MB$/m);
  });

  test("may be given a D1 database, which is the one that its loader has", async () => {
    await using project = await tempProject({
      ...PROJECT,
      "loader/wrangler.json": config("loader", {
        compatibility_date: "2026-06-01",
        worker_loaders: [{ binding: "LOADER" }],
        d1_databases: [{ binding: "DB", database_id: "d" }],
      }),
      "loader/src/index.ts": `
const code = \`export default { async fetch(request, { FIRST, BASE, LAST }) {
  await BASE.prepare("INSERT INTO t VALUES (?)").bind(FIRST + LAST).run();
  return new Response(request.url);
} }\`;
export default { async fetch(request, env) {
  await env.DB.exec("CREATE TABLE t (a TEXT)");
  const given = { FIRST: "written ", BASE: env.DB, LAST: "there" };
  const stub = env.LOADER.load({ compatibilityDate: "2026-06-01", mainModule: "m.js", modules: { "m.js": code }, env: given });
  await stub.getEntrypoint().fetch("http://x/");
  return Response.json(await env.DB.prepare("SELECT a FROM t").raw());
} };`,
    });
    await using dev = await runDev("loader/wrangler.json", { cwd: project.dir });
    expect(JSON.parse(await get(dev, "/"))).toEqual([["written there"]]);
  });

  test("may be loaded by a Durable Object, and again by the next host", async () => {
    await using project = await tempProject(PROJECT);
    await using dev = await runDev(CONFIGS, { cwd: project.dir });
    expect(await get(dev, "/room")).toBe("1");
    expect(await get(dev, "/room")).toBe("2");
    process.kill(hostOf(dev), "SIGKILL");
    await eventually(async () => expect(await get(dev, "/room")).toBe("1"));
  });
});

test("a config that binds a loader wrongly is refused in wrangler's words", async () => {
  await using project = await tempProject({
    "wrangler.json": config("loader", { worker_loaders: [{}, "x", { binding: "A", more: 1 }] }),
    "src/index.ts": "export default {};",
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir, waitForReady: false });
  expect((await dev.exited).code).toBe(2);
  expect(dev.output).toContain(
    '"worker_loaders[0]" bindings must have a string "binding" field but got {}.',
  );
  expect(dev.output).toContain('"worker_loader" bindings should be objects, but got "x"');
  expect(dev.output).toMatch(/Unexpected fields found in worker_loaders\[2\] field: "more"/);
});
