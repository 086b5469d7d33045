/* The hostile Worker: see hostile.test.ts. `MODULES` and `PATTERN` are
 * put in front by the test. */

import { connect } from "cloudflare:sockets";
import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { patchAll } from "./patch.js";
import { report, Walk } from "./walk.js";

const outside = [];
const keep = (label, value) => outside.push([label, value]);

export class Friend extends WorkerEntrypoint {
  fail() {
    throw new TypeError("told to");
  }
  give() {
    return {
      map: new Map([[1, new Date(0)]]),
      target: new Target(),
      stream: new Response("s").body,
    };
  }
}
/** Keeps what a Durable Object is given and gets from its storage. */
export class Counter extends DurableObject {
  async count() {
    const { storage } = this.ctx;
    const cursor = storage.sql.exec("SELECT 1 AS one, 'two' AS two");
    keep("object", [this, this.ctx, this.ctx.id, storage, storage.sql, storage.kv]);
    keep("object rows", [cursor, cursor.toArray(), storage.sql.exec("SELECT 1").raw()]);
    const promises = [
      storage.put("key", new Map([[1, new Date(0)]])),
      storage.get("key"),
      storage.list(),
      storage.setAlarm(Date.now() + 3_600_000),
      storage.transaction(async (transaction) => keep("object transaction", transaction)),
      this.ctx.blockConcurrencyWhile(async () => "blocked"),
    ];
    keep("object storage", [...promises, ...(await Promise.all(promises))]);
    try {
      storage.sql.exec("SELECT * FROM nothing");
    } catch (error) {
      keep("object error", error);
    }
    return { count: 1, target: new Target() };
  }
}
class Target extends RpcTarget {
  hello() {
    return "hello";
  }
}

