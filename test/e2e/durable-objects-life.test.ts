import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../helpers/eventually.ts";
import { descendants } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/*
 * When objects live and end, what they hold back, what they store over sessions, and their limits
 * (spec/durable-objects.md 26: 4, 20, 21, 24, 25, 27, 29, 31, 33, 37).
 */

const APP = `
import { DurableObject } from "cloudflare:workers";
const values = () => ({
  undefinedInside: { a: undefined },
  nothing: null,
  text: "\\u00e9\\u{1f600}\\0x\\ud800",
  numbers: [1.5, -0, NaN, Infinity, 2 ** 53],
  bigint: -(2n ** 70n),
  date: new Date(86_400_000),
  regexp: /a+/gi,
  map: new Map([["a", new Set([1, { deep: [2] }])]]),
  bytes: new Uint8Array([1, 2, 3]),
  window: new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  floats: new Float64Array([0.5]),
  view: new DataView(new Uint8Array([9, 8]).buffer),
  buffer: new Uint8Array([4, 5]).buffer,
  sparse: Object.assign([1], { 3: 4 }),
  error: Object.assign(new TypeError("stored"), { code: 7, cause: "why" }),
  aggregate: new AggregateError([new Error("inner")], "many"),
  exception: new DOMException("m", "AbortError"),
  headers: new Headers([["a", "b"], ["content-type", "text/x"]]),
  boxed: [Object(1), Object("s"), Object(true)],
});
const show = (value) => {
  if (value === undefined || typeof value === "bigint" || Object.is(value, -0)) return typeof value + " " + (Object.is(value, -0) ? "-0" : value);
  if (typeof value === "number" || typeof value === "string") return JSON.stringify(value) + String(value);
  if (value === null || typeof value !== "object") return String(value);
  const tag = Object.prototype.toString.call(value);
  if (value instanceof Map || value instanceof Set || value instanceof Headers) return [tag, [...value].map(show)];
  if (value instanceof Date) return [tag, value.getTime()];
  if (value instanceof RegExp) return [tag, String(value)];
  if (value instanceof ArrayBuffer) return [tag, [...new Uint8Array(value)]];
  if (ArrayBuffer.isView(value)) return [tag, [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]];
  if (value instanceof Error) return [tag, value.name, value.message, value.code, show(value.cause), show(value.errors)];
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return [tag, value.valueOf()];
  return [tag, Object.entries(value).map(([key, member]) => [key, show(member)]), value.length];
};
const failure = async (run) => {
  try {
    await run();
    return "fine";
  } catch (error) {
    return String(error);
  }
};
export class Thing extends DurableObject {
  calls = 0;
  memory() { return ++this.calls; }
  who() { return this.ctx.id.name; }
  get(key) { return this.ctx.storage.get(key); }
  put(key, value) { return this.ctx.storage.put(key, value); }
  timer() { setTimeout(() => {}, 600_000); return 1; }
  waiting() { this.ctx.waitUntil(scheduler.wait(600_000)); return 1; }
  async busy() { await scheduler.wait(600_000); }
  hidden() { void new Promise(() => {}); return 1; }
  storeAll() { return this.ctx.storage.put(values()); }
  async compareAll() {
    const stored = await this.ctx.storage.get(Object.keys(values()));
    return Object.entries(values()).map(([key, value]) => ({ key, stored: show(stored.get(key)), given: show(value) }));
  }
  async writeAndCall(isBad) {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS p (id INTEGER PRIMARY KEY); CREATE TABLE IF NOT EXISTS c (p INTEGER REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)");
    await this.ctx.storage.sync();
    if (isBad) sql.exec("INSERT INTO c VALUES (99)");
    else sql.exec("INSERT INTO p VALUES (NULL)");
    return Promise.all([this.env.OTHER.note("rpc"), this.env.OTHER.fetch("http://other/fetch").then((r) => r.text())]);
  }
  alarm() {}
  missing() {
    const { facets, storage } = this.ctx;
    return Promise.all([
      failure(() => facets.get("f", () => ({ class: Thing }))),
      failure(() => facets.abort("f", new Error("x"))),
      failure(() => facets.delete("f")),
      failure(() => storage.getBookmarkForTime(Date.now())),
      failure(() => storage.onNextSessionRestoreBookmark("b")),
    ]);
  }
  rows() { return this.ctx.storage.sql.exec("SELECT (SELECT count(*) FROM p) AS p, (SELECT count(*) FROM c) AS c").one(); }
  /** Nothing but crypto is awaited between reading and writing. */
  async signedCount() {
    const { kv } = this.ctx.storage;
    const count = (kv.get("count") ?? 0) + 1;
    const bytes = new Uint8Array(100_000);
    await crypto.subtle.digest("SHA-512", bytes);
    const key = await crypto.subtle.importKey("raw", bytes.subarray(0, 32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    await crypto.subtle.sign("HMAC", key, bytes);
    kv.put("count", count);
    return count;
  }
  async nest(depth) {
    if (depth === 0) return "innermost";
    return this.ctx.blockConcurrencyWhile(() => this.nest(depth - 1));
  }
  async emptied() {
    const { storage } = this.ctx;
    storage.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT * FROM t; CREATE VIRTUAL TABLE f USING fts5(x)");
    await storage.put("k", 1);
    await storage.setAlarm(Date.now() + 1e9);
    const cursor = storage.sql.exec("SELECT 1 UNION ALL SELECT 2");
    cursor.next();
    const pairs = storage.kv.list();
    storage.kv.put("l", 1);
    pairs.next();
    await storage.deleteAll();
    const read = await failure(() => cursor.next());
    storage.sql.exec("CREATE TABLE t (b)");
    await storage.put("again", 1);
    return [read, pairs.next(), [...(await storage.list()).keys()], await storage.getAlarm(), storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\\\_%' ESCAPE '\\\\' ORDER BY 1").raw().toArray()];
  }
  async limits() {
    const { storage } = this.ctx;
    const { sql } = storage;
    // A row has a header of six bytes, a string that long six of its own.
    const length = 2_097_152 - "k".length - 6 - 6;
    return Promise.all([
      failure(() => storage.put("k", "x".repeat(length))),
      failure(() => storage.put("k", "x".repeat(length + 1))),
      failure(() => storage.kv.put("k", "x".repeat(length + 1))),
      failure(() => storage.put(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => ["n" + i, i])))),
      failure(() => sql.exec("SELECT zeroblob(2097152)").toArray()),
      failure(() => sql.exec("SELECT zeroblob(2097153)").toArray()),
      failure(() => sql.exec("SELECT max(" + Array(32).fill(1).join() + ")").toArray()),
      failure(() => sql.exec("SELECT max(" + Array(33).fill(1).join() + ")").toArray()),
      failure(() => sql.exec("SELECT 'a' LIKE '" + "a".repeat(50) + "'").toArray()),
      failure(() => sql.exec("SELECT 1" + " UNION SELECT 1".repeat(4)).toArray()),
      failure(() => sql.exec("SELECT '" + "x".repeat(100_000 - 9) + "'").toArray()),
      failure(() => sql.exec("SELECT '" + "x".repeat(100_000 - 8) + "'").toArray()),
    ]);
  }
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, text) { socket.send(text + " " + this.memory()); }
}
export class Legacy extends DurableObject {
  limits() {
    const { storage } = this.ctx;
    const pairs = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => ["k" + i, i]));
    // A long one-byte string has six bytes of its own: two of header, one of type, three of length.
    const value = (size) => "x".repeat(size - 6);
    return Promise.all([
      failure(() => storage.put("k".repeat(2048), 1)),
      failure(() => storage.put("k".repeat(2049), 1)),
      failure(() => storage.get("k".repeat(2049))),
      failure(() => storage.put("v", value(131_072 + 34))),
      failure(() => storage.put("v", value(131_072 + 35))),
      failure(() => storage.put(pairs(128))),
      failure(() => storage.put(pairs(129))),
      failure(() => storage.get(Object.keys(pairs(129)))),
      failure(() => storage.delete(Object.keys(pairs(129)))),
    ]);
  }
}
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const [, binding, name, method] = url.pathname.split("/");
    if (method === "fetch") return env[binding].getByName(name).fetch(request);
    const args = url.search === "" ? [] : JSON.parse(decodeURIComponent(url.search.slice(1)));
    try {
      if (binding === "signed") {
        const stub = env.THING.getByName(name);
        return Response.json(await Promise.all(Array.from({ length: 50 }, () => stub.signedCount())));
      }
      if (binding === "held") {
        const stub = env.THING.getByName(name);
        await stub.memory();
        for (let ms = 50; ; ms *= 2) {
          await scheduler.wait(ms);
          if ((await stub.memory()) === 1) return Response.json("made again");
        }
      }
      const namespace = binding === "exports" ? ctx.exports.Thing : env[binding];
      return Response.json((await namespace.getByName(name)[method](...args)) ?? null);
    } catch (error) {
      const { message, durableObjectReset } = error;
      return Response.json({ message, durableObjectReset }, { status: 500 });
    }
  },
};
`;

