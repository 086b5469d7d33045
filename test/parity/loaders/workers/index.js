/** Asks the loader binding what it does: `/?p=<name>` plays one probe, `/` lists them. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { CALLBACKS } from "./callbacks.js";
import { CODE } from "./code.js";
import { ENV } from "./env.js";
import { EVENTS } from "./events.js";
import { MODULES } from "./modules.js";
import { OUTBOUND } from "./outbound.js";
import { SHAPE } from "./shape.js";
import { STARTS } from "./starts.js";
import { noted } from "./tools.js";

const PROBES = {
  ...SHAPE,
  ...CODE,
  ...MODULES,
  ...STARTS,
  ...ENV,
  ...OUTBOUND,
  ...CALLBACKS,
  ...EVENTS,
};

export class Other extends WorkerEntrypoint {
  hi() {
    return `hi ${JSON.stringify(this.ctx.props)}`;
  }
}
export class Named extends WorkerEntrypoint {
  async hi(x) {
    return `named ${x}`;
  }
  fetch(r) {
    return new Response(`named got ${r.method} ${r.url} ${JSON.stringify([...r.headers])}`);
  }
  connect(_s) {}
}
export class Cap extends WorkerEntrypoint {
  async say(x) {
    return `${this.ctx.props.greeting} ${x}`;
  }
  fetch(r) {
    return new Response(`cap ${r.url} ${JSON.stringify(this.ctx.props)}`);
  }
}
export class Note extends WorkerEntrypoint {
  hi(x) {
    noted.push(x);
  }
}
export class Tail extends WorkerEntrypoint {
  tail(events) {
    noted.push({ props: this.ctx.props, events: JSON.parse(JSON.stringify(events)) });
  }
}
export class Redir extends WorkerEntrypoint {
  fetch(r) {
    return r.url.endsWith("redir")
      ? Response.redirect("http://example.com/there", 302)
      : new Response(`there ${r.url}`);
  }
}
export class Thrower extends WorkerEntrypoint {
  fetch() {
    throw new RangeError("outbound boom");
  }
}
export class Sock extends WorkerEntrypoint {
  fetch() {
    const p = new WebSocketPair();
    p[1].accept();
    p[1].send("hi");
    return new Response(null, { status: 101, webSocket: p[0] });
  }
}
export class Tcp extends WorkerEntrypoint {
  async connect(s) {
    const o = await s.opened;
    const t = await new Response(s.readable).text();
    const w = s.writable.getWriter();
    await w.write(new TextEncoder().encode(JSON.stringify(o) + t));
    await w.close();
  }
}
export class Events extends WorkerEntrypoint {
  fetch() {
    return new Response("data: evt\n\n", { headers: { "content-type": "text/event-stream" } });
  }
}
export class Taker extends WorkerEntrypoint {
  async take(t) {
    return await t.v();
  }
}

/** What is no plain data, by the name of its class. */
function shown(value) {
  if (value === undefined) return "undefined";
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const isPlain = isObject && Object.getPrototypeOf(value) === Object.prototype;
  return typeof value === "function" || (isObject && !isPlain)
    ? `[${value.constructor?.name}]`
    : value;
}

function describe(error) {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const { name, message, remote, extra } = error;
  return { name, class: error.constructor.name, message, remote, extra };
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/plain") return new Response("plain");
    if (url.pathname === "/cfworker") return new Response(request.headers.get("cf-worker"));
    const name = url.searchParams.get("p");
    if (name === null) return Response.json(Object.keys(PROBES));
    let result;
    try {
      result = PROBES[name]({ env, ctx, url, self: url.origin });
    } catch (error) {
      return Response.json({ throws: describe(error) });
    }
    if (typeof result?.then !== "function") return Response.json({ returns: shown(result) });
    try {
      return Response.json({ resolves: shown(await result) });
    } catch (error) {
      return Response.json({ rejects: describe(error) });
    }
  },
};
