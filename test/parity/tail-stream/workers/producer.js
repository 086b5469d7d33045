/** What the handlers do is in the path, the argument, the cron. /seen asks the consumer. */
import { DurableObject, tracing, WorkerEntrypoint } from "cloudflare:workers";
import { channel } from "node:diagnostics_channel";

const diagnostics = channel("things");

const ACTS = {
  nothing() {},
  levels() {
    for (const level of ["log", "info", "warn", "error", "debug", "trace"]) console[level](level);
  },
  values() {
    console.log("a", 1, null, undefined, { a: [1] }, new TypeError("te"));
    console.log(10n, Symbol("s"), new Map());
  },
  channel: () => diagnostics.publish({ a: 1, n: 10n }),
  throws() {
    throw new TypeError("boom");
  },
  string() {
    // biome-ignore lint/style/useThrowOnlyError: what is shown of it is the question
    throw "text";
  },
  task: (ctx) => ctx.waitUntil(Promise.reject(new RangeError("task"))),
  later: (ctx) => ctx.waitUntil(scheduler.wait(20).then(() => console.log("late"))),
  abort: (ctx) => ctx.abort("aborted by itself"),
  hang: () => new Promise(() => {}),
  span: () =>
    tracing.enterSpan("outer", async (span) => {
      span.setAttribute("a", 1);
      span.setAttribute("b", true);
      span.setAttribute("c", "text");
      span.setAttribute("d", undefined);
      const { traceId, spanId, traceFlags } = span.spanContext();
      console.log("in outer", span.isTraced, traceId.length, spanId.length, traceFlags);
      await scheduler.wait(1);
      tracing.enterSpan("inner", () => console.log("in inner"));
      console.log("after inner");
      return 1;
    }),
  async spanThrows() {
    const reject = async () => {
      throw new Error("in span");
    };
    await tracing.enterSpan("bad", reject).catch(() => {});
    try {
      tracing.enterSpan("worse", ACTS.throws);
    } catch {}
  },
  async active() {
    await tracing.startActiveSpan("active", async (span) => {
      span.setAttributes({ x: 1.5, y: [1], z: null });
      span.updateName("renamed");
      span.setStatus({ code: "error", message: "m" });
      console.log("in active");
      tracing.enterSpan("child", () => {});
      span.end();
      span.setAttribute("late", 1);
    });
    const span = tracing.startSpan("started");
    span.setAttribute("k", "v");
    span.recordException(new Error("recorded"));
    tracing.withActiveSpan(span, () => console.log("with"));
    span.end();
    span.end();
    tracing.startSpan("never ended");
  },
  send: (_ctx, env) => env.Q.send("levels"),
  outbound: async (_ctx, _env, arg) => {
    await (await fetch(arg, { method: "POST", body: "abc" })).text();
  },
  refused: () => fetch("http://127.0.0.1:1/").catch(() => {}),
  binding: async (_ctx, env) => {
    const request = { method: "PUT", body: "y" };
    await (await env.NAMED.fetch("http://named/x?token=1", request)).text();
  },
  rpcs: async (_ctx, env) => {
    await env.NAMED.act("nothing");
    await env.NAMED.object().method();
    await env.NAMED.value;
  },
  async kv(_ctx, { KV }) {
    await KV.put("k", "value", { expirationTtl: 3600 });
    await KV.get("k");
    await KV.get("absent", { type: "json", cacheTtl: 60 });
    await KV.put("j", new TextEncoder().encode("[1]"), { metadata: { a: 1 } });
    await KV.getWithMetadata("j", "json");
    await KV.list({ prefix: "k", limit: 5 });
    await KV.list();
    await KV.get(["k", "b"]);
    await KV.getWithMetadata(["k"], "text");
    await KV.delete("k");
  },
  async kvFails(_ctx, { KV }) {
    await KV.put("k", "value", { expirationTtl: 1 }).catch(() => {});
    await KV.put("e", "v", { expiration: 2_000_000_000 });
    await KV.put("s", new Blob(["stream"]).stream());
    await KV.get("j", "stream");
    await KV.get("s", "arrayBuffer");
    await KV.list({ cursor: "AAAA" }).catch(() => {});
    await KV.get(["e", "s"], { type: "json" }).catch(() => {});
    try {
      await KV.get("e", "json");
    } catch {}
    try {
      await KV.get("");
    } catch {}
    try {
      await KV.get("k", { cacheTtl: 1 });
    } catch {}
  },
  async r2(_ctx, { R2 }) {
    const httpMetadata = { contentType: "text/plain", cacheControl: "max-age=9" };
    await R2.put("k", "value", { httpMetadata, customMetadata: { own: "1" } });
    await (await R2.get("k")).text();
    await R2.head("k");
    await R2.list({ prefix: "k", limit: 10, delimiter: "/" });
    await R2.delete("k");
    await R2.get("absent");
    await R2.head("absent");
    await R2.delete(["a", "b"]);
    const upload = await R2.createMultipartUpload("m", { httpMetadata });
    const part = await upload.uploadPart(1, "x");
    await upload.complete([part]);
    const other = await R2.createMultipartUpload("n");
    await other.abort();
  },
  async r2Options(_ctx, { R2 }) {
    await R2.put("o", new Uint8Array(10), {
      onlyIf: { etagMatches: "x" },
      md5: new Uint8Array(16),
    }).catch(() => {});
    await R2.put("o", new Blob(["0123456789"]), { onlyIf: { uploadedBefore: new Date(0) } });
    await R2.put("o", "0123456789", { storageClass: "Standard" });
    await R2.get("o", { range: { offset: 2, length: 3 } });
    await R2.get("o", { range: { suffix: 3 } });
    await R2.get("o", { onlyIf: { etagMatches: "x" } });
    await R2.put("", "x").catch(() => {});
    await R2.list({ include: ["httpMetadata"], startAfter: "a" });
  },
  async d1(_ctx, { DB }) {
    await DB.prepare("SELECT 1 AS one").first();
    await DB.prepare("SELECT ?").bind(5).all();
    await DB.prepare("SELECT 4").raw();
    await DB.batch([DB.prepare("SELECT 1"), DB.prepare("SELECT 2")]);
    await DB.exec("SELECT 3");
    await DB.prepare("SELECT nothing")
      .run()
      .catch(() => {});
    await DB.prepare("SELECT 1 AS one")
      .first("two")
      .catch(() => {});
    await DB.batch([DB.prepare("SELECT nothing")]).catch(() => {});
    await DB.exec("SELECT nothing").catch(() => {});
    const session = DB.withSession("first-primary");
    await session.prepare("SELECT 6").run();
    await session.batch([session.prepare("SELECT 7")]);
  },
  async cache() {
    const cached = new Response("x", { headers: { "cache-control": "max-age=100" } });
    await caches.default.put("http://cache.test/a", cached);
    await (await caches.default.match("http://cache.test/a")).text();
    await caches.default.delete("http://cache.test/a");
    await caches.default.match("http://cache.test/b");
    await caches.default.delete("http://cache.test/b");
    const named = await caches.open("named");
    const request = new Request("http://cache.test/c", {
      headers: { "cache-control": "no-cache" },
    });
    await named.put(request, new Response("none", { status: 404 }));
    await named.match(request, { ignoreMethod: true });
    await named
      .put("http://cache.test/d", new Response("x", { headers: { "set-cookie": "a" } }))
      .catch(() => {});
    await named
      .put(new Request("http://cache.test/e", { method: "POST" }), new Response("x"))
      .catch(() => {});
    await named.match(new Request("http://cache.test/e", { method: "POST" }));
  },
  async storage({ storage }) {
    await storage.put("k", 1);
    await storage.get("k");
    await storage.get(["k", "l"]);
    await storage.put({ a: 1, b: 2 });
    await storage.list({ prefix: "k", limit: 2 });
    await storage.delete("k");
    await storage.delete(["a", "b"]);
    await storage.transaction(async (txn) => {
      await txn.put("t", 1);
      await txn.get("t");
      txn.rollback();
    });
    await storage
      .transaction(async () => {
        throw new Error("no");
      })
      .catch(() => {});
    storage.transactionSync(() => storage.kv.put("sync", 1));
    await storage.setAlarm(Date.now() + 3_600_000);
    await storage.getAlarm();
    await storage.deleteAlarm();
    await storage.getAlarm();
    await storage.sync();
    await storage.put("k", () => {}).catch(() => {});
    await storage.deleteAll();
  },
  async sql({ storage }) {
    storage.sql.exec("CREATE TABLE IF NOT EXISTS t (a)");
    storage.sql.exec("INSERT INTO t VALUES (?)", 5);
    storage.sql.exec("SELECT * FROM t").toArray();
    storage.sql.exec("INSERT INTO t VALUES (6), (7); SELECT * FROM t").toArray();
    try {
      storage.sql.exec("SELECT nothing");
    } catch {}
    void storage.sql.databaseSize;
    storage.kv.put("k", 1);
    storage.kv.get("k");
    storage.kv.get("absent");
    storage.kv.delete("k");
    storage.kv.delete("absent");
    storage.kv.put("l", 1);
    [...storage.kv.list()];
    [...storage.kv.list({ prefix: "l", limit: 3, start: "a", end: "z", reverse: true })];
    await storage.deleteAll();
  },
  async timers() {
    setTimeout(() => console.log("timer"), 1);
    await scheduler.wait(5);
  },
};