const OTHER = `
import { WorkerEntrypoint } from "cloudflare:workers";
const heard = [];
export default class extends WorkerEntrypoint {
  note(text) { heard.push(text); return text; }
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/heard") return Response.json(heard);
    heard.push(pathname);
    return new Response(pathname);
  }
}
`;

const BINDINGS = { name: "THING", class_name: "Thing" };

const project = (): Promise<TempProject> =>
  tempProject({
    "app/wrangler.json": config("app", {
      compatibility_date: "2026-08-01",
      durable_objects: { bindings: [BINDINGS, { name: "LEGACY", class_name: "Legacy" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Thing"], new_classes: ["Legacy"] }],
      services: [{ binding: "OTHER", service: "other" }],
    }),
    "app/src/index.ts": `// @ts-nocheck\n${APP}`,
    "other/wrangler.json": config("other"),
    "other/src/index.ts": `// @ts-nocheck\n${OTHER}`,
    "front/wrangler.json": config("front", {
      durable_objects: { bindings: [{ ...BINDINGS, script_name: "app" }] },
    }),
    "front/src/index.ts": `// @ts-nocheck\n${APP}`,
  });

async function call(
  dev: RunningDev,
  path: string,
  args?: readonly unknown[],
  worker?: string,
): Promise<unknown> {
  const search = args === undefined ? "" : `?${encodeURIComponent(JSON.stringify(args))}`;
  const response = await dev.fetch(`/${path}${search}`, worker === undefined ? {} : { worker });
  return response.json();
}

/** Names of the live objects of Thing. */
async function live(dev: RunningDev): Promise<string[]> {
  const { workers } = (await (await dev.fetch("/cdn-cgi/drover/status")).json()) as {
    workers: { objects?: { className: string; objects: { name: string }[] }[] }[];
  };
  const all = workers.flatMap(({ objects }) => objects ?? []);
  return all.flatMap(({ objects }) => objects.map(({ name }) => name)).sort();
}

const APP_CONFIG = "app/wrangler.json";

test("one process only has the file of an object that two sessions use", async () => {
  await using home = new RegistryHome();
  await using files = await project();
  await using app = await home.dev(APP_CONFIG, { cwd: files.dir });
  await using front = await home.dev("front/wrangler.json", { cwd: files.dir });
  if (!/THING .*\[connected\]/.test(front.output)) await front.waitForLine(/THING .*\[connected\]/);
  expect(await call(front, "THING/a/put", ["k", 1])).toBe(null);
  expect(await call(app, "THING/a/get", ["k"])).toBe(1);
  expect([await call(front, "THING/a/memory"), await call(app, "THING/a/memory")]).toEqual([1, 2]);
  expect(await call(front, "THING/a/who")).toBe("a");
  expect(opens(app, files.dir)).toBe(1);
  expect(opens(front, files.dir)).toBe(0);
});

test("an idle object goes; a timer, waitUntil and an open request keep one", async () => {
  await using files = await project();
  const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "30" };
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir, env });
  for (const kept of ["timer", "waiting"]) expect(await call(dev, `THING/${kept}/${kept}`)).toBe(1);
  const ended = new AbortController();
  const busy = dev.fetch("/THING/busy/busy", { signal: ended.signal }).catch(() => {});
  for (let round = 0; round < 3; round += 1) {
    expect(await call(dev, `THING/idle ${round}/hidden`)).toBe(1);
    await eventually(async () => expect(await live(dev)).toEqual(["busy", "timer", "waiting"]));
  }
  ended.abort();
  await busy;
});

