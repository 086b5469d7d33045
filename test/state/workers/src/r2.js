/** Cases of spec/resources.md 5.1, 5.2, 5.4: objects, ranges, put. */
import { empty, head, shape } from "./bucket.js";
import { outcomes } from "./outcome.js";

export const cases = {
  "shape of the binding": async ({ R2 }) => {
    await empty(R2);
    const put = await R2.put("shape", "abc", { customMetadata: { a: "1" } });
    const got = await R2.get("shape");
    const members = (object) => Object.getOwnPropertyNames(object).sort();
    const prototype = Object.getPrototypeOf(got);
    await got.text();
    return {
      name: R2.constructor.name,
      tag: Object.prototype.toString.call(R2),
      own: Object.keys(R2),
      methods: members(Object.getPrototypeOf(R2)),
      put: [put.constructor.name, Object.keys(put), members(Object.getPrototypeOf(put))],
      got: [
        got.constructor.name,
        Object.keys(got),
        members(prototype),
        Object.getPrototypeOf(prototype).constructor.name,
      ],
      checksums: [
        put.checksums.constructor.name,
        Object.keys(put.checksums),
        members(Object.getPrototypeOf(put.checksums)),
        JSON.stringify(put.checksums),
      ],
      upload: await R2.createMultipartUpload("shape-m").then((upload) => [
        upload.constructor.name,
        Object.keys(upload),
        upload.uploadId.length > 20,
        members(Object.getPrototypeOf(upload)),
      ]),
    };
  },

  "put, head, get": async ({ R2 }) => {
    const put = await R2.put("k", "héllo");
    const got = await R2.get("k");
    const text = await got.text();
    return {
      put: shape(put),
      head: shape(await R2.head("k")),
      got: shape(got),
      text,
      again: await outcomes(
        () => got.text(),
        () => got.bodyUsed,
        () => got.body,
      ),
      missing: [await R2.head("missing"), await R2.get("missing")],
      same: put.version === got.version,
      version: /^[0-9a-f]{32}$/.test(put.version),
      fresh: Math.abs(put.uploaded - Date.now()) < 60_000,
      storage: typeof put.storageClass,
    };
  },

  "values of put": ({ R2 }) =>
    outcomes(
      ...[
        "text",
        "",
        "\uD800",
        new Uint8Array([1, 2]).buffer,
        new Uint8Array([1, 2, 3]).subarray(1),
        new Uint16Array([300]),
        new DataView(new ArrayBuffer(2)),
        new Blob(["blob"], { type: "text/x" }),
        null,
        undefined,
      ].map((value) => async () => {
        await R2.put("v", value);
        const object = await R2.get("v");
        return [object.size, object.httpMetadata, new Uint8Array(await object.arrayBuffer())];
      }),
      async () => {
        await R2.put("v", new Response("of a body").body);
        return (await R2.get("v")).text();
      },
      async () => {
        const { readable, writable } = new FixedLengthStream(3);
        const writer = writable.getWriter();
        void writer.write(new Uint8Array([97, 98, 99]));
        void writer.close();
        await R2.put("v", readable);
        return (await R2.get("v")).text();
      },
      async () => {
        await R2.put("v2", (await R2.get("v")).body);
        return (await R2.get("v2")).text();
      },
      () => R2.put("v", new ReadableStream({ type: "bytes" })),
      () => R2.put("v", new ReadableStream()),
      () => R2.put("v", {}),
      () => R2.put("v", 5),
      () => R2.put("v", [1]),
      () => R2.put("v", new Date(0)),
      () => R2.put("v", new Response("x")),
      () => R2.put("v"),
      () => R2.put(),
      () => R2.put("v", "x", 5),
      () => R2.put("v", "x", "y"),
      () => R2.put("v", "x", null).then(head),
    ),

  keys: ({ R2 }) =>
    outcomes(
      () => R2.put("", "empty").then(head),
      () => R2.get("").then((object) => object.text()),
      () => R2.put("x".repeat(1024), "x").then(({ size }) => size),
      () => R2.delete("x".repeat(1024)),
      ...["put", "get", "head", "delete", "createMultipartUpload"].map(
        (method) => () => R2[method]("x".repeat(1025), "x"),
      ),
      () => R2.put("é".repeat(513), "x"),
      () => R2.put(5, "x").then(({ key }) => key),
      () => R2.put(null, "x").then(({ key }) => key),
      () => R2.put("../a/./b//c", "x").then(({ key }) => key),
      () => R2.put("\u0001\u{1F600}", "x").then(({ key }) => key),
      () => R2.get(),
      () => R2.head(),
      () => R2.delete(),
    ),

  "reading bodies": async ({ R2 }) => {
    await R2.put("json", '{"a":1}', { httpMetadata: { contentType: "application/json" } });
    await R2.put("bom", "\uFEFFx");
    const get = () => R2.get("json");
    return outcomes(
      async () => (await get()).json(),
      async () => (await get()).arrayBuffer(),
      async () => (await get()).bytes(),
      async () => {
        const blob = await (await get()).blob();
        return [blob.type, await blob.text()];
      },
      async () => (await (await R2.get("bom")).blob()).type,
      async () => new Response((await get()).body).text(),
      async () => (await get()).body.constructor.name,
      async () => (await R2.get("bom")).text(),
      async () => {
        const object = await get();
        const before = object.bodyUsed;
        const reader = object.body.getReader();
        await reader.read();
        return [before, object.bodyUsed];
      },
      async () => {
        const object = await get();
        object.body.getReader();
        return object.text();
      },
    );
  },

  "HTTP metadata": async ({ R2 }) => {
    const headers = new Headers({
      "content-type": "text/x",
      "content-language": "de",
      "content-disposition": "inline",
      "content-encoding": "gzip",
      "cache-control": "no-store",
      expires: "Wed, 21 Oct 2026 07:28:00 GMT",
      etag: '"no"',
      "x-other": "1",
    });
    const written = (object) => {
      const to = new Headers({ "content-type": "kept", "x-kept": "1" });
      const returned = object.writeHttpMetadata(to);
      return [returned, [...to]];
    };
    return outcomes(
      () => R2.put("h", "x", { httpMetadata: headers }).then(head),
      async () => written(await R2.head("h")),
      () =>
        R2.put("h", "x", {
          httpMetadata: { contentType: "a/b", cacheExpiry: new Date(1e12) },
        }).then(head),
      async () => written(await R2.get("h")),
      () => R2.put("h", "x", { httpMetadata: {} }).then(head),
      async () => written(await R2.head("h")),
      () => R2.put("h", "x", { httpMetadata: null }).then(head),
      () =>
        R2.put("h", "x", { httpMetadata: new Headers({ expires: "nonsense" }) }).then(
          ({ httpMetadata }) => String(httpMetadata.cacheExpiry),
        ),
      () => R2.put("h", "x", { httpMetadata: 5 }),
      () => R2.put("h", "x", { httpMetadata: { contentType: 5 } }).then(head),
      () => R2.put("h", "x", { httpMetadata: { cacheExpiry: 5 } }).then(head),
      () => R2.put("h", "x", { httpMetadata: { cacheExpiry: "x" } }).then(head),
      async () => (await R2.head("h")).writeHttpMetadata({}),
      async () => (await R2.head("h")).writeHttpMetadata(),
    );
  },

  "custom metadata": ({ R2 }) =>
    outcomes(
      () => R2.put("c", "x", { customMetadata: { a: "1", b: 2, c: null, é: "ü" } }).then(head),
      () => R2.put("c", "x", { customMetadata: {} }).then(head),
      () => R2.put("c", "x", { customMetadata: null }).then(head),
      () => R2.put("c", "x", { customMetadata: "x" }),
      () =>
        R2.put("c", "x", { customMetadata: { a: "x".repeat(8191) } }).then(
          ({ customMetadata }) => customMetadata.a.length,
        ),
      () => R2.put("c", "x", { customMetadata: { a: "x".repeat(8192) } }),
      () =>
        R2.put("c", "x", { customMetadata: { a: "é".repeat(8191) } }).then(
          ({ customMetadata }) => customMetadata.a.length,
        ),
      () => R2.put("c", "x", { customMetadata: { a: "\u0100".repeat(4096) } }),
      () =>
        R2.put("c", "x", { customMetadata: { a: "\u0100".repeat(4095) } }).then(
          ({ customMetadata }) => customMetadata.a.length,
        ),
      () => R2.createMultipartUpload("c", { customMetadata: { a: "x".repeat(8192) } }),
    ),

  checksums: async ({ R2 }) => {
    const digest = async (name) => crypto.subtle.digest(name, new TextEncoder().encode("sum"));
    const hex = (buffer) =>
      [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const results = [];
    for (const [field, name] of [
      ["md5", "MD5"],
      ["sha1", "SHA-1"],
      ["sha256", "SHA-256"],
      ["sha384", "SHA-384"],
      ["sha512", "SHA-512"],
    ]) {
      const sum = await digest(name);
      results.push(
        await outcomes(
          () => R2.put("sum", "sum", { [field]: sum }).then(({ checksums }) => checksums.toJSON()),
          () =>
            R2.put("sum", "sum", { [field]: hex(sum).toUpperCase() }).then(({ checksums }) =>
              checksums.toJSON(),
            ),
          () =>
            R2.put("sum", "sum", { [field]: new Uint8Array(sum) }).then(({ checksums }) =>
              checksums.toJSON(),
            ),
          () => R2.put("sum", "other", { [field]: sum }),
          () => R2.put("sum", "sum", { [field]: "abc" }),
          () => R2.put("sum", "sum", { [field]: new Uint8Array(5) }),
          () => R2.put("sum", "sum", { [field]: "z".repeat(sum.byteLength * 2) }),
          () => R2.put("sum", "sum", { [field]: 5 }),
        ),
      );
    }
    const stored = await R2.head("sum");
    return [
      ...results,
      stored.checksums.toJSON(),
      Object.keys(stored.checksums).map((key) => stored.checksums[key]?.byteLength ?? null),
      await outcomes(
        () => R2.put("sum", "x", { md5: "0".repeat(32), sha1: "0".repeat(40) }),
        () => R2.get("sum").then((object) => object.text()),
      ),
    ];
  },

  ranges: async ({ R2 }) => {
    await R2.put("r", "0123456789");
    await R2.put("none", "");
    const get = async (range, key = "r") => {
      const object = await R2.get(key, { range });
      return [await object.text(), object.range, object.size];
    };
    const header = (value) => get(new Headers({ range: value }));
    return outcomes(
      () => get(undefined),
      () => get({}),
      () => get({ offset: 3 }),
      () => get({ offset: 3, length: 2 }),
      () => get({ length: 2 }),
      () => get({ suffix: 3 }),
      () => get({ suffix: 30 }),
      () => get({ offset: 8, length: 100 }),
      () => get({ offset: 0 }),
      () => get({ offset: 10 }),
      () => get({ offset: 11 }),
      () => get({ length: 0 }),
      () => get({ suffix: 0 }),
      () => get({ offset: 0 }, "none"),
      () => get(undefined, "none"),
      () => get({ offset: -1 }),
      () => get({ length: -1 }),
      () => get({ suffix: -1 }),
      () => get({ offset: 1.5 }),
      () => get({ length: 1.5 }),
      () => get({ suffix: 1.5 }),
      () => get({ offset: NaN }),
      () => get({ offset: Infinity }),
      () => get({ suffix: 1, offset: 1 }),
      () => get({ suffix: 1, length: 1 }),
      () => get({ offset: "3" }),
      () => get({ offset: null }),
      () => get(null),
      () => get(5),
      () => get("bytes=1-2"),
      () => header("bytes=2-4"),
      () => header("bytes=2-"),
      () => header("bytes=-2"),
      () => header(" BYTES = 2 - 4 "),
      () => header("bytes=2-4, 6-7"),
      () => header("bytes=4-2"),
      () => header("bytes=20-"),
      () => header("bytes=0-100"),
      () => header("lines=1-2"),
      () => header("bytes=x"),
      () => header("bytes=-0"),
      () => get(new Headers()),
      () => R2.get("r", 5),
      () => R2.get("r", null).then((object) => object.text()),
      () => R2.get("r", { onlyIf: 5 }),
    );
  },

  "a method off its object, a clone": ({ R2 }) => {
    const { get } = R2;
    return outcomes(
      () => get("a"),
      () => structuredClone(R2),
      () => new R2.constructor(),
    );
  },

  "large objects": async ({ R2 }) => {
    const bytes = new Uint8Array(6_000_000).map((_, index) => index % 251);
    const results = await outcomes(
      () => R2.put("large", bytes).then(head),
      async () => {
        const got = new Uint8Array(await (await R2.get("large")).arrayBuffer());
        return got.length === bytes.length && got.every((byte, index) => byte === bytes[index]);
      },
      async () =>
        new Uint8Array(
          await (await R2.get("large", { range: { offset: 5_999_998 } })).arrayBuffer(),
        ),
      () => R2.put("large2", new Response(bytes).body).then(({ etag }) => etag),
      async () => R2.put("large3", (await R2.get("large2")).body).then(({ etag }) => etag),
      async () => {
        await (await R2.get("large")).body.cancel();
        return (await R2.head("large")).size;
      },
    );
    await R2.delete(["large", "large2", "large3"]);
    return results;
  },

  "a stream that fails leaves the old object": async ({ R2 }) => {
    await R2.put("keep", "old");
    const { readable, writable } = new FixedLengthStream(10);
    const writer = writable.getWriter();
    const put = R2.put("keep", readable).catch((error) => error.message.length > 0);
    await writer.write(new Uint8Array(5));
    await writer.abort(new Error("broken")).catch(() => {});
    return [await put, await (await R2.get("keep")).text()];
  },
};
