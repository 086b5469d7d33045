import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BindingSpec } from "../../../src/protocol/worker-spec.ts";
import { TestHost } from "./harness.ts";

function service(name: string, target: string, entrypoint?: string): BindingSpec {
  return {
    type: "service",
    name,
    target: { service: target, ...(entrypoint === undefined ? {} : { entrypoint }) },
  };
}

const COUNTER = `
  import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
  class Counter extends RpcTarget {
    #value = 0;
    increment(by) { return this.#value += by; }
  }
  export class CounterService extends WorkerEntrypoint {
    async newCounter() { return new Counter(); }
    add(a, b) { return a + b; }
    async boom() { throw new RangeError("too far"); }
    call(fn) { return fn(20); }
    props() { return this.ctx.props; }
    fetch(request) { return new Response("fetched " + new URL(request.url).pathname); }
  }
  export default { fetch: () => new Response("default"), greet: (name, env, ctx) => "hi " + name };
`;

function client(body: string): string {
  return `export default { async fetch(request, env, ctx) { ${body} } };`;
}

async function startPair(host: TestHost, body: string, entrypoint?: string) {
  await host.start({ name: "counter", code: COUNTER });
  return host.start({
    name: "client",
    code: client(body),
    spec: { bindings: [service("COUNTER", "counter", entrypoint)] },
  });
}

test("calls methods, remote objects and callbacks of another Worker", async () => {
  await using host = new TestHost();
  const worker = await startPair(
    host,
    `const sum = await env.COUNTER.add(1, 2);
     const counter = await env.COUNTER.newCounter();
     await counter.increment(2);
     const value = await counter.increment(3);
     const pipelined = await env.COUNTER.newCounter().increment(7);
     const called = await env.COUNTER.call((n) => n + 1);
     counter[Symbol.dispose]();
     return Response.json([sum, value, pipelined, called]);`,
    "CounterService",
  );
  const answer = await worker.fetch("/");
  expect(answer.failure).toBeUndefined();
  expect(JSON.parse(answer.text)).toEqual([3, 5, 7, 21]);
});

test("fetches over a service binding, with redirects and handler objects", async () => {
  await using host = new TestHost();
  await host.start({
    name: "target",
    code: `export default { async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/old") return Response.redirect(new URL("/new", request.url));
      return new Response(request.method + " " + pathname + " " + (await request.text()), { status: 201 });
    } };`,
  });
  const worker = await host.start({
    name: "client",
    code: client(`
      const one = await env.TARGET.fetch("http://any/post", { method: "POST", body: "data" });
      const two = await env.TARGET.fetch(new Request("http://any/old"));
      return Response.json([one.status, await one.text(), await two.text()]);`),
    spec: { bindings: [service("TARGET", "target")] },
  });
  const answer = await worker.fetch("/");
  expect(answer.failure).toBeUndefined();
  expect(JSON.parse(answer.text)).toEqual([201, "POST /post data", "GET /new "]);
});

test("rejects the caller with the callee's error and logs it at the callee", async () => {
  await using host = new TestHost();
  const worker = await startPair(
    host,
    `try { await env.COUNTER.boom(); } catch (error) {
       return Response.json([error.name, error.message, error.remote, error instanceof RangeError]);
     }`,
    "CounterService",
  );
  expect(JSON.parse((await worker.fetch("/")).text)).toEqual(["RangeError", "too far", true, true]);
  const callee = host.threads.get("counter");
  const entry = await callee?.log(({ kind }) => kind === "exception");
  expect(entry?.text).toContain("RangeError: too far");
  expect(entry?.text).toContain("/app/counter/index.js:10:");
});

test("calls functions of a default handler object with one argument", async () => {
  await using host = new TestHost();
  const worker = await startPair(host, `return new Response(await env.COUNTER.greet("you"));`);
  expect((await worker.fetch("/")).text).toBe("hi you");
});

test("passes props of a binding and of ctx.exports", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    name: "self",
    code: `import { WorkerEntrypoint } from "cloudflare:workers";
      export class Inner extends WorkerEntrypoint { get() { return this.ctx.props; } }
      export default { async fetch(request, env, ctx) {
        return Response.json([
          await env.BOUND.get(),
          await ctx.exports.Inner.get(),
          await ctx.exports.Inner({ props: { b: 2 } }).get(),
        ]);
      } };`,
    spec: {
      bindings: [
        {
          type: "service",
          name: "BOUND",
          target: { service: "self", entrypoint: "Inner", props: { a: 1 } },
        },
      ],
    },
  });
  const answer = await worker.fetch("/");
  expect(answer.failure).toBeUndefined();
  expect(JSON.parse(answer.text)).toEqual([{ a: 1 }, {}, { b: 2 }]);
});

test("gives stubs that came over RPC their fetch(), and connect() without arguments is RPC", async () => {
  await using host = new TestHost();
  await host.start({
    name: "target",
    code: `import { WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint {
        connect() { return { set: (value) => "set " + value }; }
        fetch(request) { return new Response("target " + request.url); }
        other() { return this.env.SELF; }
      }`,
    spec: { bindings: [service("SELF", "target")] },
  });
  const worker = await host.start({
    name: "client",
    code: client(`
      const other = await env.TARGET.other();
      const response = await other.fetch("http://x/y");
      return Response.json([await response.text(), await env.TARGET.connect().set("a")]);`),
    spec: { bindings: [service("TARGET", "target")] },
  });
  const answer = await worker.fetch("/");
  expect(answer.failure).toBeUndefined();
  expect(JSON.parse(answer.text)).toEqual(["target http://x/y", "set a"]);
});

