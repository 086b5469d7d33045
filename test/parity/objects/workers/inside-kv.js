/** Probes that run inside of an object: members and key-value storage. */
import { refusedKinds, showStored, storedKinds } from "./stored-kinds.js";
import { attempt, show, steps } from "./tools.js";

export const kvProbes = {
  surface(ctx) {
    const members = (value) => Object.getOwnPropertyNames(Object.getPrototypeOf(value)).sort();
    return {
      ctx: Object.keys(ctx).sort(),
      ctxMembers: members(ctx),
      storage: Object.keys(ctx.storage).sort(),
      storageMembers: members(ctx.storage),
      sql: members(ctx.storage.sql),
      kv: members(ctx.storage.kv),
      tags: [ctx, ctx.storage, ctx.storage.sql, ctx.storage.kv, ctx.id].map(String).slice(0, 4),
      id: Object.keys(ctx.id),
      props: ctx.props,
      container: String(ctx.container),
    };
  },
  kvValues({ storage }) {
    const values = {
      undefinedInside: { a: undefined },
      null: null,
      text: "é😀\0x",
      number: 1.5,
      minusZero: -0,
      nan: Number.NaN,
      bigint: 12345678901234567890n,
      date: new Date(86_400_000),
      regexp: /a+/gi,
      map: new Map([["a", new Set([1])]]),
      bytes: new Uint8Array([1, 2, 3]),
      buffer: new Uint8Array([4, 5]).buffer,
      floats: new Float64Array([0.5]),
      nested: { list: [1, [2, { deep: true }]] },
      sparse: Object.assign([1], { 2: 3 }),
      error: new TypeError("stored"),
      headers: new Headers({ a: "b" }),
      exception: new DOMException("m", "AbortError"),
      boxed: Object(1),
    };
    return steps([
      async () => {
        for (const [key, value] of Object.entries(values)) await storage.put(key, value);
      },
      async () => {
        const read = {};
        for (const key of Object.keys(values)) read[key] = show(await storage.get(key));
        return read;
      },
      async () => {
        const cycle = { name: "cycle" };
        cycle.self = cycle;
        await storage.put("cycle", cycle);
        const back = await storage.get("cycle");
        return back.self === back && back.name;
      },
      async () => {
        const value = { a: 1 };
        const pending = storage.put("copy", value);
        value.a = 2;
        await pending;
        return storage.get("copy");
      },
      async () => {
        class Point {
          x = 1;
          get y() {
            return 2;
          }
        }
        await storage.put("instance", new Point());
        const back = await storage.get("instance");
        return [back.constructor === Object, back];
      },
    ]);
  },
  kvRefused({ storage }) {
    return steps([
      () => storage.put("f", () => 1),
      () => storage.put("s", Symbol("s")),
      () => storage.put("p", Promise.resolve()),
      () => storage.put("u", new URL("http://x/")),
      () => storage.put("w", new WeakMap()),
      () => storage.put("r", new ReadableStream()),
      () => storage.put("n", { deep: [() => 1] }),
      () => storage.put("stub", this.env?.SQL),
      () => storage.put(undefined),
      () => storage.put("k"),
      () => storage.put("k", undefined),
      () => storage.put({ a: 1 }, 5),
      () => storage.get(),
      () => storage.delete(),
      () => storage.list(5),
      () => storage.list({ limit: 0 }),
      () => storage.list({ limit: -1 }),
      () => storage.list({ start: "a", startAfter: "b" }),
      async () => [...(await storage.list()).keys()],
    ]);
  },
  /** Objects of the platform; ../bytes.json has what this leaves in the file. */
  async kvStoredKinds({ storage }) {
    const shown = {};
    for (const [kind, make] of Object.entries(storedKinds)) {
      const key = `kind:${kind}`;
      shown[kind] = await attempt(async () => {
        await storage.put(key, make(globalThis));
        const read = await storage.get(key);
        const text = read instanceof Blob ? [await read.text()] : [];
        return [showStored(read), ...text];
      });
    }
    return shown;
  },
  async kvRefusedKinds(ctx) {
    const { storage } = ctx;
    const told = {};
    for (const [kind, make] of Object.entries(refusedKinds)) {
      told[kind] = await attempt(async () => storage.put("k", await make({ ctx, env: this.env })));
    }
    return [told, [...(await storage.list()).keys()]];
  },
  kvOrder({ storage }) {
    const keys = ["", "10", "5", "9", "B", "a", "a\0", "aa", "b", "é", "\uffff", "\u{1f600}"];
    const names = (map) => [...map.keys()];
    return steps([
      () => storage.put(Object.fromEntries(keys.map((key) => [key, 1]))),
      async () => names(await storage.list()),
      async () => names(await storage.list({ reverse: true, limit: 3 })),
      async () => names(await storage.list({ start: "a", end: "b" })),
      async () => names(await storage.list({ startAfter: "a", end: "é" })),
      async () => names(await storage.list({ prefix: "a" })),
      async () => names(await storage.list({ prefix: "a", reverse: true, start: "a\0" })),
      async () => names(await storage.list({ start: "b", end: "a" })),
      async () => names(await storage.get(["b", "a", "missing", "a"])),
      () => storage.get([]).then((map) => map.size),
      () => storage.delete("a"),
      () => storage.delete("a"),
      () => storage.delete(["aa", "b", "missing"]),
      () => storage.delete([]),
      () => storage.put(5, "number"),
      () => storage.get("5"),
    ]);
  },
  syncKv({ storage }) {
    const { kv } = storage;
    return steps([
      () => kv.put("a", 1),
      () => kv.put("b", { x: [1] }),
      () => kv.put("u", undefined),
      () => kv.get("a"),
      () => kv.get("missing"),
      () => [...kv.list()].map(([key, value]) => [key, show(value)]),
      () => kv.list({ prefix: "b" }).toArray(),
      () => kv.delete("a"),
      () => kv.delete("a"),
      () => kv.get(),
      () => kv.put("k"),
      () => kv.list({ limit: 0 }),
      () => storage.get("b"),
      () => {
        const first = kv.list();
        first.next();
        kv.list();
        return first.next();
      },
    ]);
  },
  legacyRefuses({ storage }) {
    return steps([
      () => storage.sql.exec("select 1"),
      () => storage.sql.databaseSize,
      () => storage.kv.get("a"),
      () => storage.kv.put("a", 1),
      () => storage.put("a", 1),
      () => storage.get("a"),
      () => storage.setAlarm(Date.now() + 1e6),
    ]);
  },
};