test("a stub that is held while its object is dropped reaches the next instance", async () => {
  await using files = await project();
  const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "30" };
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir, env });
  expect(await call(dev, "held/a")).toBe("made again");
});

test("every kind of value is read by a later session as it was stored", async () => {
  await using files = await project();
  {
    await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
    expect(await call(dev, "THING/values/storeAll")).toBe(null);
    await dev.stop("SIGKILL");
  }
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
  const pairs = (await call(dev, "THING/values/compareAll")) as {
    stored: unknown;
    given: unknown;
  }[];
  expect(pairs).toHaveLength(19);
  expect(pairs.map(({ stored }) => stored)).toEqual(pairs.map(({ given }) => given));
});

test("what cannot be committed is never heard of by another Worker", async () => {
  await using files = await project();
  await using dev = await runDev([APP_CONFIG, "other/wrangler.json"], { cwd: files.dir });
  expect(await call(dev, "THING/a/writeAndCall", [false])).toEqual(["rpc", "/fetch"]);
  expect(await call(dev, "THING/a/writeAndCall", [true])).toEqual({
    message: expect.stringMatching(
      /^Durable Object was reset and rolled back to its last known good state .*: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT \(extended: SQLITE_CONSTRAINT_FOREIGNKEY\)$/,
    ),
    durableObjectReset: true,
  });
  expect(await call(dev, "THING/a/rows")).toEqual({ p: 1, c: 0 });
  expect(await call(dev, "heard", undefined, "other")).toEqual(["rpc", "/fetch"]);
});

