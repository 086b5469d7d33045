/*
 * What Durable Objects answer, probe by probe (spec/durable-objects.md 2-18): an ordinary Worker that
 * runs on the real runtime (../exchange.js keeps its answers) and on drover (durable-objects-parity.test.ts).
 * Every probe gets objects of its own.
 */
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { kvProbes } from "./inside-kv.js";
import { moreProbes } from "./inside-more.js";
import { sqlProbes } from "./inside-sql.js";
import { outside } from "./outside.js";
import { attempt } from "./tools.js";

const inside = { ...kvProbes, ...sqlProbes, ...moreProbes };

class Target extends RpcTarget {
  constructor(object) {
    super();
    this.object = object;
  }
  read() {
    return this.object.read();
  }
}

const constructed = {};
const failures = {};

export class Sql extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    const name = ctx.id.name ?? "";
    constructed[name] = (constructed[name] ?? 0) + 1;
    this.events = [];
    if (name.startsWith("bad-constructor") && !failures[name]) {
      failures[name] = true;
      throw new TypeError("constructor says no");
    }
    if (name.startsWith("bad-section") && !failures[name]) {
      failures[name] = true;
      ctx.blockConcurrencyWhile(async () => {
        await scheduler.wait(1);
        throw new RangeError("section says no");
      });
    }
    if (name.startsWith("slow")) {
      ctx.blockConcurrencyWhile(async () => {
        this.events.push("loading");
        await scheduler.wait(20);
        this.events.push("loaded");
      });
    }
  }

  /** Runs one of `inside` by its name. */
  run(probe, ...args) {
    return inside[probe].call(this, this.ctx, ...args);
  }
  made() {
    return constructed[this.ctx.id.name];
  }
  log(event) {
    this.events.push(event);
    return [...this.events];
  }
  read() {
    return this.ctx.storage.get("k");
  }
  async slowEvent(name) {
    this.events.push(`${name} begins`);
    await scheduler.wait(5);
    this.events.push(`${name} ends`);
  }
  async section(name, callback) {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.events.push(`${name} in`);
      const answer = callback === undefined ? await scheduler.wait(10) : await callback(name);
      this.events.push(`${name} out`);
      return answer ?? null;
    });
  }
  target() {
    return new Target(this);
  }
  adder(amount) {
    return (more) => amount + more;
  }
  boom() {
    throw new RangeError("boom");
  }
  async putAndThrow() {
    await this.ctx.storage.put("k", "kept");
    throw new Error("after put");
  }
  async putAndAbort(reason) {
    await this.ctx.storage.put("k", "lost");
    this.ctx.abort(...(reason === undefined ? [] : [reason]));
  }
  async increment() {
    const value = ((await this.ctx.storage.get("n")) ?? 0) + 1;
    await this.ctx.storage.put("n", value);
    return value;
  }
  fetch(request) {
    if (new URL(request.url).pathname === "/throw") throw new TypeError("fetch says no");
    return new Response(`${request.method} ${this.ctx.id.name}`, { status: 201 });
  }
  alarm() {}
}

/** Without alarm handler, and of the older storage. */
export class Legacy extends DurableObject {
  run(probe, ...args) {
    return inside[probe].call(this, this.ctx, ...args);
  }
}

export class NoRpc {
  fetch() {
    return new Response("plain");
  }
}

/** Answers connections and WebSockets. */
export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.heard = [];
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ["b", "a"]);
    server.serializeAttachment({ at: new Date(0) });
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, message) {
    if (message === "close") return socket.close(4001, "bye");
    const { at } = socket.deserializeAttachment();
    const text = typeof message === "string" ? message : new Uint8Array(message).join();
    this.heard.push(text);
    socket.send([text, this.ctx.getTags(socket), at.getTime()].join(" "));
  }
  webSocketClose(socket, code, reason, wasClean) {
    this.heard.push([code, reason, wasClean, socket.readyState].join());
    if (code === 4005) socket.close(4006, "seen");
  }
  /** Of the sockets with a tag, when they were last answered automatically. */
  times(tag) {
    const { ctx } = this;
    return ctx.getWebSockets(tag).map((it) => ctx.getWebSocketAutoResponseTimestamp(it));
  }
  pair() {
    const pair = this.ctx.getWebSocketAutoResponse();
    return pair && [String(pair), pair.request, pair.response];
  }
  unset() {
    this.ctx.setWebSocketAutoResponse();
  }
  said() {
    return this.heard;
  }
  async connect(socket) {
    const { localAddress } = await socket.opened;
    const { value } = await socket.readable.getReader().read();
    const writer = socket.writable.getWriter();
    await writer.write(
      new TextEncoder().encode(`${localAddress} ${new TextDecoder().decode(value)}`),
    );
    await writer.close();
  }
}

export default {
  async fetch(request, env) {
    const [, where, probe, name] = new URL(request.url).pathname.split("/");
    if (where === "list") {
      return Response.json({ inside: Object.keys(inside), outside: Object.keys(outside) });
    }
    const run =
      where === "outside"
        ? () => outside[probe](env, name)
        : () => env[probe === "legacyRefuses" ? "LEGACY" : "SQL"].getByName(name).run(probe);
    return Response.json(await attempt(run));
  },
};
