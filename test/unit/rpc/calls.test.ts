import { describe, expect, test } from "vitest";
import { createHarness, type FakeWorker, type HarnessOptions, transportNames } from "./harness.ts";

describe.each(transportNames)("calls over %s", (transport) => {
  const harness = (
    entrypoints: (server: FakeWorker) => Record<string, unknown>,
    options: HarnessOptions = {},
  ) => createHarness(entrypoints, { ...options, transport });

  const basic = (server: FakeWorker) => ({
    default: class {
      value = 1;
      env: unknown;
      constructor(_ctx: unknown, env: unknown) {
        this.env = env;
      }
      add(a: number, b: number) {
        return a + b;
      }
      async echo(value: unknown) {
        return value;
      }
      get getter() {
        return 42;
      }
      callMe(fn: (x: number) => Promise<number>) {
        return fn(20);
      }
      makeCounter(start: number) {
        return new (class extends server.engine.RpcTarget {
          #n = start;
          increment(by = 1) {
            this.#n += by;
            return this.#n;
          }
          get value() {
            return this.#n;
          }
        })();
      }
      makeFn() {
        return (x: number) => x * 2;
      }
      makeObject() {
        return { data: 1, nested: { fn: (x: number) => x + 1 }, list: [1, 2] };
      }
      fail() {
        throw new RangeError("nope");
      }
    },
  });

  test("a method's result comes back", async () => {
    await using h = await harness(basic);
    expect(await h.run((s) => s.add(1, 2))).toBe(3);
    expect(await h.run((s) => s.echo({ a: [1, { b: "x" }] }))).toEqual({ a: [1, { b: "x" }] });
    expect(await h.run((s) => s.getter)).toBe(42);
  });

  test("a finished plain call leaves no session and needs no further frame", async () => {
    await using h = await harness(basic);
    await h.run(async (s) => {
      await s.add(1, 2);
      expect(h.near.sessions).toBe(0);
    });
    expect(h.far.sessions).toBe(0);
  });

  test("a function argument is called back", async () => {
    await using h = await harness(basic);
    expect(await h.run((s) => s.callMe((x: number) => x + 1))).toBe(21);
  });

  test("an RpcTarget is used through its stub and disposed", async () => {
    await using h = await harness(basic);
    await h.run(async (s) => {
      const counter = await s.makeCounter(5);
      expect(await counter.increment()).toBe(6);
      expect(await counter.increment(4)).toBe(10);
      expect(await counter.value).toBe(10);
      counter[Symbol.dispose]();
    });
  });

  test("calls are pipelined on promises", async () => {
    await using h = await harness(basic);
    await h.run(async (s) => {
      expect(await s.makeCounter(1).increment()).toBe(2);
      expect(await s.makeFn()(21)).toBe(42);
      expect(await s.makeObject().nested.fn(1)).toBe(2);
      expect(await s.makeObject().data).toBe(1);
    });
  });

  test("a rejection keeps class and message and is marked as remote", async () => {
    await using h = await harness(basic);
    await h.run(async (s) => {
      const error = await s.fail().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: "nope", remote: true });
      await expect(s.missing()).rejects.toThrow(
        'The RPC receiver does not implement the method "missing".',
      );
      await expect(s.value).rejects.toThrow(TypeError);
      await expect(s.getter()).rejects.toThrow('"getter" is not a function.');
      await expect(s.fetch()).rejects.toThrow("'fetch' is a reserved method");
    });
  });

  test("large binary data is copied, whole, and shared as it was", async () => {
    await using h = await harness(basic);
    await h.run(async (s) => {
      const buffer = new Uint8Array(100_000).map((_, i) => i).buffer;
      const sent = [new Uint8Array(buffer, 10, 50_000), buffer, new Float64Array(buffer, 8)];
      const call = s.echo(sent);
      new Uint8Array(buffer).fill(0);
      const [bytes, whole, floats] = await call;
      expect(buffer.byteLength).toBe(100_000);
      expect([bytes.buffer === whole, floats.buffer === whole]).toEqual([true, true]);
      expect([bytes.length, bytes[0], bytes[1000]]).toEqual([50_000, 10, 1010 % 256]);
      expect([whole.byteLength, floats.byteOffset]).toEqual([100_000, 8]);
      // What goes on in one batch travels apart.
      const both = await Promise.all([s.echo(sent[0]), s.echo(sent[1])]);
      expect(both.map(({ byteLength }) => byteLength)).toEqual([50_000, 100_000]);
    });
  });
});
