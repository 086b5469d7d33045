import { describe, expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { connected, RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* A Worker that computes or keeps too much, and one that calls another which does. */

const HOG = `
import { WorkerEntrypoint } from "cloudflare:workers";
const kept: unknown[] = [];
let requests = 0;
function compute(ms: number): void {
  const end = performance.now() + ms;
  // What performance.now() shows does not move while the real clock's is rounded: count as well.
  for (let i = 0; performance.now() < end && i < 1e9; i++);
}
export const ways: Record<string, () => unknown> = {
  loop() { for (;;); },
  async promises() { for (;;) await null; },
  regex() { return /^(a+)+$/.test("a".repeat(100) + "b"); },
  json() { const text = "[" + "[1,2,3,4],".repeat(3e5) + "1]"; for (;;) JSON.parse(text); },
  async turns() { for (;;) { compute(20); await scheduler.wait(1); } },
  async timers() { return new Promise(() => setInterval(() => compute(20), 1)); },
  heap() { for (;;) kept.push({ a: [1, 2, 3] }); },
  async buffers() { for (;;) { kept.push(new Uint8Array(10_000_000).fill(1)); await scheduler.wait(1); } },
  garbage() { let sum = 0; for (let i = 0; i < 3e6; i++) sum += Array.from({ length: 20 }, () => i).length; return sum; },
  async churn() {
    let some: unknown[] = [];
    for (let i = 0; i < 15; i++) {
      some = Array.from({ length: 500_000 }, (_, n) => ({ n, i }));
      await scheduler.wait(1);
    }
    return some.length;
  },
  async short() { compute(0.5); await null; compute(0.5); return "short"; },
  async much() { for (let i = 0; i < 40; i++) { compute(20); await null; } return "much"; },
};
export default class extends WorkerEntrypoint {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const way = ways[pathname.slice(1)];
    if (way !== undefined) return new Response(String(await way()));
    if (pathname === "/wait") { await scheduler.wait(1000); return new Response("waited"); }
    if (pathname === "/self") return new Response(await (this.env as any).SELF.call("loop"));
    if (pathname === "/stray") { void (async () => { await null; ways.loop!(); })(); return new Response("stray"); }
    if (pathname === "/later") { this.ctx.waitUntil(Promise.resolve().then(() => ways.loop!())); return new Response("answered"); }
    return new Response("request " + ++requests);
  }
  call(way: string) { return ways[way]!(); }
  async wait() { await scheduler.wait(1000); return "waited"; }
}
`;

const CALLER = `
let requests = 0;
export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    const told = (call: Promise<unknown>) => call.then(String, (error) => error.name + ": " + error.message);
    if (pathname === "/wait") return new Response(await told(env.HOG.wait()));
    if (pathname.startsWith("/fetch/")) {
      return new Response(await told(env.HOG.fetch("http://hog" + pathname.slice("/fetch".length)).then((r: Response) => r.text())));
    }
    if (pathname !== "/") return new Response(await told(env.HOG.call(pathname.slice(1))));
    return new Response("request " + ++requests);
  },
};
`;

const CPU_TEXT = "Worker exceeded CPU time limit.";
const MEMORY_TEXT = "Worker exceeded memory limit.";

const project = (limits: Record<string, unknown> = {}) =>
  tempProject({
    "hog/wrangler.json": config("hog", {
      services: [{ binding: "SELF", service: "hog" }],
      ...limits,
    }),
    "hog/src/index.ts": HOG,
    "caller/wrangler.json": config("caller", { services: [{ binding: "HOG", service: "hog" }] }),
    "caller/src/index.ts": CALLER,
  });
const CONFIGS = ["hog/wrangler.json", "caller/wrangler.json"];
const SHORT = { limits: { cpu_ms: 200 } };

describe("an invocation that computes longer than limits.cpu_ms", () => {
  test.each(["loop", "promises", "regex", "json", "turns", "timers"])("%s", async (way) => {
    await using files = await project(SHORT);
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    expect(await (await dev.fetch("/", { worker: "caller" })).text()).toBe("request 1");
    const response = await dev.fetch(`/${way}`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain(CPU_TEXT);
    await dev.waitForLine(/Uncaught Error: Worker exceeded CPU time limit\./);
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
    // Its caller hears the same, over RPC and from fetch.
    const error = `Error: ${CPU_TEXT}`;
    expect(await (await dev.fetch(`/${way}`, { worker: "caller" })).text()).toBe(error);
    expect(await (await dev.fetch("/")).text()).toMatch(/request \d/);
    expect(await (await dev.fetch(`/fetch/${way}`, { worker: "caller" })).text()).toBe(error);
    expect(await (await dev.fetch("/")).text()).toMatch(/request \d/);
    expect(await (await dev.fetch("/", { worker: "caller" })).text()).toBe("request 2");
  });

  test("is ended alone where its thread still hears", async () => {
    await using files = await project(SHORT);
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
    const others = [
      dev.fetch("/wait", { method: "POST" }),
      dev.fetch("/wait", { worker: "caller" }),
    ];
    expect((await dev.fetch("/turns")).status).toBe(503);
    for (const other of others) expect(await (await other).text()).toBe("waited");
    expect(await (await dev.fetch("/")).text()).toBe("request 2");
    expect(dev.output).not.toContain("The Worker crashed");
  });

  test("takes its thread along where it does not; what else ran in it is asked again or told so", async () => {
    await using files = await project(SHORT);
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    const [get, post, call] = [
      dev.fetch("/wait"),
      dev.fetch("/wait", { method: "POST", body: "x" }),
      dev.fetch("/wait", { worker: "caller" }),
    ];
    // All of them have arrived when this one has.
    await (await dev.fetch("/")).text();
    expect((await dev.fetch("/loop")).status).toBe(503);
    expect((await post).status).toBe(503);
    expect(await (await post).text()).toContain("Your worker restarted mid-request.");
    expect(await (await call).text()).toBe("Error: Network connection lost.");
    expect(await (await get).text()).toBe("waited");
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
  });

  test("is told to whoever comes next, by any method, if that computes as long", async () => {
    await using files = await project(SHORT);
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    for (const init of [{}, { method: "PUT", body: "x" }, { method: "POST" }, {}]) {
      const response = await dev.fetch("/loop", init);
      expect([response.status, await response.text()]).toEqual([
        503,
        expect.stringContaining(CPU_TEXT),
      ]);
    }
    expect(await (await dev.fetch("/", { method: "PUT", body: "x" })).text()).toBe("request 1");
  });

  test("in a call of the Worker to itself is told to the request that made it", async () => {
    await using files = await project(SHORT);
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    const response = await dev.fetch("/self");
    expect(response.status).toBe(503);
    expect(await response.text()).toContain(CPU_TEXT);
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
  });

  test("is none of many short ones that are served at the same time", async () => {
    await using files = await project({ limits: { cpu_ms: 40 } });
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    const statuses = new Set<number>();
    const client = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) statuses.add((await dev.fetch("/short")).status);
    };
    await Promise.all(Array.from({ length: 16 }, client));
    expect([...statuses]).toEqual([200]);
  });

  test.each(["/later", "/stray"])(
    "in work that nobody waits for is only logged (%s)",
    async (path) => {
      await using files = await project(SHORT);
      await using dev = await runDev(CONFIGS, { cwd: files.dir });
      await dev.fetch(path).then(
        (response) => response.text(),
        () => undefined,
      );
      await dev.waitForLine(/Uncaught Error: Worker exceeded CPU time limit\./);
      expect(await (await dev.fetch("/")).text()).toBe("request 1");
    },
  );

  test.each([
    ["with --limits off", { args: ["--limits", "off"] }],
    ["while a debugger is attached", { env: { NODE_OPTIONS: "--inspect=127.0.0.1:0" } }],
  ])("goes on %s", async (_what, options) => {
    await using files = await project(SHORT);
    await using dev = await runDev(CONFIGS, { cwd: files.dir, ...options });
    expect(await (await dev.fetch("/much")).text()).toBe("much");
  });

  test("may take seconds where the config says nothing", async () => {
    await using files = await project();
    await using dev = await runDev(CONFIGS, { cwd: files.dir });
    expect(await (await dev.fetch("/much")).text()).toBe("much");
  });
});

describe("with --limits enforce, a Worker above 128 MB", () => {
  test.each(["heap", "buffers"])("loses the invocation (%s)", async (way) => {
    await using files = await project();
    await using dev = await runDev(CONFIGS, { cwd: files.dir, args: ["--limits", "enforce"] });
    expect(await (await dev.fetch("/", { worker: "caller" })).text()).toBe("request 1");
    const response = await dev.fetch(`/${way}`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain(MEMORY_TEXT);
    await dev.waitForLine(/Uncaught Error: Worker exceeded memory limit\./);
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
    const told = await (await dev.fetch(`/${way}`, { worker: "caller" })).text();
    expect(told).toBe(`Error: ${MEMORY_TEXT}`);
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
    expect(await (await dev.fetch("/", { worker: "caller" })).text()).toBe("request 2");
  });

  test("is not one that makes garbage only", async () => {
    await using files = await project();
    await using dev = await runDev(CONFIGS, { cwd: files.dir, args: ["--limits", "enforce"] });
    expect(await (await dev.fetch("/garbage")).text()).toBe("60000000");
    expect(await (await dev.fetch("/churn")).text()).toBe("500000");
    expect(await (await dev.fetch("/")).text()).toBe("request 1");
  });
});

test("a caller in another session, and drover call, hear of the limit and not of a lost connection", async () => {
  await using home = new RegistryHome();
  await using files = await project(SHORT);
  await using hog = await home.dev("hog/wrangler.json", { cwd: files.dir });
  await using caller = await home.dev("caller/wrangler.json", { cwd: files.dir });
  await connected(caller, "HOG");
  const error = `Error: ${CPU_TEXT}`;
  for (const way of ["loop", "turns", "fetch/loop", "fetch/turns"]) {
    const answer = async (): Promise<string> => (await caller.fetch(`/${way}`)).text();
    // The other session hears of the thread that serves again a moment after it does.
    await hog.fetch("/");
    expect(await answer(), way).toBe(error);
  }
  const waiting = caller.fetch("/wait");
  // It has arrived when this one has.
  expect(await (await caller.fetch("/short")).text()).toBe("short");
  expect(await (await caller.fetch("/loop")).text()).toBe(error);
  expect(await (await waiting).text()).toBe("Error: Network connection lost.");
  const call = await runDrover(["call", "hog.call", '"loop"'], { cwd: files.dir, env: home.env });
  expect(call.stderr).toContain(CPU_TEXT);
});

test("top-level code without end has failed to start; the session lives, and a save mends it", async () => {
  const loop = "let i = 0; for (;;) i++;\nexport default {};";
  const fine = `export default { fetch() { return new Response("fine"); } };`;
  await using files = await tempProject({
    "a/wrangler.json": config("a", { services: [{ binding: "B", service: "b" }] }),
    "a/src/index.ts": "export default { fetch: (request, env) => env.B.fetch(request) };",
    "b/wrangler.json": config("b"),
    "b/src/index.ts": loop,
  });
  await using dev = await runDev(["a/wrangler.json", "b/wrangler.json"], {
    cwd: files.dir,
    args: ["--limits", "enforce"],
  });
  const text = "Script startup exceeded CPU time limit.";
  await eventually(() => expect(dev.output).toContain(`Error: ${text}`));
  const response = await dev.fetch("/", { worker: "b" });
  expect([response.status, await response.text()]).toEqual([500, expect.stringContaining(text)]);
  expect(await (await dev.fetch("/")).text()).toContain(text);
  await files.write("b/src/index.ts", fine);
  await dev.waitForLine(/Local server updated and ready/);
  expect(await (await dev.fetch("/")).text()).toBe("fine");
  // What served before serves on.
  await files.write("b/src/index.ts", loop);
  await eventually(() => expect(dev.output.split(`Error: ${text}`)).toHaveLength(3));
  expect(await (await dev.fetch("/")).text()).toBe("fine");
});

test("the status shows CPU time and memory of each Worker", async () => {
  await using files = await project();
  await using dev = await runDev(CONFIGS, { cwd: files.dir });
  await (await dev.fetch("/much")).text();
  interface Page {
    readonly workers: readonly { name: string; usage?: { cpuMs: number; memoryMb?: number } }[];
  }
  await eventually(async () => {
    const page = (await (await dev.fetch("/cdn-cgi/drover/status")).json()) as Page;
    const [hog, caller] = page.workers;
    expect(hog?.usage?.cpuMs).toBeGreaterThan(caller?.usage?.cpuMs ?? Number.POSITIVE_INFINITY);
    expect(hog?.usage?.memoryMb).toBeGreaterThan(1);
    expect(hog?.usage?.memoryMb).toBeLessThan(128);
  });
  const { code, stdout } = await runDrover(["status", dev.url]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/hog ready · [\d.]+ m?s CPU · \d+ MB/);
});
