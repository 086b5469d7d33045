/*
 * What drover and wrangler store for each other (test/parity/objects/exchange.js): one of them
 * answers /write?by=<name>, the other /read?by=<name>, over the same state folder.
 */
import { DurableObject } from "cloudflare:workers";

const values = {
  text: "é😀\0\ud800",
  numbers: [1.5, -0, Number.NaN, 2 ** 53, -1],
  bigint: -(2n ** 70n),
  date: new Date(86_400_000),
  regexp: /a+/gi,
  map: new Map([["a", new Set([1, { deep: [2] }])]]),
  bytes: new Uint8Array([1, 2, 3]),
  floats: new Float64Array([0.5]),
  buffer: new Uint8Array([4, 5]).buffer,
  sparse: Object.assign([1], { 3: 4 }),
  nothing: { null: null, undefined: undefined },
  error: Object.assign(new TypeError("stored"), { code: 7 }),
  exception: new DOMException("m", "AbortError"),
  headers: new Headers([
    ["a", "b"],
    ["content-type", "text/x"],
    ["set-cookie", "c=1"],
    ["set-cookie", "c=2"],
  ]),
  request: new Request("http://x/é?q#f", {
    method: "PROPFIND",
    headers: { "X-Cased": "é", accept: "*/*" },
    redirect: "manual",
    cache: "no-store",
    cf: { cacheTtl: 5, deep: { a: [1] } },
  }),
  requests: [new Request("http://x/"), new Request("http://y/", { method: "PUT" })],
  response: new Response(null, {
    status: 299,
    statusText: "Well",
    headers: [
      ["set-cookie", "c=1"],
      ["Set-Cookie", "c=2"],
    ],
    cf: { a: 1 },
  }),
  responses: [new Response(), new Response(null, { status: 204 })],
  blob: new Blob(["a", new Uint8Array([0, 255])], { type: "a/b" }),
  nested: new Map([["k", [new Error("in a map"), new Blob([])]]]),
};
const KEYS = ["", "10", "9", "B", "a", "a\0", "é", "\uffff", "\u{1f600}"];

/** Alarms that ran in this process. */
const rang = [];

function show(value) {
  const tag = Object.prototype.toString.call(value);
  if (Object.is(value, -0)) return "-0";
  if (value === null || typeof value !== "object") return `${typeof value} ${String(value)}`;
  if (value instanceof Date || value instanceof RegExp) return [tag, String(+value), String(value)];
  if (value instanceof ArrayBuffer) return [tag, [...new Uint8Array(value)]];
  if (value instanceof Request) {
    const { method, url, headers, redirect, cache, cf } = value;
    return [tag, show({ method, url, headers, redirect, cache, cf })];
  }
  if (value instanceof Response) {
    const { status, statusText, headers, cf, type } = value;
    return [tag, show({ status, statusText, headers, cf, type })];
  }
  if (value instanceof Blob) return [tag, value.size, value.type];
  if (value instanceof Error) return [tag, value.name, value.message, value.code ?? "none"];
  const isList = value instanceof Map || value instanceof Set || value instanceof Headers;
  if (isList || ArrayBuffer.isView(value)) return [tag, [...value].map(show)];
  return [tag, Object.entries(value).map(([key, member]) => [key, show(member)])];
}

class Stored extends DurableObject {
  async write(alarm) {
    const { storage } = this.ctx;
    await storage.put(values);
    await storage.put(Object.fromEntries(KEYS.map((key) => [`key:${key}`, key])));
    await storage.put({ gone: 1 });
    await storage.delete("gone");
    await storage.setAlarm(alarm);
    await storage.sync();
  }
  async read() {
    const { storage } = this.ctx;
    const stored = [...(await storage.list())].map(([key, value]) => [show(key), show(value)]);
    const blob = show(await (await storage.get("blob")).arrayBuffer());
    return { blob, name: this.ctx.id.name, id: this.ctx.id.toString(), stored };
  }
  alarm() {
    rang.push([this.constructor.name, this.ctx.id.name]);
  }
}
export class Legacy extends Stored {}
export class Sqlite extends Stored {
  async write(alarm) {
    const { sql } = this.ctx.storage;
    sql.exec(
      "CREATE TABLE rows (id INTEGER PRIMARY KEY, t TEXT UNIQUE, r REAL, b BLOB); CREATE VIRTUAL TABLE f USING fts5(x); CREATE VIEW v AS SELECT t FROM rows",
    );
    for (const text of ["a", "é😀", ""]) {
      sql.exec("INSERT INTO rows (t, r, b) VALUES (?, ?, ?)", text, 0.5, new Uint8Array([1]));
    }
    sql.exec("INSERT INTO f VALUES ('hello there')");
    await super.write(alarm);
  }
  async read() {
    const { sql } = this.ctx.storage;
    const rows = sql.exec("SELECT * FROM rows ORDER BY id").toArray().map(show);
    const found = sql.exec("SELECT x FROM f WHERE f MATCH 'there'").one();
    const view = sql.exec("SELECT count(*) AS n FROM v").one();
    return { ...(await super.read()), rows, found, view };
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/rang") return Response.json(rang);
    const by = searchParams.get("by");
    const names = [by, `${by} later`];
    const stubs = [env.SQLITE, env.LEGACY].flatMap((space) =>
      names.map((name) => space.getByName(name)),
    );
    if (pathname === "/write") {
      const soon = Date.now() + Number(searchParams.get("soon"));
      for (const stub of stubs) await stub.write(stub.name === by ? soon : soon + 1e9);
      return Response.json("written");
    }
    return Response.json(await Promise.all(stubs.map((stub) => stub.read())));
  },
};