/** Uses the platform in every way that is there; what it hands out or calls back with is kept. */
async function use(request, env, ctx, origin) {
  const tries = {
    request: () => request,
    env: () => env,
    ctx: () => ctx,
    "import.meta": () => import.meta,
    props: () => ctx.props,
    exports: () => ctx.exports,
    answer: async () => {
      const response = await fetch(`${origin}/text`);
      const text = await response.clone().text();
      return [response, text, response.body];
    },
    zipped: async () => (await fetch(`${origin}/gzip`)).text(),
    posted: async () =>
      (await fetch(`${origin}/text`, { method: "POST", body: new Response("stream").body })).text(),
    refused: () => fetch("http://127.0.0.1:1/"),
    aborted: () => fetch(`${origin}/hang`, { signal: AbortSignal.timeout(5) }),
    webSocket: () => socketEvents(`${origin.replace("http", "ws")}/ws`),
    tcp: () => tcpExchange(new URL(origin)),
    tcpRefused: () => connect("127.0.0.1:1").opened,
    pair: () => pairEvents(),
    binding: async () => {
      const response = await env.FRIEND.fetch("http://friend/");
      return [response, await response.text()];
    },
    rpc: async () => {
      const given = await env.FRIEND.give();
      return [given, await given.target.hello(), await new Response(given.stream).text()];
    },
    durableObject: async () => {
      const stub = env.COUNTER.getByName("a");
      const given = await stub.count();
      return [env.COUNTER, stub, stub.id, given, await given.target.hello()];
    },
    rpcError: () => env.FRIEND.fail(),
    self: () => ctx.exports?.Friend?.give(),
    timer: () => new Promise((resolve) => resolve([setTimeout(() => {}, 1), setInterval])),
    form: () =>
      new Response("a=1", {
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }).formData(),
    multipart: async () => {
      const form = new FormData();
      form.set("a", new File(["x"], "x.txt"));
      return new Response(form).formData();
    },
    streams: async () => {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      writer.write("a").catch(() => {});
      const reader = readable.getReader();
      return [reader, writer, await reader.read(), readable.tee?.length];
    },
    compressed: () =>
      new Response(new Response("text").body.pipeThrough(new CompressionStream("gzip"))).bytes(),
    digest: () => crypto.subtle.digest("SHA-256", new Uint8Array(3)),
    key: () => crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]),
    uuid: () => crypto.randomUUID(),
    clone: () => structuredClone(new Map([[{ a: 1 }, new Error("e")]])),
    cloneFails: () => structuredClone(() => {}),
    channel: () => channelEvents(),
    rejection: () => rejectionEvents(),
    listener: () =>
      new Promise((resolve) => {
        addEventListener("error", resolve, { once: true });
        reportError(new Error("reported"));
      }),
    console: () => console.log("%o %s", { a: [1, new Map()] }, "x", Promise.resolve(1), env, ctx),
    trace: () => console.trace("here"),
    abortSignal: () => AbortSignal.any([AbortSignal.abort(), new AbortController().signal]).reason,
    url: () => [
      new URL("http://a/b?c=d").searchParams,
      new URLPattern({ pathname: "/:a" }).exec("http://a/b"),
    ],
    cache: () => caches.default.match("http://a/"),
    wait: () => scheduler.wait(1),
    performance: () => [performance.mark?.("m"), performance.nodeTiming, performance.toJSON?.()],
    callSites: () => callSites(),
    stack: () => new Error("stack").stack,
    asyncStack: () => failing().catch((error) => error.stack),
    promise: () => Promise.resolve(1),
    waitUntil: () => ctx.waitUntil(Promise.resolve()),
    text: () => new TextDecoder("utf-16le").decode(new TextEncoder().encode("ab")),
    illegal: () => new WorkerEntrypoint(),
    durable: () => DurableObject,
    nodeStreams: () => nodeStreams(),
    emitters: () => emitters(),
    hooks: () => hooks(),
    process: () => [process.stdout, process.memoryUsage(), process.emit("x")],
    required: async () => (await import("node:module")).createRequire("/bundle/x")("node:path"),
    eval: () => Function("return this")(),
    importFile: () => import("file:///etc/passwd"),
    importNode: () => import("node:sea"),
  };
  for (const name of Object.keys(tries)) {
    try {
      const made = tries[name]();
      keep(`${name} promise`, made);
      keep(name, await limited(made));
    } catch (error) {
      keep(`${name} error`, error);
    }
  }
}

async function limited(promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("late")), 2000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function failing() {
  await null;
  throw new Error("async");
}

function callSites() {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = (_error, sites) => sites;
  try {
    const sites = new Error("sites").stack;
    return sites.map((site) => {
      const values = [];
      for (const key of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) {
        try {
          values.push([key, site[key]()]);
        } catch {}
      }
      return values;
    });
  } finally {
    if (before === undefined) delete Error.prepareStackTrace;
    else Object.defineProperty(Error, "prepareStackTrace", before);
  }
}

/** Everything that a socket hands out. */
async function tcpExchange({ host }) {
  const socket = connect(host);
  const writer = socket.writable.getWriter();
  await writer.write("GET /text HTTP/1.0\r\n\r\n");
  const reader = socket.readable.getReader();
  const first = await reader.read();
  const kept = [socket, await socket.opened, writer, reader, first, socket.closed];
  await socket.close();
  return kept;
}

function socketEvents(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const events = [socket];
    for (const type of ["open", "message", "error", "close"]) {
      socket.addEventListener(type, (event) => {
        events.push(event);
        if (type === "open") socket.send("hello");
        if (type === "message") socket.close(1000, "done");
        if (type === "close" || type === "error") resolve(events);
      });
    }
  });
}

async function pairEvents() {
  const [a, b] = Object.values(new WebSocketPair());
  const events = [a, b];
  b.accept();
  a.accept();
  const closed = new Promise((resolve) => b.addEventListener("close", resolve));
  b.addEventListener("message", (event) => events.push(event));
  a.send("x");
  a.close(1000);
  events.push(await closed);
  return events;
}

