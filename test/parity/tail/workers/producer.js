/** What the handlers do is in the path, the argument, the cron. /seen asks the consumer. */

import { WorkerEntrypoint } from "cloudflare:workers";
import { channel } from "node:diagnostics_channel";

const diagnostics = channel("things");

const LOGS = {
  levels() {
    for (const level of ["log", "info", "warn", "error", "debug", "trace"]) console[level](level);
  },
  values() {
    console.log("a", 1, true, null, undefined, { a: { b: [1] } }, [1, "x"]);
    console.log(() => 1, Symbol("s"), 10n, [10n], new Map([[1, 2]]), new Set(), new Date(0));
    console.log(new TypeError("te"), { e: new Error("x") }, Number.NaN, new Uint8Array(2));
    console.log();
    console.log("%s is %d", "x", 5);
    class Thing {
      a = 1;
    }
    console.log(new Thing(), { toJSON: () => "own" }, Object.create(null));
    const loop = {};
    loop.self = loop;
    console.log(loop);
  },
  others() {
    console.table([{ a: 1 }]);
    console.group("g");
    console.log("in");
    console.groupEnd();
    console.dir({ a: 1 });
    console.assert(false, "no");
    console.count("c");
  },
  channel() {
    diagnostics.publish({ a: 1, m: new Map([[1, 2]]) });
  },
  throws() {
    throw new TypeError("boom");
  },
  string() {
    // biome-ignore lint/style/useThrowOnlyError: what is shown of it is the question
    throw "text";
  },
  object() {
    // biome-ignore lint/style/useThrowOnlyError: the same
    throw { a: 1 };
  },
  cause() {
    throw new Error("outer", { cause: new Error("inner") });
  },
  nothing() {},
};

async function act(name, ctx) {
  if (name === "task") ctx.waitUntil(Promise.reject(new RangeError("task")));
  else if (name === "later") ctx.waitUntil(scheduler.wait(20).then(() => console.log("late")));
  else if (name === "stray") void Promise.reject(new Error("stray"));
  else LOGS[name]?.();
}

export class Named extends WorkerEntrypoint {
  async act(name) {
    await act(name, this.ctx);
    return "done";
  }
  fetch() {
    return new Response("named", { status: 201 });
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/seen") return env.CONSUMER.fetch(request);
    const name = pathname.slice(1);
    if (name === "rpc") {
      return new Response(await env.NAMED.act(searchParams.get("act")).catch(String));
    }
    if (name === "binding") return env.NAMED.fetch("http://named/x?token=1");
    if (name === "self") return env.SELF.fetch("http://self/nothing");
    if (name === "queue") {
      await env.Q.send(searchParams.get("act"));
      return new Response();
    }
    await act(name, ctx);
    if (name === "not-a-response") return 5;
    return new Response(name, { status: name === "status" ? 418 : 200 });
  },
  scheduled: (controller, _env, ctx) => act(controller.cron, ctx),
  queue: (batch, _env, ctx) => act(batch.messages[0].body, ctx),
};
