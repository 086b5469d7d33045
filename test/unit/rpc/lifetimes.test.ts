import { describe, expect, test, vi } from "vitest";
import { eventually } from "../../helpers/eventually.ts";
import { createHarness, type FakeWorker, type HarnessOptions, transportNames } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

describe.each(transportNames)("lifetimes over %s", (transport) => {
  const harness = (
    entrypoints: (server: FakeWorker) => Record<string, unknown>,
    options: HarnessOptions = {},
  ) => createHarness(entrypoints, { ...options, transport });

  function targets(server: FakeWorker) {
    const disposed: string[] = [];
    const kept: Any[] = [];
    class Target extends server.engine.RpcTarget {
      name: string;
      constructor(name: string) {
        super();
        this.name = name;
      }
      hello() {
        return `hello ${this.name}`;
      }
      [Symbol.dispose]() {
        disposed.push(this.name);
      }
    }
    const single = new Target("single");
    return {
      disposed,
      kept,
      default: class {
        make(name: string) {
          return new Target(name);
        }
        two() {
          return { a: new Target("a"), b: new Target("b"), same: [single, single] };
        }
        single() {
          return single;
        }
        wrapped() {
          return new (server.engine.RpcStub as Any)(new Target("wrapped"));
        }
        withDisposer() {
          return { x: 1, fn: () => 7, [Symbol.dispose]: () => disposed.push("result") };
        }
        plain() {
          return { x: 1, list: [1] };
        }
        async use(fn: Any) {
          return await fn();
        }
        keep(fn: Any) {
          kept.push(fn.dup());
        }
        keepUndup(fn: Any) {
          kept.push(fn);
        }
        async useKept() {
          return await kept[0]();
        }
        echo(value: unknown) {
          return value;
        }
        hang() {
          return new Promise(() => {});
        }
      },
    };
  }

  test("the disposer runs once, after the last handle of the group has gone", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      const stub = await s.make("t");
      const copy = stub.dup();
      stub[Symbol.dispose]();
      stub[Symbol.dispose]();
      expect(await copy.hello()).toBe("hello t");
      await expect(stub.hello()).rejects.toThrow("RPC stub used after being disposed.");
      await h.settle();
      expect(exported.disposed).toEqual([]);
      copy[Symbol.dispose]();
      await eventually(() => expect(exported.disposed).toEqual(["t"]));
      expect(() => copy.dup()).toThrow("RPC stub used after being disposed.");
      const [use] = h.client.ofType("used-after-dispose");
      expect(use?.disposedAt).toContain("lifetimes.test.ts");
    });
  });

  test("disposing a result disposes every stub in it", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      const result = await s.two();
      expect(result.same[0]).toBe(result.same[1]);
      expect(Object.keys(result)).toEqual(["a", "b", "same"]);
      expect(await result.a.hello()).toBe("hello a");
      result[Symbol.dispose]();
      await eventually(() => expect(exported.disposed.sort()).toEqual(["a", "b", "single"]));
      await expect(result.a.hello()).rejects.toThrow("RPC stub used after being disposed.");
    });
  });

  test("each send of a target makes a group of its own", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      (await s.single())[Symbol.dispose]();
      (await s.single())[Symbol.dispose]();
      await eventually(() => expect(exported.disposed).toEqual(["single", "single"]));
    });
  });

  test("a returned RpcStub belongs to the caller", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      const stub = await s.wrapped();
      expect(await stub.hello()).toBe("hello wrapped");
      await h.settle();
      expect(exported.disposed).toEqual([]);
      stub[Symbol.dispose]();
      await eventually(() => expect(exported.disposed).toEqual(["wrapped"]));
    });
  });

  test("a result's own disposer runs after the caller disposed the result", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      const result = await s.withDisposer();
      await h.settle();
      expect(exported.disposed).toEqual([]);
      result[Symbol.dispose]();
      await eventually(() => expect(exported.disposed).toEqual(["result"]));
    });
  });

  test("a disposed promise disposes its result on arrival and can still be awaited", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      const promise = s.make("early");
      promise[Symbol.dispose]();
      const stub = await promise;
      await expect(stub.hello()).rejects.toThrow("RPC stub used after being disposed.");
      await expect(promise.hello()).rejects.toThrow("RPC promise used after being disposed.");
      await eventually(() => expect(exported.disposed).toEqual(["early"]));
    });
  });

  test("the callee's copies of parameter stubs live until its promise settles", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      const disposed = vi.fn();
      const fn = Object.assign(() => 5, { [Symbol.dispose]: disposed });
      expect(await s.use(fn)).toBe(5);
      await eventually(() => expect(disposed).toHaveBeenCalledTimes(1));
      await s.keepUndup(fn);
      await expect(s.useKept()).rejects.toThrow();
    });
  });

  test("a duplicate of a parameter stub outlives the call", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return { ...exported, default: exported.default };
    });
    await h.run(async (s) => {
      const other = await s.make("anchor");
      await s.keep(() => 9);
      expect(h.far.sessions).toBeGreaterThan(0);
      other[Symbol.dispose]();
    });
  });

  test("with rpc_params_dup_stubs the caller keeps the stubs that it sends", async () => {
    await using h = await harness(targets);
    await h.run(async (s) => {
      const stub = new (h.client.engine.RpcStub as Any)(() => 3);
      expect(await s.use(stub)).toBe(3);
      expect(await s.use(stub)).toBe(3);
      expect(await stub()).toBe(3);
      stub[Symbol.dispose]();
    });
  });

  test("without it sending a stub gives it away", async () => {
    await using h = await harness(targets, { flags: { rpcParamsDupStubs: false } });
    await h.run(async (s) => {
      const stub = new (h.client.engine.RpcStub as Any)(() => 3);
      expect(await s.use(stub)).toBe(3);
      await expect(stub()).rejects.toThrow("RPC stub used after being disposed.");
    });
  });

  test("a parameter with dup() is sent as its duplicate", async () => {
    await using h = await harness(targets);
    await h.run(async (s) => {
      const log: string[] = [];
      const make = (name: string): Any =>
        Object.assign(() => name, {
          dup: () => make(`${name}+`),
          [Symbol.dispose]: () => log.push(name),
        });
      expect(await s.use(make("f"))).toBe("f+");
      await eventually(() => expect(log).toEqual(["f+"]));
      const bad = Object.assign(() => 1, { dup: () => 5 });
      await expect(s.use(bad)).rejects.toThrow(
        "Couldn't create a stub for the function because it has a dup() method which did not return another function.",
      );
    });
  });

  test("a leaked stub is reported when the invocation ends, with the line that got it", async () => {
    let exported!: ReturnType<typeof targets>;
    await using h = await harness((server) => {
      exported = targets(server);
      return exported;
    });
    await h.run(async (s) => {
      expect(await s.make("intermediate").hello()).toBe("hello intermediate");
      await s.make("leak");
    });
    expect(h.client.ofType("leaked-stub")).toHaveLength(1);
    const [leak] = h.client.ofType("leaked-stub");
    expect(leak).toMatchObject({ what: "make()", binding: "SERVER" });
    expect(leak?.createdAt).toContain("lifetimes.test.ts");
    await eventually(() => expect(exported.disposed.sort()).toEqual(["intermediate", "leak"]));
  });

  test("a result that is awaited after it was used in a chain leaks where it was awaited", async () => {
    await using h = await harness(targets);
    await h.run(async function caller(s) {
      const made = s.make("late");
      expect(await made.hello()).toBe("hello late");
      await (async function awaitLate() {
        await made;
      })();
    });
    const [leak] = h.client.ofType("leaked-stub");
    expect(leak).toMatchObject({ what: "make()", binding: "SERVER" });
    expect(leak?.createdAt).toMatch(/awaitLate.*lifetimes\.test\.ts/);
  });

  test("a result that was disposed before anybody awaited it is disposed for those who do", async () => {
    await using h = await harness(targets);
    await h.run(async (s) => {
      const made = s.make("early");
      expect(await made.hello()).toBe("hello early");
      made[Symbol.dispose]();
      const stub = await made;
      await expect(stub.hello()).rejects.toThrow("RPC stub used after being disposed.");
    });
    expect(h.client.ofType("used-after-dispose")).toMatchObject([{ what: "make()" }]);
    expect(h.client.ofType("leaked-stub")).toEqual([]);
  });

  test("what was not awaited is cancelled when the caller's invocation ends", async () => {
    await using h = await harness(targets);
    await h.run(async (s) => {
      void s.hang();
      await s.plain();
    });
    await eventually(() => expect(h.far.sessions).toBe(0));
    expect(h.server.contexts.every((context) => context.ended)).toBe(true);
  });

  test("an aborted callee rejects with its reason, and its stubs are gone", async () => {
    await using h = await harness((server) => ({
      default: class {
        ctx: Any;
        constructor(ctx: Any) {
          this.ctx = ctx;
        }
        make() {
          const abort = (): void => {
            const reason = new RangeError("aborted");
            this.ctx.end(reason);
            throw reason;
          };
          return { abort, fn: () => 1, wait: () => new Promise(() => {}) };
        }
        server = server;
      },
    }));
    await h.run(async (s) => {
      const object = await s.make();
      const waiting = object.wait().catch((e: unknown) => e);
      const error = await object.abort().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: "aborted", remote: true });
      expect(await waiting).toMatchObject({ message: "aborted", remote: true });
      await expect(object.fn()).rejects.toThrow(
        "The execution context which hosts this callback is no longer running.",
      );
    });
  });

  test("a closed link fails everything on it as disconnected", async () => {
    await using h = await harness(targets);
    await h.run(async (s) => {
      const stub = await s.make("x");
      const pending = s.hang();
      h.far.close();
      const error = await pending.catch((e: unknown) => e);
      expect(error).toMatchObject({
        message: "Network connection lost.",
        retryable: true,
        remote: true,
      });
      await expect(stub.hello()).rejects.toThrow("Network connection lost.");
      await expect(s.plain()).rejects.toThrow("Network connection lost.");
    });
  });

  test("stubs of another invocation are refused, awaiting its promises is not", async () => {
    await using h = await harness(targets);
    let stub: Any;
    let promise: Any;
    const context = h.client.newContext();
    await h.client.als.run(context, async () => {
      stub = await (h.client.env.SERVER as Any).make("x");
      promise = (h.client.env.SERVER as Any).plain();
    });
    await h.run(async (s) => {
      await expect(stub.hello()).rejects.toThrow(
        "Cannot perform I/O on behalf of a different request.",
      );
      await expect(s.echo(stub)).rejects.toThrow("(I/O type: Client)");
      await expect(promise.x).rejects.toThrow("(I/O type: Pipeline)");
      expect(await promise).toEqual({ x: 1, list: [1] });
    });
    context.end();
  });

  test("a stub is forwarded through a third Worker and dies with its introducer", async () => {
    await using h = await harness((server) => {
      const exported = targets(server);
      return {
        ...exported,
        forwarder: class {
          async get() {
            return await server.binding("server").make("far");
          }
          async call(fn: Any) {
            return await server.binding("server").use(fn);
          }
        },
      };
    });
    const forwarder = h.client.binding("server", "forwarder");
    await h.run(async () => {
      const stub = await forwarder.get();
      expect(await stub.hello()).toBe("hello far");
      expect(await forwarder.call(() => 11)).toBe(11);
      expect(await forwarder.get().hello()).toBe("hello far");
      stub[Symbol.dispose]();
    });
    await eventually(() => expect(h.server.links.get("server")?.sessions).toBe(0));
  });
});