async function channelEvents() {
  if (typeof MessageChannel === "undefined") return [];
  const { port1, port2 } = new MessageChannel();
  const got = new Promise((resolve) => {
    port2.onmessage = resolve;
  });
  port1.postMessage({ a: 1 });
  return [port1, port2, await got];
}

function rejectionEvents() {
  return new Promise((resolve) => {
    addEventListener("unhandledrejection", resolve, { once: true });
    void Promise.reject(new Error("nobody"));
  });
}

async function nodeStreams() {
  const { Readable, Transform } = await import("node:stream");
  const zlib = await import("node:zlib");
  const { createHash } = await import("node:crypto");
  const gzip = zlib.createGzip();
  gzip.end("text");
  const chunks = [];
  for await (const chunk of gzip) chunks.push(chunk);
  return [
    gzip,
    chunks,
    Readable.from(["a"]),
    new Transform(),
    createHash("sha256"),
    zlib.gzipSync("x"),
  ];
}

async function emitters() {
  const { EventEmitter, EventEmitterAsyncResource, once } = await import("node:events");
  const emitter = new EventEmitter();
  const next = once(emitter, "x");
  emitter.emit("x", 1);
  return [emitter, await next, new EventEmitterAsyncResource({ name: "x" })];
}

async function hooks() {
  const async = await import("node:async_hooks");
  const { channel, subscribe } = await import("node:diagnostics_channel");
  const seen = [];
  const hear = (message) => seen.push(message);
  const names = [
    "undici:client:connected",
    "undici:request:create",
    "undici:client:sendHeaders",
    "net.client.socket",
    "net.server.socket",
    "http.client.request.start",
    "tracing:net.server.listen:asyncStart",
    "worker_threads",
    "module.require.start",
  ];
  for (const name of names) subscribe(name, hear);
  const hook = async.createHook({
    init: (...args) => seen.push(args),
    before: hear,
    promiseResolve: hear,
  });
  hook.enable();
  const als = new async.AsyncLocalStorage();
  als._propagate = (...args) => seen.push(args);
  als._enable = (...args) => seen.push(args);
  const resource = new async.AsyncResource("x");
  const inside = await als.run({ store: 1 }, async () => {
    const current = async.executionAsyncResource();
    await fetch(`${outsideOrigin}/text`);
    return [current, async.executionAsyncResource(), als.getStore()];
  });
  return [seen, hook, als, resource, inside, channel("x"), async.AsyncLocalStorage.snapshot()];
}

let outsideOrigin = "";

async function modules() {
  for (const name of MODULES) {
    try {
      keep(name, await import(name));
    } catch (error) {
      keep(`${name} error`, error);
    }
  }
}

function look() {
  const walk = new Walk();
  walk.add(globalThis, "globalThis");
  for (const [label, value] of outside) walk.add(value, label);
  walk.run();
  return walk;
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    outsideOrigin = url.searchParams.get("origin");
    await modules();
    const stringify = JSON.stringify;
    const respond = Response;
    if (url.pathname === "/walk") {
      await use(request, env, ctx, outsideOrigin);
      return Response.json(report(look(), PATTERN));
    }
    await use(request, env, ctx, outsideOrigin);
    const before = look();
    const patched = patchAll(before);
    outside.length = 0;
    patched.on(true);
    try {
      await use(request, env, ctx, outsideOrigin);
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      patched.on(false);
    }
    const walk = new Walk();
    for (let i = 0; i < patched.caught.length; i += 1)
      walk.add(patched.caught[i][1], patched.caught[i][0]);
    for (let i = 0; i < outside.length; i += 1) walk.add(outside[i][1], outside[i][0]);
    walk.run();
    const found = report(walk, PATTERN);
    return new respond(
      stringify({ ...found, patched: patched.count, caught: patched.caught.length }),
    );
  },
};