test("an edit leaves memory and sockets of other Workers' objects alone", async () => {
  await using files = await project();
  await using dev = await runDev([APP_CONFIG, "front/wrangler.json"], { cwd: files.dir });
  const socket = new WebSocket(`ws://127.0.0.1:${dev.port}/THING/a/fetch`);
  await once(socket, "open");
  const echo = async (text: string): Promise<string> => {
    socket.send(text);
    const [data] = (await once(socket, "message")) as [Buffer];
    return String(data);
  };
  expect(await echo("before")).toBe("before 1");
  await files.write("front/src/index.ts", `// @ts-nocheck\n${APP}\nglobalThis.edited = 1;`);
  await dev.waitForLine(/Local server updated and ready/);
  expect(await call(dev, "THING/a/memory", undefined, "front")).toBe(2);
  expect(await echo("after")).toBe("after 3");
  socket.terminate();
});

test("a class that no binding names is the same through ctx.exports and through another's binding", async () => {
  await using files = await project();
  await files.write(
    "app/wrangler.json",
    config("app", { migrations: [{ tag: "v1", new_sqlite_classes: ["Thing"] }] }),
  );
  await using dev = await runDev([APP_CONFIG, "front/wrangler.json"], { cwd: files.dir });
  expect(await call(dev, "exports/a/memory")).toBe(1);
  expect(await call(dev, "THING/a/memory", undefined, "front")).toBe(2);
  expect(await call(dev, "exports/a/who")).toBe("a");
});

