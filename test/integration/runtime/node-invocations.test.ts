import { expect, test } from "vitest";
import { TestHost } from "./harness.ts";

/* What Node's modules have to do with requests (spec/node.md 3, 4, 6.4, 6.6). */

const spec = { compatibilityDate: "2026-11-17", compatibilityFlags: [] };

test("process.exit ends its request alone: the next one finds the module's variables", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `let count = 0;
      export default { async fetch(request) {
        count += 1;
        if (!request.url.endsWith("/exit")) return new Response(String(count));
        try { process.exit(3); } catch {}
        return new Response("answered");
      } };`,
    spec,
  });
  const { failure } = await worker.fetch("/exit");
  expect(failure?.stack).toContain(
    "The Node.js process.exit(3) API was called. Canceling the request.",
  );
  expect((await worker.fetch("/")).text).toBe("2");
});

test("process hears of rejections that nobody handles, and never of errors", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `const heard = [];
      process.on("unhandledRejection", (reason, promise) => heard.push([reason.message, promise instanceof Promise]));
      for (const name of ["uncaughtException", "exit", "beforeExit", "SIGTERM"]) process.on(name, () => heard.push(name));
      export default { async fetch(request) {
        if (request.url.endsWith("/heard")) return Response.json(heard);
        Promise.reject(new Error("left alone"));
        setTimeout(() => { throw new Error("thrown"); }, 0);
        await new Promise((resolve) => setTimeout(resolve, 1));
        return new Response();
      } };`,
    spec,
  });
  await worker.fetch("/");
  expect(JSON.parse((await worker.fetch("/heard")).text)).toEqual([["left alone", true]]);
});

test("process.env is the Worker's own: env does not change", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { fetch(request, env) {
        process.env.TEXT = 5;
        return Response.json([process.env.TEXT, process.env.JSON, env]);
      } };`,
    spec: {
      ...spec,
      bindings: [
        { type: "var", name: "TEXT", value: "text" },
        { type: "var", name: "JSON", value: { a: 1 } },
      ],
    },
  });
  const { text } = await worker.fetch("/");
  expect(JSON.parse(text)).toEqual(["5", '{"a":1}', { TEXT: "text", JSON: { a: 1 } }]);
});

test("assert.rejects takes RPC promises, methods and functions", async () => {
  await using host = new TestHost();
  await host.start({
    name: "service",
    code: `import { WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint { fail() { throw new TypeError("told to"); } }`,
    spec,
  });
  const worker = await host.start({
    name: "asserting",
    code: `import assert from "node:assert";
      export default { async fetch(request, { SVC }) {
        await assert.rejects(SVC.fail(), /told to/);
        await assert.rejects(SVC.fail, TypeError);
        await assert.rejects(() => SVC.fail(), { message: "told to" });
        return new Response("all rejected");
      } };`,
    spec: {
      ...spec,
      bindings: [{ type: "service", name: "SVC", target: { service: "service" } }],
    },
  });
  const { text, failure } = await worker.fetch("/");
  expect(failure?.stack).toBeUndefined();
  expect(text).toBe("all rejected");
});

test("functions that are bound in one request cannot be called in another", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
      const store = new AsyncLocalStorage();
      const everywhere = AsyncLocalStorage.bind(() => "everywhere");
      let kept;
      const told = (run) => { try { return run(); } catch (error) { return error.message; } };
      export default { fetch(request) {
        if (request.url.endsWith("/keep")) {
          const bind = () => {
            const resource = new AsyncResource("x");
            return [AsyncLocalStorage.bind(() => 1), AsyncLocalStorage.snapshot(), () => resource.runInAsyncScope(() => 1)];
          };
          kept = store.run("mine", bind);
          return new Response();
        }
        const [bound, snapshot, inScope] = kept;
        return Response.json([told(bound), told(() => snapshot(() => 1)), told(inScope), told(everywhere)]);
      } };`,
    spec,
  });
  await worker.fetch("/keep");
  const foreign =
    "Cannot call this AsyncLocalStorage bound function outside of the request in which it was created.";
  expect(JSON.parse((await worker.fetch("/call")).text)).toEqual([
    foreign,
    foreign,
    foreign,
    "everywhere",
  ]);
});

test("timers of node:timers end with their request", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `import timers from "node:timers";
      import { setTimeout as wait } from "node:timers/promises";
      export default { async fetch(request) {
        if (request.url.endsWith("/wait")) {
          await wait(20);
          return new Response("waited");
        }
        timers.setTimeout(() => console.log("timeout"), 1);
        timers.setInterval(() => console.log("interval"), 1);
        wait(1).then(() => console.log("promise"));
        return new Response();
      } };`,
    spec,
  });
  await worker.fetch("/");
  expect((await worker.fetch("/wait")).text).toBe("waited");
  expect(worker.logs.map(({ text }) => text)).toEqual([]);
});
