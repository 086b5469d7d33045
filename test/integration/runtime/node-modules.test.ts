import { expect, test } from "vitest";
import { TestHost } from "./harness.ts";

/** Runs `body`, of an async function in a handler, and gives what it returns. */
async function evaluate(body: string): Promise<{ value: unknown; logs: readonly string[] }> {
  await using host = new TestHost();
  const worker = await host.start({
    code: `const text = async (fn) => { try { await fn(); return "nothing"; } catch (error) { return error.message; } };
      export default { async fetch(request, env, ctx) { return Response.json(await (async () => { ${body} })()); } };`,
    spec: { compatibilityDate: "2026-11-17", compatibilityFlags: [] },
  });
  const answer = await worker.fetch("/");
  if (answer.failure !== undefined) throw new Error(answer.failure.stack);
  return { value: JSON.parse(answer.text), logs: worker.logs.map((entry) => entry.text) };
}

test("assert is strict, takes thenables that are functions, and reads no file", async () => {
  const { value } = await evaluate(`
    const assert = (await import("node:assert")).default;
    const thenable = Object.assign(() => {}, { then: (_ok, fail) => fail(new Error("no")) });
    return [
      await text(() => assert.equal(1, "1")).then((message) => message.split("\\n")[0]),
      await text(() => assert.ok(0)),
      await text(() => assert.match("abc", /x/)),
      await text(() => assert.rejects(() => thenable)),
      await text(() => assert.rejects(Promise.resolve())),
      await text(() => assert.equal(1, 2, new TypeError("mine"))),
    ];`);
  expect(value).toEqual([
    "Values are not strictly equal:",
    "0 == true",
    'actual: "abc" expected to match: "/x/"',
    "nothing",
    "Missing expected rejection.",
    "TypeError: mine",
  ]);
});

test("Buffers have memory of their own, and paths begin at the root", async () => {
  const { value } = await evaluate(`
    const { resolve } = await import("node:path");
    const { pathToFileURL } = await import("node:url");
    const big = Buffer.allocUnsafe(1e6);
    return [Buffer.from("abc").buffer.byteLength, big.every((byte) => byte === 0), resolve("x"), pathToFileURL("x").href];`);
  expect(value).toEqual([3, true, "/x", "file:///x"]);
});

test("what a module does not have can be extended, and refuses with production's text", async () => {
  const { value } = await evaluate(`
    const { exec, ChildProcess } = await import("node:child_process");
    const { Worker, workerData } = await import("node:worker_threads");
    const { Socket } = await import("node:net");
    const { IncomingMessage, validateHeaderName, METHODS } = await import("node:http");
    const { Agent } = await import("node:https");
    const v8 = await import("node:v8");
    const vm = await import("node:vm");
    class Mine extends ChildProcess {}
    class Wire extends Socket {}
    return [
      await text(() => exec("ls")), await text(() => exec(5)), await text(() => new Worker("x")),
      await text(() => v8.serialize(1)), await text(() => vm.runInThisContext("1")), await text(() => new Mine()),
      workerData, typeof Object.create(IncomingMessage.prototype), Wire.name, new Agent({ keepAlive: true }).keepAlive,
      await text(() => validateHeaderName("a b")), METHODS.length,
    ];`);
  expect(value).toEqual([
    "The child_process.exec method is not implemented",
    'The "command" argument must be of type string. Received type number (5)',
    "The Worker method is not implemented",
    "The serialize method is not implemented",
    "The runInThisContext method is not implemented",
    "The child_process.ChildProcess method is not implemented",
    null,
    "object",
    "Wire",
    true,
    'Header name must be a valid HTTP token ["a b"]',
    35,
  ]);
});

test("stores follow asynchronous code; hooks see nothing", async () => {
  const { value } = await evaluate(`
    const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = await import("node:async_hooks");
    const store = new AsyncLocalStorage();
    const seen = [];
    createHook({ init: (...args) => seen.push(args) }).enable();
    const inside = await store.run(7, async () => {
      await scheduler.wait(1);
      return store.getStore();
    });
    const bound = store.run(8, () => AsyncLocalStorage.bind(() => store.getStore()));
    const resource = store.run(9, () => new AsyncResource("x"));
    return [inside, bound(), resource.runInAsyncScope(() => store.getStore()), store.exit(() => store.getStore()) ?? null,
      seen.length, executionAsyncId(), await text(() => store.enterWith(1)), await text(() => store.run(1, 2))];`);
  expect(value).toEqual([
    7,
    8,
    9,
    null,
    0,
    0,
    "asyncLocalStorage.enterWith() is not implemented",
    "Failed to execute 'run' on 'AsyncLocalStorage': parameter 2 is not of type 'function'.",
  ]);
});

test("channels carry the Worker's messages and no others", async () => {
  const { value } = await evaluate(`
    const { channel, subscribe, tracingChannel } = await import("node:diagnostics_channel");
    const seen = [];
    for (const name of ["undici:client:connected", "net.client.socket", "mine"]) subscribe(name, (message) => seen.push(message));
    await fetch("http://127.0.0.1:1/").catch(() => {});
    channel("mine").publish("hello");
    const traced = [];
    const tracing = tracingChannel("t");
    tracing.subscribe({ start: () => traced.push("start"), end: () => traced.push("end"), asyncEnd: ({ result }) => traced.push(result) });
    await tracing.tracePromise(async () => "done");
    return [seen, channel("mine").hasSubscribers, traced];`);
  expect(value).toEqual([["hello"], true, ["start", "end", "done"]]);
});

test("process is production's: lines of stdout are joined, ticks are microtasks", async () => {
  const { value, logs } = await evaluate(`
    process.stdout.write("a");
    process.stdout.write("b\\n");
    const order = [];
    const done = Promise.resolve().then(() => order.push("then"));
    process.nextTick(() => order.push("tick"));
    await done;
    await null;
    return [order, process.cwd(), process.execPath, process.pid, typeof process.on, String(process), await text(() => process.binding("fs"))];`);
  expect(value).toEqual([
    ["then", "tick"],
    "/bundle",
    "",
    1,
    "function",
    "[object process]",
    "The process.binding method is not implemented",
  ]);
  expect(logs).toContain("stdout: ab");
});
