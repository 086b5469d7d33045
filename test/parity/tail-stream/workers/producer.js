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
