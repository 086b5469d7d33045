/* `node:async_hooks`, `node:diagnostics_channel` and the context of callbacks (spec/node.md 6.6). */

import { handleAsNodeRequest } from "cloudflare:node";
import async_hooks, { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import crypto from "node:crypto";
import diagnostics_channel from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { Readable } from "node:stream";
import timers from "node:timers";
import zlib from "node:zlib";
import { thrown } from "../shown.js";

const store = new AsyncLocalStorage();
const seen = (start) =>
  store.run("mine", () => new Promise((resolve) => start(() => resolve(store.getStore()))));

export const cases = {
  "a store": async () => {
    const named = new AsyncLocalStorage({ name: "n", defaultValue: 5 });
    return [
      named.name,
      named.getStore(),
      named.run(6, () => named.getStore()),
      named.run(6, () => named.exit(() => named.getStore())),
      store.run(1, (...args) => args, 2, 3),
      store.run(1, function () {
        return this === globalThis;
      }),
      await thrown(() => store.enterWith(1)),
      await thrown(() => store.disable()),
      await thrown(() => store.run(1)),
      await thrown(() => store.exit(5)),
      await thrown(() => AsyncLocalStorage.bind(5)),
      await thrown(() =>
        store.run(1, () => {
          throw new Error("x");
        }),
      ),
      Object.getOwnPropertyNames(AsyncLocalStorage).sort(),
      Object.getOwnPropertyNames(AsyncLocalStorage.prototype).sort(),
    ];
  },
  "bound functions": () => {
    const bound = store.run(1, () =>
      AsyncLocalStorage.bind(function (...args) {
        return [store.getStore(), this?.me ?? this === undefined, args];
      }),
    );
    const snapshot = store.run(2, () => AsyncLocalStorage.snapshot());
    return [
      bound.call({ me: "it" }, 1),
      bound(2),
      snapshot((...args) => [store.getStore(), args], 1, 2),
    ];
  },
  resources: async () => {
    const resource = store.run(3, () => new AsyncResource("KIND"));
    const own = store.run(4, () => new AsyncResource());
    const bound = resource.bind(() => store.getStore());
    return [
      resource.runInAsyncScope(() => store.getStore()),
      resource.runInAsyncScope((...args) => args, null, 1, 2),
      resource.runInAsyncScope(function () {
        return this === globalThis;
      }),
      own.asyncId(),
      own.triggerAsyncId(),
      own.emitDestroy(),
      bound(),
      bound.asyncResource === resource,
      AsyncResource.bind(() => store.getStore())(),
      await thrown(() => new AsyncResource("x", { triggerAsyncId: 1 })),
      await thrown(() => new AsyncResource("x", 5)),
    ];
  },
  "no hooks": () => {
    const hook = async_hooks.createHook({ init() {} });
    return [
      hook.constructor.name,
      hook.enable() === hook,
      hook.disable() === hook,
      async_hooks.executionAsyncId(),
      async_hooks.triggerAsyncId(),
      Object.getPrototypeOf(async_hooks.executionAsyncResource()),
      Object.keys(async_hooks.executionAsyncResource()),
      new Set([1, 2].map(() => async_hooks.executionAsyncResource())).size,
      Object.keys(async_hooks.asyncWrapProviders).length,
      [...new Set(Object.values(async_hooks.asyncWrapProviders))],
    ];
  },
  "the store in callbacks": async () => ({
    fs: await seen((done) => fs.readFile("/bundle/note.txt", done)),
    fsPromise: await store.run("mine", async () => {
      await fs.promises.stat("/tmp");
      return store.getStore();
    }),
    zlib: await seen((done) => zlib.gzip("x", done)),
    crypto: await seen((done) => crypto.pbkdf2("a", "b", 1, 8, "sha256", done)),
    random: await seen((done) => crypto.randomBytes(1, done)),
    timeout: await seen((done) => setTimeout(done, 1)),
    nodeTimeout: await seen((done) => timers.setTimeout(done, 1)),
    immediate: await seen((done) => setImmediate(done)),
    tick: await seen((done) => process.nextTick(done)),
    microtask: await seen((done) => queueMicrotask(done)),
    promise: await seen((done) => Promise.resolve().then(done)),
    stream: await seen((done) => Readable.from(["a"]).on("data", done)),
    port: await seen((done) => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => {
        done();
        port2.close();
      };
      port1.postMessage(1);
    }),
    subtle: await store.run("mine", async () => {
      await crypto.subtle.digest("SHA-256", Buffer.from("x"));
      return store.getStore();
    }),
    server: await store.run("mine", async () => {
      const server = http.createServer((_request, response) => response.end(store.getStore()));
      server.listen(4890);
      const response = await handleAsNodeRequest(4890, new Request("http://a.test/"));
      server.close();
      return await response.text();
    }),
  }),
  "the store in listeners": () => {
    const emitter = new EventEmitter();
    const target = new EventTarget();
    const controller = new AbortController();
    const found = [];
    store.run("listener's", () => {
      emitter.on("x", () => found.push(store.getStore()));
      target.addEventListener("x", () => found.push(store.getStore()));
      controller.signal.addEventListener("abort", () => found.push(store.getStore()));
    });
    store.run("emitter's", () => {
      emitter.emit("x");
      target.dispatchEvent(new Event("x"));
      controller.abort();
    });
    return found;
  },
  channels: async () => {
    const { channel, subscribe, unsubscribe, hasSubscribers, Channel } = diagnostics_channel;
    const found = [];
    const listener = (message, name) => found.push([message, String(name)]);
    const one = channel("one");
    found.push(one === channel("one"), one.name, one.hasSubscribers, hasSubscribers("one"));
    subscribe("one", listener);
    found.push(one.hasSubscribers, hasSubscribers("one"));
    one.publish({ a: 1 });
    found.push(unsubscribe("one", listener), one.hasSubscribers);
    found.push(one.unsubscribe(listener));
    found.push(channel(Symbol("s")).name, channel(5).name);
    found.push(await thrown(() => new Channel("x")), one instanceof Channel);
    found.push(await thrown(() => one.subscribe(5)));
    const failing = channel("failing");
    failing.subscribe(() => {
      throw new Error("subscriber");
    });
    found.push(await thrown(() => failing.publish(1)));
    return found;
  },
  "stores of a channel": () => {
    const channel = diagnostics_channel.channel("stores");
    channel.bindStore(store, (data) => data.id);
    const found = [
      channel.runStores({ id: 7 }, (...args) => [store.getStore(), args], null, 1),
      channel.hasSubscribers,
      channel.unbindStore(store),
      channel.unbindStore(store),
      channel.runStores({ id: 8 }, () => store.getStore()),
    ];
    return found;
  },
  tracing: async () => {
    const tracing = diagnostics_channel.tracingChannel("t");
    const heard = [];
    const note = (name) => (message) =>
      heard.push([name, { ...message, error: message.error?.message }]);
    tracing.subscribe({
      start: note("start"),
      end: note("end"),
      asyncStart: note("asyncStart"),
      asyncEnd: note("asyncEnd"),
      error: note("error"),
    });
    heard.push(tracing.traceSync((a) => a + 1, { id: 1 }, null, 1));
    heard.push(
      await thrown(() =>
        tracing.traceSync(
          () => {
            throw new Error("sync");
          },
          { id: 2 },
        ),
      ),
    );
    heard.push(await tracing.tracePromise(async (a) => a, { id: 3 }, null, "p"));
    heard.push(
      await thrown(() =>
        tracing.tracePromise(
          async () => {
            throw new Error("async");
          },
          { id: 4 },
        ),
      ),
    );
    heard.push(
      await new Promise((resolve) =>
        tracing.traceCallback(
          (done) => done(null, "c"),
          0,
          { id: 5 },
          null,
          (...args) => resolve(args),
        ),
      ),
    );
    heard.push(
      [tracing.start, tracing.end, tracing.asyncStart, tracing.asyncEnd, tracing.error].map(
        (channel) => channel.name,
      ),
      tracing.hasSubscribers,
    );
    return heard;
  },
};