test("deleteAll leaves nothing, and the object is usable at once", async () => {
  await using files = await project();
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
  expect(await call(dev, "THING/a/emptied")).toEqual([
    "Error: SQLite query was canceled because the database was deleted.",
    { done: true },
    ["again"],
    null,
    [["t"]],
  ]);
});

test("before 2026-02-24 deleteAll leaves the alarm, unless the flag is set", async () => {
  await using files = await project();
  const objects = {
    durable_objects: { bindings: [BINDINGS] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Thing"] }],
  };
  await files.write(APP_CONFIG, config("app", { ...objects, compatibility_date: "2026-02-23" }));
  await files.write(
    "front/wrangler.json",
    config("front", {
      ...objects,
      compatibility_date: "2026-02-23",
      compatibility_flags: ["delete_all_deletes_alarm"],
    }),
  );
  await using dev = await runDev([APP_CONFIG, "front/wrangler.json"], { cwd: files.dir });
  const alarm = async (worker: string): Promise<unknown> =>
    ((await call(dev, "THING/a/emptied", undefined, worker)) as unknown[])[3];
  expect(await alarm("app")).toBeGreaterThan(Date.now());
  expect(await alarm("front")).toBe(null);
});

test("limits are production's: at them it works, beyond them is the text", async () => {
  await using files = await project();
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
  const tooBig = "Error: string or blob too big: SQLITE_TOOBIG";
  expect(await call(dev, "THING/a/limits")).toEqual([
    "fine",
    tooBig,
    tooBig,
    "fine",
    "fine",
    tooBig,
    "fine",
    "Error: too many arguments on function max at offset 7: SQLITE_ERROR",
    "fine",
    "fine",
    "fine",
    "Error: statement too long: SQLITE_TOOBIG",
  ]);
  const many = "RangeError: Maximum number of key value pairs is 128. 129 pairs were provided.";
  const key = "RangeError: Keys cannot be larger than 2048 bytes. A key of size 2049 was provided.";
  expect(await call(dev, "LEGACY/a/limits")).toEqual([
    "fine",
    key,
    key,
    "fine",
    "RangeError: Values cannot be larger than 131072 bytes. A value of size 131107 was provided.",
    "fine",
    many,
    many,
    many,
  ]);
});

test("no other event comes in between while an object waits for crypto.subtle", async () => {
  await using files = await project();
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
  const counts = (await call(dev, "signed/a")) as number[];
  expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});

test("facets and recovery say that they are not there", async () => {
  await using files = await project();
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
  const facets = "Error: Durable Object facets are not supported by drover yet.";
  const recovery =
    "Error: This Durable Object's storage back-end does not implement point-in-time recovery.";
  expect(await call(dev, "THING/a/missing")).toEqual([facets, facets, facets, recovery, recovery]);
});

test("critical sections nest 64 deep; one more resets the object", async () => {
  await using files = await project();
  await using dev = await runDev(APP_CONFIG, { cwd: files.dir });
  expect(await call(dev, "THING/a/nest", [64])).toBe("innermost");
  expect(await call(dev, "THING/a/nest", [65])).toEqual({
    message: "blockConcurrencyWhile() calls are nested too deeply.",
    durableObjectReset: true,
  });
  expect(await call(dev, "THING/a/nest", [1])).toBe("innermost");
});

/** How many files of objects the processes of a session have open (Linux). */
function opens(dev: RunningDev, folder: string): number {
  const pids = [
    dev.child.pid as number,
    ...descendants(dev.child.pid as number).map(({ pid }) => pid),
  ];
  const paths = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    }),
  );
  return paths.filter((path) => path.startsWith(folder) && /\/[0-9a-f]{64}\.sqlite$/.test(path))
    .length;
}
