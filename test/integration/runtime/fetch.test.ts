import { expect, test } from "vitest";
import { BODY_STREAM, ToFrontDoor, ToWorker } from "../../../src/protocol/http.ts";
import { TestHost } from "./harness.ts";

test("answers a request with a handler object's response", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default {
      async fetch(request, env, ctx) {
        return new Response(request.method + " " + new URL(request.url).pathname + " " + env.GREETING);
      },
    };`,
    spec: { bindings: [{ type: "var", name: "GREETING", value: "hi" }] },
  });
  const answer = await worker.fetch("/hello");
  expect(answer.status).toBe(200);
  expect(answer.text).toBe("GET /hello hi");
  expect(answer.headers).toContain("text/plain");
});

test("makes a new instance of an entrypoint class for each request", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      #count = 0;
      fetch(request) { this.#count++; return Response.json([this.#count, this.env.X, arguments.length, Object.keys(this)]); }
    }`,
    spec: { bindings: [{ type: "var", name: "X", value: { a: 1 } }] },
  });
  await worker.fetch("/");
  const { text } = await worker.fetch("/");
  expect(JSON.parse(text)).toEqual([1, { a: 1 }, 1, ["ctx", "env"]]);
});

test("streams a response and waits for credit", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { fetch() {
      let sent = 0;
      return new Response(new ReadableStream({ pull(c) {
        if (sent === 16) return c.close();
        sent++;
        c.enqueue(new Uint8Array(64 * 1024).fill(97));
      } }));
    } };`,
  });
  const request = worker.open("/");
  request.autoCredit = false;
  await request.message(ToFrontDoor.bodyChunk);
  // Anything else that the thread had to say is said before the answer to a second request.
  await worker.fetch("/").catch(() => {});
  expect(request.messages.filter(([op]) => op === ToFrontDoor.bodyChunk)).toHaveLength(4);
  request.autoCredit = true;
  request.send(ToWorker.responseCredit, 4 * 64 * 1024);
  expect((await request.answer).text).toHaveLength(16 * 64 * 1024);
});

test("reads a streamed request body and gives credit for what was read", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { async fetch(request) { return new Response(await request.text()); } };`,
  });
  const request = worker.open("/", { method: "POST", body: BODY_STREAM });
  request.send(ToWorker.bodyChunk, Buffer.from("hello "));
  request.send(ToWorker.bodyChunk, Buffer.from("world"));
  request.send(ToWorker.bodyEnd);
  expect((await request.answer).text).toBe("hello world");
  expect(request.messages.find(([op]) => op === ToFrontDoor.requestCredit)?.[2]).toBe(6);
});

test("declines a body that the handler never reads", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: `export default { fetch: () => new Response("ok") };` });
  const request = worker.open("/", { method: "POST", body: BODY_STREAM });
  await request.finished;
  expect(request.messages.map(([op]) => op)).toContain(ToFrontDoor.requestCancel);
});

test("reports a throwing handler with its stack, logs it, and serves on", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { async fetch(request) {
      if (request.url.endsWith("/bad")) throw new TypeError("broken");
      return new Response("fine");
    } };`,
  });
  const { failure } = await worker.fetch("/bad");
  expect(failure).toMatchObject({ message: "broken", name: "TypeError" });
  expect(failure?.stack).toContain("/app/worker/index.js:2:");
  expect(failure?.stack).not.toContain("drover:runtime");
  const entry = await worker.log(({ kind }) => kind === "exception");
  expect(entry.text).toContain("TypeError: broken");
  expect((await worker.fetch("/")).text).toBe("fine");
});

test("refuses what is not a Response", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: `export default { fetch: async () => "text" };` });
  const { failure } = await worker.fetch("/");
  expect(failure?.message).toContain("did not resolve to 'Response'");
});

test("says so when there is no fetch handler", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: `export default { scheduled() {} };` });
  const { failure } = await worker.fetch("/");
  expect(failure?.message).toBe("Handler does not export a fetch() function.");
});

const LISTENING = `export default { fetch(request, env, ctx) {
  request.signal.addEventListener("abort", () => {
    console.log("aborted " + request.signal.reason.name);
    ctx.waitUntil(scheduler.wait(1).then(() => console.log("waited")));
  });
  console.log("started");
  return new Promise(() => {});
} };`;

test("aborts request.signal when the client goes, and finishes after waitUntil", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: LISTENING,
    spec: { compatibilityFlags: ["enable_request_signal"] },
  });
  const request = worker.open("/");
  await worker.log(({ text }) => text === "started");
  request.send(ToWorker.abort);
  await request.finished;
  await worker.log(({ text }) => text === "waited");
  expect(worker.logs.map(({ text }) => text)).toEqual(["started", "aborted AbortError", "waited"]);
});

test("says that request.signal does not fire without its flag, and says it once", async () => {
  await using host = new TestHost();
  const worker = await host.start({ code: LISTENING });
  for (const _ of [1, 2]) {
    const request = worker.open("/");
    await worker.log(({ text }) => text === "started");
    request.send(ToWorker.abort);
    await request.finished;
  }
  await worker.log(({ level }) => level === "warn");
  const said = worker.logs.filter(({ text }) => text !== "started");
  expect(said.map(({ level, text }) => [level, text])).toEqual([
    ["warn", expect.stringContaining('"enable_request_signal"')],
  ]);
});

test("a request body cannot be read after the response", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { fetch(request, env, ctx) {
      const { promise, resolve } = Promise.withResolvers();
      ctx.waitUntil(promise.then(() => request.text()).catch((e) => console.log(e.name, e.message)));
      setTimeout(resolve, 1);
      return new Response("early");
    } };`,
  });
  const request = worker.open("/", { method: "POST", body: BODY_STREAM });
  await request.finished;
  const { text } = await worker.log(() => true);
  expect(text).toBe("TypeError Can't read from request stream after response has been sent.");
});

test("finishes a request only after its waitUntil work", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `let release;
    export default { fetch(request, env, ctx) {
      if (request.url.endsWith("/release")) release();
      else ctx.waitUntil(new Promise((resolve) => { release = resolve; }));
      return new Response("early");
    } };`,
  });
  const request = worker.open("/");
  let isFinished = false;
  const finished = request.finished.then(() => {
    isFinished = true;
  });
  expect((await request.answer).text).toBe("early");
  // The messages of both requests come through one port, in order.
  const release = worker.open("/release");
  await release.answer;
  expect(isFinished).toBe(false);
  await finished;
});

test("drains: in-flight requests and waitUntil work end before it says so", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { async fetch(request, env, ctx) {
      ctx.waitUntil(scheduler.wait(20).then(() => console.log("late work")));
      await scheduler.wait(5);
      return new Response("slow");
    } };`,
  });
  const request = worker.open("/");
  const drained = worker.next("drained");
  worker.post({ type: "drain" });
  expect((await request.answer).text).toBe("slow");
  await drained;
  expect(worker.logs.map(({ text }) => text)).toEqual(["late work"]);
});