async function act(name, ctx, env, arg) {
  return await ACTS[name]?.(ctx, env, arg);
}

export class Named extends WorkerEntrypoint {
  async act(name) {
    await act(name, this.ctx, this.env);
    return "done";
  }
  object() {
    return { method: () => "m" };
  }
  get value() {
    return 5;
  }
  fetch() {
    return new Response("named", { status: 201 });
  }
}

export class Thing extends DurableObject {
  async act(name, arg) {
    if (name === "alarm") {
      this.what = arg;
      await this.ctx.storage.setAlarm(Date.now() + 20);
      return "set";
    }
    await act(name, this.ctx, this.env, arg);
    return "done";
  }
  alarm() {
    console.log("alarm", this.what);
    // So that it is not run again.
    if (this.what === "throws") this.ctx.storage.deleteAlarm();
    if (this.what === "throws") throw new TypeError("alarm boom");
  }
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ws") {
      const pair = new WebSocketPair();
      this.ctx.acceptWebSocket(pair[0]);
      return new Response(null, { status: 101, webSocket: pair[1] });
    }
    await act(searchParams.get("what"), this.ctx, this.env);
    return new Response("thing", { status: 203 });
  }
  webSocketMessage(socket, message) {
    console.log("message", message);
    socket.send("heard");
    if (message === "throws") throw new TypeError("ws boom");
  }
  webSocketClose(socket, code, reason, wasClean) {
    console.log("close", code, reason, wasClean);
    socket.close(code, reason);
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/seen") return env.CONSUMER.fetch(request);
    const name = pathname.slice(1);
    const [what, arg] = [searchParams.get("what"), searchParams.get("arg")];
    const thing = () => env.THING.getByName(searchParams.get("id") ?? "one");
    if (name === "rpc") return new Response(await env.NAMED.act(what).catch(String));
    if (name === "do-rpc") {
      return new Response(await thing().act(what, arg).catch(String));
    }
    if (name === "do-fetch") {
      const failed = (error) => new Response(String(error), { status: 599 });
      return thing().fetch(`http://thing/x?what=${what}`).catch(failed);
    }
    if (name === "do-ws") return thing().fetch(new Request("http://thing/ws", request));
    await act(name, ctx, env, arg);
    return new Response(name, { status: name === "status" ? 418 : 200 });
  },
  scheduled: (controller, env, ctx) => act(controller.cron, ctx, env),
  queue: (batch, env, ctx) => act(batch.messages[0].body, ctx, env),
};
