import { describe, expect, test, vi } from "vitest";
import { createHarness, type FakeWorker, type HarnessOptions, transportNames } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

class Custom {
  a = 1;
}

describe.each(transportNames)("values over %s", (transport) => {
  const seen: { value?: unknown; error?: unknown } = {};
  const entrypoints = () => ({
    default: class {
      echo(value: unknown) {
        return value;
      }
      see(value: unknown) {
        seen.value = value;
      }
      async callMember(value: Any) {
        return await value.fn();
      }
      throwLong(length: number) {
        throw Object.assign(new Error("x".repeat(length)), { more: "y".repeat(length) });
      }
      throwIt(what: string) {
        throw thrown[what];
      }
      bad(what: string) {
        return unserializable.find(([name]) => name === what)?.[1];
      }
      same(a: unknown, b: unknown) {
        return a === b;
      }
      async mapKeys(map: Map<Any, Any>) {
        const results = [];
        for (const [key, value] of map) results.push([await key(), await value()]);
        return results;
      }
      async callSet(set: Set<Any>) {
        return await Promise.all([...set].map((fn) => fn()));
      }
      cyclic() {
        const object: Any = { fn: () => 3 };
        object.self = object;
        object.list = [object];
        return object;
      }
      async callSelf(object: Any) {
        return object.self === object && (await object.self.fn());
      }
    },
  });
  const harness = (options: HarnessOptions = {}) =>
    createHarness(entrypoints as (s: FakeWorker) => Record<string, unknown>, {
      ...options,
      transport,
    });

  const sparse: unknown[] = [1];
  sparse[2] = 3;
  const withProps = Object.assign([1, 2], { extra: "x" });
  const shared = { s: 1 };
  const cyclic: Any = { a: 1 };
  cyclic.self = cyclic;
  const buffer = new ArrayBuffer(8);
  const dictionary = JSON.parse('{"__proto__": 5, "a": 1}');
  const values: [string, unknown][] = [
    ["undefined", undefined],
    ["null", null],
    ["booleans", [true, false]],
    ["numbers", [0, -0, 1.5, Number.NaN, Infinity, -Infinity]],
    ["bigints", [1n, -(2n ** 200n)]],
    ["strings", ["", "a", "\ud800", "\u{1f600}", "x".repeat(100_000)]],
    ["nested objects", { a: { b: { c: [] } } }],
    ["an object with a __proto__ key", dictionary],
    ["a sparse array", sparse],
    ["an array with extra properties", withProps],
    ["a long array", Array.from({ length: 1000 }, (_, i) => i)],
    ["a long array of objects", Array.from({ length: 1000 }, (_, i) => ({ i }))],
    [
      "maps",
      new Map<unknown, unknown>([
        ["a", 1],
        [{ k: 1 }, new Map()],
      ]),
    ],
    ["sets", new Set([1, "2", { three: 3 }])],
    ["dates", [new Date(5), new Date(Number.NaN)]],
    ["regular expressions", /a+b/gi],
    ["boxed primitives", [new Number(1), new String("s"), new Boolean(false)]],
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
    ["typed arrays", [new Uint8Array([1]), new Float64Array([1.5]), new BigInt64Array([5n])]],
    ["a DataView", new DataView(new ArrayBuffer(4), 1, 2)],
    ["a part of a buffer", new Uint16Array(buffer, 2, 2)],
    ["shared references", [shared, shared]],
    ["a cycle", cyclic],
  ];

  test.each(values)("%s come back as they are", async (_name, value) => {
    await using h = await harness();
    const result = await h.run((s) => s.echo(value));
    expect(result).toEqual(structuredClone(value));
    if (typeof value === "object" && value !== null) {
      expect(Object.keys(result)).toEqual(Object.keys(value));
      expect(result).not.toBe(value);
    }
  });

  test("identity, holes and shared buffers survive", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const [a, b] = await s.echo([shared, shared]);
      expect(a).toBe(b);
      expect(await s.same(shared, shared)).toBe(true);
      const back = await s.echo(sparse);
      expect(1 in back).toBe(false);
      const [x, y] = await s.echo([new Uint8Array(buffer), new Uint16Array(buffer)]);
      expect(x.buffer).toBe(y.buffer);
      const self = await s.echo(cyclic);
      expect(self.self).toBe(self);
    });
  });

  test("a Buffer arrives as a plain Uint8Array with only its own bytes", async () => {
    await using h = await harness();
    const back = await h.run((s) => s.echo(Buffer.from("abc")));
    expect(Object.getPrototypeOf(back)).toBe(Uint8Array.prototype);
    expect(back.buffer.byteLength).toBe(3);
  });

  test("accessors are read once, symbol keys and non-enumerable properties are skipped", async () => {
    await using h = await harness();
    const get = vi.fn(() => 7);
    const value = { [Symbol("s")]: 1 };
    Object.defineProperty(value, "x", { get, enumerable: true });
    Object.defineProperty(value, "hidden", { value: 1 });
    await h.run((s) => s.see(value));
    expect(seen.value).toEqual({ x: 7 });
    expect(get).toHaveBeenCalledTimes(1);
  });

  test("subclasses of built-ins arrive as their base type", async () => {
    await using h = await harness();
    class MyMap extends Map<number, number> {}
    class MyArray extends Array {}
    await h.run(async (s) => {
      const map = await s.echo(new MyMap([[1, 2]]));
      expect(Object.getPrototypeOf(map)).toBe(Map.prototype);
      expect(Object.getPrototypeOf(await s.echo(MyArray.of(1)))).toBe(Array.prototype);
    });
  });

  test("stubs are found everywhere and keep their identity", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const fn = () => 4;
      expect(await s.same(fn, fn)).toBe(true);
      expect(await s.callMember({ fn })).toBe(4);
      expect(await s.mapKeys(new Map([[fn, () => 5]]))).toEqual([[4, 5]]);
      expect(await s.callSet(new Set([fn, () => 6]))).toEqual([4, 6]);
      const value: Any = { fn };
      value.self = value;
      expect(await s.callSelf(value)).toBe(4);
      using result = await s.cyclic();
      expect(result.self).toBe(result);
      expect(result.list[0]).toBe(result);
      expect(await result.self.fn()).toBe(3);
    });
  });

  test("Proxies are stubs if they show a plain object or an RpcTarget", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const proxy = new Proxy({ fn: () => 8 }, {});
      expect(await s.callMember(proxy)).toBe(8);
      const target = new Proxy(
        {},
        {
          getPrototypeOf: () => h.client.engine.RpcTarget.prototype,
          get: (_t, key) => (key === "fn" ? () => 9 : undefined),
        },
      );
      expect(await s.callMember(target)).toBe(9);
      await expect(s.echo(new Proxy([], {}))).rejects.toThrow(
        "Proxy could not be serialized because it is not a valid RPC receiver type.",
      );
    });
  });

  const unserializable: [string, unknown, string][] = [
    ["a class instance", new Custom(), 'Could not serialize object of type "Custom".'],
    ["a null-prototype object", Object.create(null), 'of type "Object". This type does not'],
    ["a symbol", Symbol("x"), "Symbol(x) could not be cloned."],
    ["a WeakMap", new WeakMap(), "#<WeakMap> could not be cloned."],
    ["a URL", new URL("http://x"), 'Could not serialize object of type "URL".'],
    ["a generator", (function* () {})(), "[object Generator] could not be cloned."],
    ["a SharedArrayBuffer", new SharedArrayBuffer(1), "#<SharedArrayBuffer> could not be cloned."],
    [
      "a controller",
      new AbortController(),
      'Could not serialize object of type "AbortController".',
    ],
  ];

  test.each(unserializable)("%s is refused, sent or returned", async (name, value, text) => {
    await using h = await harness();
    await h.run(async (s) => {
      const sent = await s.echo({ nested: [value] }).catch((e: unknown) => e);
      expect(sent).toBeInstanceOf(DOMException);
      expect(sent).toMatchObject({ name: "DataCloneError", code: 25 });
      expect(sent.message).toContain(text);
      expect(sent.remote).toBeUndefined();
      const returned = await s.bad(name).catch((e: unknown) => e);
      expect(returned).toMatchObject({ name: "DataCloneError", remote: true });
      expect(returned.message).toContain(text);
      const promise = await s.echo([Promise.resolve()]).catch((e: unknown) => e);
      expect(promise.message).toBe("#<Promise> could not be cloned.");
    });
  });

  test("promises and properties of RPC are refused as arguments", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const promise = s.echo(1);
      await expect(s.echo(promise)).rejects.toThrow('of type "RpcPromise"');
      await expect(s.echo(s.foo)).rejects.toThrow('of type "RpcProperty"');
      await promise;
    });
  });

  test("32 MiB is the limit, to the byte", async () => {
    await using h = await harness();
    const overhead = 33_554_432 - 18;
    await h.run(async (s) => {
      const fits = new Uint8Array(overhead - 100);
      expect((await s.echo(fits)).length).toBe(fits.length);
      const error = await s.echo(new Uint8Array(33_554_432)).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toMatch(
        /^Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: 335544\d\d bytes\.$/,
      );
    });
  });

  const aggregate = new AggregateError([new Error("inner")], "many");
  const thrown: Record<string, unknown> = {
    custom: Object.assign(new TypeError("t", { cause: new Error("c") }), {
      code: 5,
      extra: { a: 1 },
    }),
    named: Object.assign(new Error("m"), { name: "MyError" }),
    number: 1,
    string: "text",
    object: { a: 1 },
    null: null,
    dom: new DOMException("gone", "AbortError"),
    aggregate,
    uncloneable: Object.assign(new RangeError("r"), { fn: () => 1 }),
    flags: Object.assign(new Error("busy"), { retryable: true, overloaded: true }),
  };

  test("thrown values cross as enhanced error serialization has them", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const got = (what: string): Promise<Any> => s.throwIt(what).catch((e: unknown) => e);
      const custom = await got("custom");
      expect(custom).toBeInstanceOf(TypeError);
      expect(custom).toMatchObject({ message: "t", code: 5, extra: { a: 1 }, remote: true });
      expect(custom.cause).toMatchObject({ message: "c" });
      expect(Object.keys(custom)).toContain("cause");
      expect(await got("named")).toMatchObject({ name: "MyError", message: "m" });
      expect(await got("number")).toMatchObject({ name: "Error", message: "1" });
      expect(await got("string")).toMatchObject({ message: "text" });
      expect(await got("object")).toMatchObject({ a: 1, remote: true });
      const dom = await got("dom");
      expect(dom).toBeInstanceOf(DOMException);
      expect(dom).toMatchObject({ name: "AbortError", message: "gone", code: 20 });
      const many = await got("aggregate");
      expect(many).toBeInstanceOf(AggregateError);
      expect(many.errors[0].message).toBe("inner");
      const text = await got("uncloneable");
      expect(text).toBeInstanceOf(RangeError);
      expect(text.fn).toBeUndefined();
      expect(await got("flags")).toMatchObject({ retryable: true, overloaded: true, remote: true });
      expect(h.server.ofType("callee-error")).toHaveLength(9);
    });
  });

  test("thrown values cross as text without it", async () => {
    await using h = await harness({ flags: { enhancedErrorSerialization: false } });
    await h.run(async (s) => {
      const got = (what: string): Promise<Any> => s.throwIt(what).catch((e: unknown) => e);
      const custom = await got("custom");
      expect(custom).toBeInstanceOf(TypeError);
      expect(custom).toMatchObject({ message: "t", remote: true });
      expect(custom.code).toBeUndefined();
      expect(await got("named")).toMatchObject({ name: "Error", message: "MyError: m" });
      expect(await got("object")).toMatchObject({ message: "#<Object>" });
    });
  });

  test("errors as values keep class, properties and identity", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const error: Any = new RangeError("r", { cause: "why" });
      error.self = error;
      const { a, b } = await s.echo({ a: error, b: error });
      expect(a).toBeInstanceOf(RangeError);
      expect(a).toBe(b);
      expect(a.self).toBe(a);
      expect(a.cause).toBe("why");
      expect(a.remote).toBeUndefined();
    });
  });

  test("what is thrown may be of any size", async () => {
    await using h = await harness();
    const length = 33 << 20;
    const error = await h.run((s) => s.throwLong(length).catch((thrown: unknown) => thrown));
    expect([error.message.length, error.more.length]).toEqual([length, length]);
  });

  test("the caller's async stack shows where it awaited", async () => {
    await using h = await harness();
    const error = await h.run(async function caller(s) {
      let caught: unknown;
      try {
        await s.throwIt("custom");
      } catch (e) {
        caught = e;
      }
      return caught as Error;
    });
    expect(error.stack).toContain("caller");
    expect(error.stack).not.toContain("src/rpc");
  });

  test("a service stub travels as a token", async () => {
    await using h = await harness();
    h.client.links.set("client", h.client.engine.createSelfLink("client"));
    await h.run(async (s) => {
      const stub = h.client.binding("client", "named", { p: 1 });
      const back = await s.echo(stub);
      expect(back).toBeInstanceOf(h.client.engine.ServiceStub);
      expect(h.client.engine.tokenOf(back)).toEqual({
        service: "client",
        entrypoint: "named",
        props: { p: 1 },
      });
    });
  });

  test("every object in a result but a bare stub gets a disposer", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      for (const value of [{}, [], new Map(), new Date()]) {
        const result = await s.echo(value);
        expect(typeof result[Symbol.dispose]).toBe("function");
        expect(Object.keys(result)).toEqual(Object.keys(value));
      }
      expect((await s.echo(1))[Symbol.dispose]).toBeUndefined();
    });
  });
});
