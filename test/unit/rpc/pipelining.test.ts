import { describe, expect, test, vi } from "vitest";
import type { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { eventually } from "../../helpers/eventually.ts";
import { createHarness, type FakeWorker, type HarnessOptions, transportNames } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

describe.each(transportNames)("pipelining and lookup over %s", (transport) => {
  const harness = (
    entrypoints: (server: FakeWorker) => Record<string, unknown>,
    options: HarnessOptions = {},
  ) => createHarness(entrypoints, { ...options, transport });

  const log: unknown[] = [];
  function service(server: FakeWorker) {
    const { RpcTarget } = server.engine;
    class Api extends RpcTarget {
      field = 1;
      undef = undefined;
      get getter() {
        return "got";
      }
      get missingGetter() {
        return undefined;
      }
      get throwing(): string {
        throw new RangeError("from getter");
      }
      log(x: unknown) {
        log.push(x);
        return x;
      }
      fetch(x: unknown) {
        return `fetched ${x}`;
      }
      next() {
        return new Api();
      }
      self() {
        return this;
      }
    }
    return {
      default: class {
        api() {
          return new Api();
        }
        async slowApi() {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return new Api();
        }
        get target() {
          return new Api();
        }
        object() {
          return {
            a: { b: (x: number) => x * 2, u: undefined, v: 5 },
            list: [1],
            api: new Api(),
            who() {
              return typeof (this as Any)?.a;
            },
          };
        }
        data() {
          return { a: { b: 1 }, n: null };
        }
        array() {
          return [() => 1];
        }
        fn() {
          return () => 12;
        }
        number() {
          return 5;
        }
        fail(): never {
          throw new RangeError("first");
        }
        promise() {
          return Promise.resolve(Promise.resolve(3));
        }
        get thenable() {
          // biome-ignore lint/suspicious/noThenProperty: that is what is tested
          return { then: (resolve: (x: number) => void) => resolve(9) };
        }
        service() {
          return server.binding("server");
        }
        async stream(stream: ReadableStream, api: Any) {
          let text = "";
          for await (const chunk of stream) text += new TextDecoder().decode(chunk as Uint8Array);
          await api?.(text);
          log.push(text);
        }
        log(x: unknown) {
          log.push(x);
        }
        echo(x: unknown) {
          return x;
        }
      },
      handler: {
        data: 5,
        one: (x: unknown, env: unknown, ctx: unknown) => [x, typeof env, typeof ctx],
        many: (_a: 1, _b: 2, _c: 3, _d: 4) => 0,
        nested: { fn: (x: number) => x + 1 },
        async fetch() {},
      },
      connector: class {
        connect(...args: unknown[]) {
          return `connected ${args.length}`;
        }
      },
      broken: class {
        constructor() {
          throw new RangeError("constructor");
        }
      },
      target: Object.assign(Object.create(null), {}),
    };
  }

  test("a chain is sent at once and resolved at the callee", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      expect(await s.api().next().next().getter).toBe("got");
      expect(await s.slowApi().next().log("x")).toBe("x");
      expect(await s.object().a.b(4)).toBe(8);
      expect(await s.object().api.getter).toBe("got");
      expect(await s.fn()()).toBe(12);
      expect(await s.target.getter).toBe("got");
      expect(await s.data().a.b).toBe(1);
      expect(await s.object().a.v).toBe(5);
      expect(await s.object().a.u).toBe(undefined);
      expect(await s.service().number()).toBe(5);
    });
  });

  test("a kept promise can be used after it has resolved", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      const api = s.api();
      using stub = await api;
      expect(await api.log(1)).toBe(1);
      expect(await stub.log(2)).toBe(2);
      const object = s.object();
      using _result = await object;
      expect(await object.a.b(3)).toBe(6);
      expect(await object.a.v).toBe(5);
      const n = s.number();
      await n;
      await expect(n.foo).rejects.toThrow("Can't pipeline on RPC that did not return an object.");
      const data = s.data();
      await data;
      expect(await data.a).toEqual({ b: 1 });
    });
  });

  test("only objects, functions and targets can be pipelined on", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      await expect(s.array().length).rejects.toThrow('does not implement the method "length"');
      await expect(s.number().foo()).rejects.toThrow('does not implement the method "foo"');
      await expect(s.object().list.x).rejects.toThrow('does not implement the method "list"');
      await expect(s.data().n.x).rejects.toThrow('does not implement the method "n"');
      await expect(s.data().a()).rejects.toThrow('"a" is not a function.');
      await expect(s.data()()).rejects.toThrow('"(this)" is not a function.');
    });
  });

  test("everything pipelined on a failed call fails with its error", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      const p = s.fail();
      const results = await Promise.allSettled([p.a(), p.b.c, p.a().d(), p]);
      for (const result of results) {
        expect((result as PromiseRejectedResult).reason).toMatchObject({ message: "first" });
      }
      const cyclic = s.echo(Symbol("x"));
      const error = await cyclic.then.call(cyclic.a, undefined, (e: unknown) => e);
      expect(error).toMatchObject({ name: "DataCloneError" });
      await cyclic.catch(() => {});
    });
  });

  test("lookup follows the rules for instances, getters and reserved names", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      using api = await s.api();
      await expect(api.field).rejects.toThrow('does not implement the method "field"');
      await expect(api.missingGetter.x).rejects.toThrow("missingGetter");
      await expect(api.throwing).rejects.toThrow(RangeError);
      expect(await api.fetch(1)).toBe("fetched 1");
      await expect(s.target.fetch(1)).rejects.toThrow("'fetch' is a reserved method");
      using target = await s.target;
      expect(await target.fetch(2)).toBe("fetched 2");
      await expect(api.nothing()).rejects.toThrow('does not implement the method "nothing"');
      expect(await s.promise()).toBe(3);
      expect(await s.thenable).toBe(9);
      expect(await s.object().who()).toBe("object");
      using object = await s.object();
      expect(await object.who()).toBe("undefined");
      expect(h.server.ofType("unknown-method").map((r) => r.method)).toContain("nothing");
    });
  });

  test("local names are never RPC", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      using api = await s.api();
      const { RpcStub, RpcProperty, RpcPromise, ServiceStub } = h.client.engine;
      expect(api).toBeInstanceOf(RpcStub);
      expect(Object.getPrototypeOf(api)).toBe(RpcStub.prototype);
      expect(api.foo).toBeInstanceOf(RpcProperty);
      const promise = api.getter();
      expect(promise).toBeInstanceOf(RpcPromise);
      await promise.catch(() => {});
      expect(s).toBeInstanceOf(ServiceStub);
      expect([typeof s, typeof api, typeof api.foo]).toEqual(["object", "function", "function"]);
      expect(api.toString).toBe(Object.prototype.toString);
      expect(api.then).toBe(undefined);
      expect("then" in api).toBe(false);
      expect("anything" in api).toBe(true);
      expect(Object.keys(api)).toEqual([]);
      expect(Object.hasOwn(api, "x")).toBe(false);
      expect([api[Symbol("x")], api[0], api.list[12]]).toEqual([undefined, undefined, undefined]);
      api.mine = 5;
      expect([api.mine, Object.keys(api)]).toEqual([5, ["mine"]]);
      expect(() => new (RpcPromise as Any)()).toThrow("Illegal constructor");
      const { log: torn } = api;
      expect(await torn(1)).toBe(1);
      let deep = s;
      for (let i = 0; i < 65; i++) deep = deep.x;
      expect(() => deep.x).toThrow("RPC pipelined property path is too deep (max 64).");
      const { inspect } = await import("node:util");
      expect(inspect(api)).toContain("RpcStub");
    });
  });

  test("a local stub copies, pipelines and disposes as a remote one", async () => {
    await using h = await harness(service);
    await h.run(async () => {
      const RpcStub = h.client.engine.RpcStub as Any;
      const disposed = vi.fn();
      const object = { n: { x: 1 }, get: () => object.n, [Symbol.dispose]: disposed };
      const stub = new RpcStub(object);
      const copy = await stub.get();
      expect(copy).toEqual({ x: 1 });
      expect(copy).not.toBe(object.n);
      expect(await stub.get().x).toBe(1);
      expect(await stub.n.x).toBe(1);
      const fn = new RpcStub((f: Any) => f(5));
      expect(await fn((x: number) => x + 1)).toBe(6);
      const error = await new RpcStub(() => {
        throw new TypeError("local");
      })().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.remote).toBe(true);
      stub[Symbol.dispose]();
      await eventually(() => expect(disposed).toHaveBeenCalledTimes(1));
      expect(() => new RpcStub(5)).toThrow("RpcStubs can only wrap plain objects");
      expect(() => new RpcStub(h.client.env.SERVER)).toThrow(TypeError);
      fn[Symbol.dispose]();
    });
  });

  test("handler objects are called as (arg, env, ctx)", async () => {
    await using h = await harness(service);
    const handler = h.client.binding("server", "handler");
    await h.run(async () => {
      expect(await handler.one(1)).toEqual([1, "object", "object"]);
      await expect(handler.one()).rejects.toThrow("with the wrong number of arguments");
      await expect(handler.one(1, 2)).rejects.toThrow('Attempted to call RPC function "one"');
      await expect(handler.many(1)).rejects.toThrow('Cannot call handler function "many"');
      expect(await handler.nested.fn(1)).toBe(2);
      expect(await handler.data).toBe(5);
      await expect(handler.toString2()).rejects.toThrow("toString2");
    });
  });

  test("connect() without arguments is an exception that is announced", async () => {
    await using h = await harness(service);
    const connector = h.client.binding("server", "connector");
    await h.run(async () => {
      expect(await connector.connect()).toBe("connected 0");
      await expect(connector.connect("x")).rejects.toThrow("'connect' is a reserved method");
      expect(h.server.ofType("warning")).toHaveLength(1);
    });
    await using strict = await harness(service, { server: { strict: true } });
    const refused = strict.client.binding("server", "connector");
    await strict.run(async () => {
      await expect(refused.connect()).rejects.toThrow("'connect' is a reserved method");
    });
  });

  test("a constructor that throws fails the calls", async () => {
    await using h = await harness(service);
    const broken = h.client.binding("server", "broken");
    await h.run(async () => {
      await expect(broken.foo()).rejects.toThrow("constructor");
      await expect(broken.foo().bar()).rejects.toThrow("constructor");
    });
  });

  test("calls on one capability are delivered in the order made, whatever they carry", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      log.length = 0;
      const api = s.api();
      const calls = [api.log(1), api.log({ fn: () => 1 }), api.log(3)];
      const stub = await api;
      calls.push(stub.log(4), api.log(new AbortController().signal), stub.log(6));
      await Promise.all(calls);
      expect(log.map((x) => (typeof x === "object" ? "object" : x))).toEqual([
        1,
        "object",
        3,
        4,
        "object",
        6,
      ]);
      stub[Symbol.dispose]();
      for (const call of calls) (await call)?.[Symbol.dispose]?.();
    });
  });

  test("reads and calls that cross the end of a plain result are answered", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      for (const turns of [0, 1, 2, 3, 4, 5]) {
        const data = s.data();
        for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
        expect(await data.a.b).toBe(1);
        await expect(data.foo()).rejects.toThrow("foo");
      }
    });
  });

  test("limits: off by default, one warning, or production's error", async () => {
    for (const limits of ["off", "warn", "enforce"] as const) {
      await using h = await harness(service, { client: { limits } });
      const budget = { invocations: 0, warned: false };
      const context = h.client.newContext({ requestId: "r", depth: 0, budget } as Any);
      await h.client.als.run(context, async () => {
        const s = h.client.env.SERVER as Any;
        for (let i = 0; i < 32; i++) await s.number();
        const last = await s.number().catch((e: unknown) => e);
        if (limits !== "enforce") expect(last).toBe(5);
        else expect(last.message).toContain("Too many subrequests");
        await s.number().catch(() => {});
        expect(h.client.ofType("warning")).toHaveLength(limits === "warn" ? 1 : 0);
      });
      context.end();
    }
  });

  test("an application without RPC sees no names, and one warning", async () => {
    await using h = await harness(service, { client: { flags: { rpc: false } } });
    await h.run((s) => {
      expect(s.number).toBe(undefined);
      expect("number" in s).toBe(false);
    });
    expect(h.client.ofType("warning")[0]?.text).toContain("'number'");
  });

  test("outside of an invocation nothing can be called", async () => {
    await using h = await harness(service);
    const server = h.client.env.SERVER as Any;
    const text = "Disallowed operation called within global scope.";
    expect(() => server.number()).toThrow(text);
    await expect((async () => await server.number)()).rejects.toThrow(text);
  });
});