test("rejects a binding's fetch with what the callee's handler threw, logged at the callee", async () => {
  await using host = new TestHost();
  await host.start({
    name: "target",
    code: `export default { fetch() { throw new TypeError("no good"); } };`,
  });
  const worker = await host.start({
    name: "client",
    code: client(`
      const error = await env.TARGET.fetch("http://x/").catch((e) => e);
      return Response.json([error.name, error.message, error.remote]);`),
    spec: { bindings: [service("TARGET", "target")] },
  });
  expect(JSON.parse((await worker.fetch("/")).text)).toEqual(["TypeError", "no good", true]);
  const entry = await host.threads.get("target")?.log(({ kind }) => kind === "exception");
  expect(entry?.text).toContain("Uncaught TypeError: no good");
});

test("serves Workers of other processes on a socket", async () => {
  await using host = new TestHost();
  const folder = await mkdtemp(join(tmpdir(), "drover-links-"));
  try {
    const path = join(folder, "target.sock");
    const target = await host.start({
      name: "target",
      code: `export default { greet: (name) => "hi " + name, fetch: (r) => new Response(r.body) };`,
    });
    const listening = target.next("listening");
    target.post({ type: "listen", path });
    expect((await listening).path).toBe(path);
    const worker = await host.start({
      name: "client",
      code: client(`
        const response = await env.TARGET.fetch("http://x/", { method: "POST", body: "over a socket" });
        return Response.json([await env.TARGET.greet("you"), await response.text()]);`),
      spec: { bindings: [service("TARGET", "target")] },
    });
    host.sockets.set("target", path);
    const answer = await worker.fetch("/");
    expect(answer.failure).toBeUndefined();
    expect(JSON.parse(answer.text)).toEqual(["hi you", "over a socket"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("asks the host again when nobody listens on a socket", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    name: "client",
    code: client(`
      const response = await env.GONE.fetch("http://x/");
      return Response.json([response.status, await response.text()]);`),
    spec: { bindings: [service("GONE", "gone")] },
  });
  host.sockets.set("gone", "/nonexistent/drover.sock");
  const [status, text] = JSON.parse((await worker.fetch("/")).text);
  expect(status).toBe(503);
  expect(text).toContain('Worker "gone" not found');
});

test("answers 503 to fetch and rejects RPC when the other Worker is not there", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    name: "client",
    code: client(`
      const response = await env.NOWHERE.fetch("http://x/");
      const error = await env.NOWHERE.hello().catch((e) => e);
      return Response.json([response.status, await response.text(), error.message]);`),
    spec: { bindings: [service("NOWHERE", "nowhere")] },
  });
  const text = 'Worker "nowhere" not found. Make sure it is running locally.';
  const answer = await worker.fetch("/");
  expect(answer.failure).toBeUndefined();
  expect(JSON.parse(answer.text)).toEqual([503, text, text]);
});

test("uses the only entrypoint class of a Worker without default export, and says so", async () => {
  await using host = new TestHost();
  await host.start({
    name: "b",
    code: `import { WorkerEntrypoint } from "cloudflare:workers";
      export class WorkerB extends WorkerEntrypoint { add(a, b) { return a + b; } }`,
  });
  const worker = await host.start({
    name: "a",
    code: client(`return new Response(String(await env.B.add(1, 2)));`),
    spec: { bindings: [service("B", "b")] },
  });
  expect((await worker.fetch("/")).text).toBe("3");
  const entry = await host.threads.get("b")?.log(({ kind }) => kind === "runtime");
  expect(entry?.text).toContain('production needs "entrypoint": "WorkerB"');
});

test("names what there is when an entrypoint does not exist", async () => {
  await using host = new TestHost();
  const worker = await startPair(
    host,
    `return new Response(await env.COUNTER.add(1, 2).catch((e) => e.message));`,
    "Nope",
  );
  expect((await worker.fetch("/")).text).toBe(
    'Worker "counter" does not export an entrypoint named "Nope". It exports: CounterService, default.',
  );
});

test("asks for a new link after link-stale and reaches the new generation", async () => {
  await using host = new TestHost();
  const worker = await startPair(host, `return new Response(await env.COUNTER.greet("x"));`);
  await worker.fetch("/");
  const old = host.threads.get("counter");
  await host.start({ name: "counter", code: `export default { greet: (n) => "new " + n };` });
  worker.post({ type: "link-stale", service: "counter", notice: 1 });
  expect((await worker.fetch("/")).text).toBe("new x");
  await old?.worker.terminate();
});

test("cancels what was not awaited when the caller's request ends; waitUntil work survives", async () => {
  await using host = new TestHost();
  const slow = await host.start({
    name: "slow",
    code: `let turns = 0;
    export default {
      async run(begun) {
        await begun();
        for (;;) { await scheduler.wait(1); turns += 1; }
      },
      async keep(begun, env, ctx) {
        ctx.waitUntil(scheduler.wait(20).then(() => console.log("kept")));
        await begun();
        await scheduler.wait(600_000);
      },
      async later() {
        const before = turns;
        await scheduler.wait(20);
        return turns - before;
      },
    };`,
  });
  const worker = await host.start({
    name: "client",
    code: client(`
      if (request.url.endsWith("/later")) return new Response(String(await env.SLOW.later("x")));
      await Promise.all(["run", "keep"].map((name) => new Promise((begun) => {
        env.SLOW[name](begun).catch(() => {});
      })));
      return new Response("gone");`),
    spec: { bindings: [service("SLOW", "slow")] },
  });
  expect((await worker.fetch("/")).text).toBe("gone");
  await slow.log(({ text }) => text === "kept");
  // On the same link: the end of the first request is there before this call is.
  expect((await worker.fetch("/later")).text).toBe("0");
});
