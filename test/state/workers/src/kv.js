/** Cases of spec/resources.md 4, in order: later ones find what earlier ones stored. */
import { outcomes } from "./outcome.js";

const text = (stream) => new Response(stream).text();
const long = (length) => "x".repeat(length);

export const cases = {
  "shape of the binding": ({ KV }) => ({
    name: KV.constructor.name,
    tag: Object.prototype.toString.call(KV),
    own: Reflect.ownKeys(KV).length,
    methods: Object.getOwnPropertyNames(Object.getPrototypeOf(KV))
      .filter((name) => name !== "deleteBulk")
      .sort(),
    lengths: ["get", "put", "list", "delete", "getWithMetadata"].map((name) => KV[name].length),
    global: typeof globalThis.KvNamespace,
  }),

  "values of put": async ({ KV }) => {
    const values = {
      string: "text",
      empty: "",
      unicode: "é😀\uD800",
      number: 42,
      boolean: true,
      bigint: 10n,
      null: null,
      undefined: undefined,
      buffer: new Uint8Array([1, 2, 3]).buffer,
      view: new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
      words: new Uint16Array([300, 2]),
      dataView: new DataView(new ArrayBuffer(2)),
      body: new Response("of a body").body,
      made: new ReadableStream({
        type: "bytes",
        start(controller) {
          controller.enqueue(new Uint8Array([104, 105]));
          controller.close();
        },
      }),
    };
    const results = {};
    for (const [key, value] of Object.entries(values)) {
      results[key] = await outcomes(
        () => KV.put(`value-${key}`, value),
        () => KV.get(`value-${key}`, "arrayBuffer"),
      );
    }
    return results;
  },

  "values that put refuses": ({ KV }) =>
    outcomes(
      () => KV.put("no", {}),
      () => KV.put("no", [1]),
      () => KV.put("no", () => 1),
      () => KV.put("no", new Blob(["x"])),
      () => KV.put("no", new Date(0)),
      () => KV.put("no", new Response("x")),
      () => KV.put("no", new String("x")),
      () => KV.put("no", Symbol("x")),
      () => KV.put("no"),
      () => KV.put(),
      () => KV.put("no", "x", "y"),
      () => KV.put("no", "x", 5),
      () => KV.put("no", "x", null),
      () => KV.get("no"),
    ),

  "a stream that fails leaves the old value": async ({ KV }) => {
    await KV.put("keep", "old");
    const failing = new ReadableStream({
      type: "bytes",
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new RangeError("broken")),
    });
    return outcomes(
      () => KV.put("keep", failing),
      () => KV.get("keep"),
    );
  },

  keys: ({ KV }) =>
    outcomes(
      () => KV.put("", "x"),
      () => KV.put(".", "x"),
      () => KV.put("..", "x"),
      () => KV.get(""),
      () => KV.get("."),
      () => KV.delete(".."),
      () => KV.getWithMetadata(""),
      () => KV.getWithMetadata("."),
      () => KV.put(long(513), "x"),
      () => KV.get(long(513)),
      () => KV.delete(long(513)),
      () => KV.getWithMetadata(long(513)),
      () => KV.put("é".repeat(257), "x"),
      () => KV.put(long(512), "x"),
      () => KV.get(long(512)),
      () => KV.delete(long(512)),
      () => KV.get(undefined),
      () => KV.get(null),
      () => KV.get({}),
      () => KV.get(Symbol("x")),
      () => KV.delete(),
      () => KV.delete(undefined),
    ),

  "keys are stored as they are": async ({ KV }) => {
    const keys = [
      "a/b",
      "sl//x",
      "x/",
      "%41",
      "q?x=1&y#h",
      " sp ",
      "😀",
      "é",
      "\uFFFD",
      "...",
      "/",
    ];
    for (const key of keys) await KV.put(`n:${key}`, key);
    const values = await Promise.all(keys.map((key) => KV.get(`n:${key}`)));
    const { keys: listed } = await KV.list({ prefix: "n:" });
    for (const key of keys) await KV.delete(`n:${key}`);
    return { values, listed, after: (await KV.list({ prefix: "n:" })).keys };
  },

  "types of get": async ({ KV }) => {
    await KV.put("json", '{"a":[1]}');
    await KV.put("bom", "\uFEFF1");
    await KV.put("bytes", new Uint8Array([0xff, 0x41]));
    await KV.put("nothing", "");
    return outcomes(
      () => KV.get("json"),
      () => KV.get("json", "text"),
      () => KV.get("json", "json"),
      () => KV.get("json", { type: "json" }),
      () => KV.get("json", "arrayBuffer"),
      async () => text(await KV.get("json", "stream")),
      async () => (await KV.get("json", "stream")).constructor.name,
      () => KV.get("json", null),
      () => KV.get("json", undefined),
      () => KV.get("json", {}),
      () => KV.get("json", { type: undefined }),
      () => KV.get("json", { type: null }),
      () => KV.get("json", "xml"),
      () => KV.get("json", ""),
      () => KV.get("json", 5),
      () => KV.get("json", true),
      () => KV.get("json", { type: "" }),
      () => KV.get("missing", "xml"),
      () => KV.get("bom"),
      () => KV.get("bom", "json"),
      () => KV.get("bytes"),
      () => KV.get("nothing"),
      () => KV.get("nothing", "json"),
      () => KV.get("nothing", "arrayBuffer"),
      async () => text(await KV.get("nothing", "stream")),
      () => KV.get("missing"),
      () => KV.get("missing", "stream"),
    );
  },

  cacheTtl: ({ KV }) =>
    outcomes(
      () => KV.get("json", { cacheTtl: 30 }),
      () => KV.get("json", { cacheTtl: 29 }),
      () => KV.get("missing", { cacheTtl: 1 }),
      () => KV.get("json", { cacheTtl: "abc" }),
      () => KV.get("json", { cacheTtl: 3e9 }),
      () => KV.getWithMetadata("json", { cacheTtl: 29 }),
      () => KV.get(["json"], { cacheTtl: 29 }),
    ),

  metadata: async ({ KV }) => {
    const circular = {};
    circular.self = circular;
    const results = await outcomes(
      () => KV.put("m", "v", { metadata: { a: [1, "é"] } }),
      () => KV.getWithMetadata("m"),
      () => KV.put("m", "v", { metadata: 0 }),
      () => KV.getWithMetadata("m", "json"),
      () => KV.getWithMetadata("m"),
      () => KV.put("m", "v", { metadata: "str" }),
      () => KV.getWithMetadata("m", { type: "arrayBuffer" }),
      () => KV.put("m", "v", { metadata: null }),
      () => KV.getWithMetadata("m"),
      () => KV.put("m", "v", { metadata: { a: 1 } }),
      () => KV.put("m", "v"),
      () => KV.getWithMetadata("m"),
      () => KV.put("m", "v", { metadata: "x".repeat(1022) }),
      () => KV.put("m", "v", { metadata: "x".repeat(1023) }),
      () => KV.put("m", "v", { metadata: "é".repeat(512) }),
      () => KV.put("m", "v", { metadata: 1n }),
      () => KV.getWithMetadata("missing"),
      () => KV.getWithMetadata(),
    );
    const failed = await KV.put("m", "v", { metadata: circular }).catch((error) => error);
    return [...results, failed.constructor.name];
  },

  expiration: async ({ KV }) => {
    const now = Math.floor(Date.now() / 1000);
    const relative = (texts) =>
      JSON.parse(
        JSON.stringify(texts).replace(
          /\b1[6-9]\d{8}\b/g,
          (at) => `now${Number(at) - now < 0 ? "" : "+"}${Number(at) - now}`,
        ),
      );
    const results = await outcomes(
      () => KV.put("e", "v", { expirationTtl: 60 }),
      () => KV.put("e", "v", { expirationTtl: 59 }),
      () => KV.put("e", "v", { expirationTtl: 0 }),
      () => KV.put("e", "v", { expirationTtl: -1 }),
      () => KV.put("e", "v", { expirationTtl: null }),
      () => KV.put("e", "v", { expirationTtl: "abc" }),
      () => KV.put("e", "v", { expirationTtl: "61" }),
      () => KV.put("e", "v", { expirationTtl: 59.9 }),
      () => KV.put("e", "v", { expirationTtl: 1e12 }),
      () => KV.put("e", "v", { expiration: 0 }),
      () => KV.put("e", "v", { expiration: null }),
      () => KV.put("e", "v", { expiration: now - 100 }),
      () => KV.put("e", "v", { expiration: now + 50 }),
      () => KV.put("e", "v", { expiration: Date.now() + 100_000 }),
      () => KV.put("e", "v", { expiration: now + 1000, expirationTtl: 5 }),
      () => KV.put("e", "v", { expiration: now + 1000 }),
    );
    const { keys } = await KV.list({ prefix: "e" });
    return [...relative(results), keys.map(({ name, expiration }) => [name, expiration - now])];
  },

  "many keys at once": async ({ KV }) => {
    await KV.put("a", "1", { metadata: { m: 1 } });
    await KV.put("b", "{}");
    await KV.put("notjson", "{");
    return outcomes(
      () => KV.get(["a", "missing", "b", "a"]),
      () => KV.get(["b", "a"], "json"),
      () => KV.get(["b"], ""),
      () => KV.get(["b"], "text"),
      () => KV.get(["b"], { type: "json" }),
      () => KV.getWithMetadata(["a", "missing"]),
      () => KV.getWithMetadata(["a"], "json"),
      () => KV.get(["a"], "stream"),
      () => KV.get(["a"], "arrayBuffer"),
      () => KV.get(["a", "notjson"], "json"),
      () => KV.get([]),
      () => KV.get(Array.from({ length: 101 }, (_, index) => `k${index}`)),
      () => KV.get(["a", ""]),
      () => KV.get(["a", "."]),
      () => KV.get([long(513)]),
      () => KV.get(["a", null]),
      () => KV.getWithMetadata([]),
    );
  },

  delete: async ({ KV }) => {
    await KV.put("a,b", "joined");
    return outcomes(
      () => KV.delete("missing"),
      () => KV.delete(["a", "b"]),
      () => KV.get("a,b"),
      () => KV.get("a"),
    );
  },

  list: async ({ KV }) => {
    for (const key of ["l/a", "l/b", "l/B", "l/é", "l/\u{1F600}", "l/\uFFFD", "l%", "l_"]) {
      await KV.put(key, key, key === "l/b" ? { metadata: { n: 1 } } : {});
    }
    const first = await KV.list({ prefix: "l/", limit: 2 });
    return outcomes(
      () => KV.list({ prefix: "l/" }),
      () => first,
      () => KV.list({ prefix: "l/", limit: 2, cursor: first.cursor }),
      () => KV.list({ prefix: "l/", cursor: "bC9i" }),
      () => KV.list({ prefix: "l/", cursor: "!!!" }),
      () => KV.list({ prefix: "L/" }),
      () => KV.list({ prefix: "l%" }),
      () => KV.list({ prefix: null, cursor: null, limit: 1 }),
      () => KV.list({ prefix: "", cursor: "", limit: 1 }),
      () => KV.list({ prefix: "l/", limit: 6 }),
      () => KV.list({ prefix: "l/", limit: "2" }).then(({ keys }) => keys.length),
      () => KV.list({ prefix: "l/", limit: 0 }).then(({ keys }) => keys.length),
      () => KV.list({ prefix: "l/", limit: -1 }).then(({ keys }) => keys.length),
      () => KV.list({ prefix: "l/", limit: "x" }).then(({ keys }) => keys.length),
      () => KV.list({ prefix: "l/", limit: 1.9 }).then(({ keys }) => keys.length),
      () => KV.list({ prefix: "l/", limit: null }).then(({ keys }) => keys.length),
      () => KV.list({ limit: 1001 }),
      () => KV.list({ prefix: long(513) }),
      () => KV.list("x"),
      () => KV.list(5),
      () => KV.list(null).then(({ list_complete }) => list_complete),
      () => KV.list([]).then(({ list_complete }) => list_complete),
    );
  },

  "a method off its object": ({ KV }) => {
    const { get, put, list } = KV;
    return outcomes(
      () => get("a"),
      () => put.call({}, "a", "b"),
      () => list(),
      () => new KV.constructor(),
    );
  },

  "it cannot be cloned": ({ KV }) =>
    outcomes(
      () => structuredClone(KV),
      () => structuredClone({ KV }),
    ),

  "large values": async ({ KV }) => {
    const limit = 26_214_400;
    const results = await outcomes(
      () => KV.put("large", new Uint8Array(limit + 1)),
      () => KV.put("large", "é".repeat(limit / 2 + 1)),
      () => KV.get("large"),
      () => KV.put("large", new Uint8Array(limit).fill(7)),
      async () => {
        const value = new Uint8Array(await KV.get("large", "arrayBuffer"));
        return [value.byteLength, value.every((byte) => byte === 7)];
      },
      () => KV.get(["large", "a"]).then((map) => map.get("large").length),
      () => KV.delete("large"),
    );
    const chunk = new Uint8Array(1_000_003);
    let left = 30;
    const stream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk.slice());
        else controller.close();
      },
    });
    return [
      ...results,
      ...(await outcomes(
        () => KV.put("large", stream),
        () => KV.get("large"),
      )),
    ];
  },
};
