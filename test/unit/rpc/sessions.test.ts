import { describe, expect, test, vi } from "vitest";
import type { ValueType } from "../../../src/rpc/contract.ts";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { eventually } from "../../helpers/eventually.ts";
import { createHarness, type FakeWorker, type HarnessOptions, transportNames } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

/** Stands for Request: a class of the host with a body and headers inside. */
class Letter {
  readonly url: string;
  readonly body: ReadableStream | null;
  constructor(url: string, body: ReadableStream | null = null) {
    this.url = url;
    this.body = body;
  }
  async text() {
    let text = "";
    for await (const chunk of this.body ?? [])
      text += new TextDecoder().decode(chunk as Uint8Array);
    return text;
  }
}

const letterType: ValueType<Letter> = {
  tag: "letter",
  prototype: Letter.prototype,
  encode: ({ url, body }) => ({ url, body }),
  decode: (data) => {
    const { url, body } = data as { url: string; body: ReadableStream | null };
    return new Letter(url, body);
  },
};

function bodyOf(text: string): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

describe.each(transportNames)("sessions over %s", (transport) => {
  const valueTypes = [letterType as unknown as ValueType];
  const harness = (
    entrypoints: (server: FakeWorker) => Record<string, unknown>,
    options: HarnessOptions = {},
  ) =>
    createHarness(entrypoints, {
      ...options,
      client: { valueTypes, ...options.client },
      server: { valueTypes, ...options.server },
      transport,
    });

  const kept: Any[] = [];
  const log: unknown[] = [];
  function service(server: FakeWorker) {
    return {
      default: class {
        ctx: Any;
        constructor(ctx: Any) {
          this.ctx = ctx;
        }
        async fetch(letter: Letter) {
          if (letter.url === "fail") throw new RangeError("in handler");
          if (letter.url === "hang") return await new Promise(() => {});
          return new Letter(`re: ${letter.url}`, bodyOf(`<${await letter.text()}>`));
        }
        trace() {
          return { depth: this.ctx.trace.depth, requestId: this.ctx.trace.requestId };
        }
        async deep(levels: number): Promise<unknown> {
          if (levels === 0) return this.trace();
          return await server.binding("server").deep(levels - 1);
        }
        echo(value: unknown) {
          return value;
        }
        keepOnly(fn: Any) {
          kept.push(fn.dup());
        }
        props() {
          return this.ctx.props;
        }
        log(value: unknown) {
          log.push(value);
        }
        api() {
          return { log: (value: unknown) => void log.push(value) };
        }
      },
      forwarder: class {
        api() {
          return server.binding("server").api();
        }
        async stub(stub: Any) {
          await stub.dup();
          return stub.dup();
        }
      },
    };
  }

  test("an event carries values of the host's classes with streams in them", async () => {
    await using h = await harness(service);
    await h.run(async () => {
      const channel = h.client.channel({ service: "server" });
      const letter = new Letter("hi", bodyOf("body"));
      const reply = (await h.client.engine.sendEvent(channel, "fetch", [letter])) as Letter;
      expect(reply).toBeInstanceOf(Letter);
      expect(reply.url).toBe("re: hi");
      expect(await reply.text()).toBe("<body>");
      expect(Object.getOwnPropertySymbols(reply)).toEqual([]);
      await expect(
        h.client.engine.sendEvent(channel, "fetch", [new Letter("fail")]),
      ).rejects.toMatchObject({ message: "in handler", remote: true });
    });
  });

  test("aborting an event cancels the callee's invocation", async () => {
    await using h = await harness(service);
    await h.run(async () => {
      const controller = new AbortController();
      const channel = h.client.channel({ service: "server" });
      const { signal } = controller;
      const pending = h.client.engine.sendEvent(channel, "fetch", [new Letter("hang")], { signal });
      await h.settle();
      expect(h.far.sessions).toBe(1);
      controller.abort(new Error("client went away"));
      await expect(pending).rejects.toThrow("client went away");
      await eventually(() => expect(h.far.sessions).toBe(0));
      expect(h.server.finished.at(-1)).toBeInstanceOf(Error);
    });
  });

  test("values of the host's classes travel in calls, nested and shared", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      const letter = new Letter("x", bodyOf("1"));
      const [a, b] = await s.echo([letter, letter]);
      expect(a).toBeInstanceOf(Letter);
      expect(a).toBe(b);
      expect(await a.text()).toBe("1");
    });
  });

  test("bytes inside of values of the host's classes count for the limit", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      const heavy = new Letter("x", new Uint8Array(33_554_433) as Any);
      await expect(s.echo([heavy])).rejects.toThrow("are limited to 32MiB");
    });
  });

  test("the trace follows a request through all hops", async () => {
    await using h = await harness(service);
    const budget = { invocations: 0, warned: false };
    const context = h.client.newContext({ requestId: "req", depth: 3, budget } as Any);
    await h.client.als.run(context, async () => {
      const s = h.client.env.SERVER as Any;
      expect(await s.trace()).toEqual({ depth: 4, requestId: "req" });
      expect(await s.deep(5)).toEqual({ depth: 9, requestId: "req" });
    });
    context.end();
    expect(budget.invocations).toBe(7);
  });

  test("recursion beyond 32 Workers is refused with production's text", async () => {
    await using h = await harness(service, { server: { limits: "enforce" } });
    await h.run(async (s) => {
      await expect(s.deep(40)).rejects.toThrow("Subrequest depth limit exceeded.");
    });
  });

  test("props reach the callee, service stubs in them included", async () => {
    await using h = await harness(service);
    const inner = h.client.binding("server", "forwarder");
    const specialised = h.client.binding("server", undefined, { tenant: 5, inner });
    await h.run(async () => {
      const props = await specialised.props();
      expect(props.tenant).toBe(5);
      expect(h.client.engine.tokenOf(props.inner)).toEqual({
        service: "server",
        entrypoint: "forwarder",
      });
    });
  });

  test("a callee in which only leaked stubs of the caller are left is ended promptly", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      const disposed = vi.fn();
      await s.keepOnly(Object.assign(() => 1, { [Symbol.dispose]: disposed }));
      await eventually(() => expect(disposed).toHaveBeenCalled());
      expect(h.far.sessions).toBe(0);
      expect(h.server.ofType("leaked-stub")[0]?.what).toContain("keepOnly");
    });
  });

  test("the callee stays while its invocation has something pending", async () => {
    await using h = await harness(service);
    await h.run(async (s) => {
      const fn = vi.fn();
      let drop = (): void => {};
      const original = h.server.newContext;
      h.server.newContext = function (trace) {
        const context = original.call(this, trace);
        drop = context.hold();
        return context;
      };
      await s.keepOnly(fn);
      await h.settle();
      expect(h.far.sessions).toBe(1);
      const context = h.server.contexts.at(-1) as Any;
      await h.server.als.run(context, async () => await kept.at(-1)());
      expect(fn).toHaveBeenCalled();
      drop();
      await eventually(() => expect(h.far.sessions).toBe(0));
    });
  });

  test("calls through an introducer keep their order across the resolution", async () => {
    await using h = await harness(service);
    const forwarder = h.client.binding("server", "forwarder");
    await h.run(async () => {
      log.length = 0;
      const promise = forwarder.api();
      const calls = [promise.log(1), promise.log(2)];
      const api = await promise;
      calls.push(api.log(3), promise.log(4), api.log(5));
      await Promise.all(calls);
      expect(log).toEqual([1, 2, 3, 4, 5]);
      api[Symbol.dispose]();
    });
  });

  test("a caller's own stub comes home and still works", async () => {
    await using h = await harness(service);
    const forwarder = h.client.binding("server", "forwarder");
    await h.run(async () => {
      const stub = new (h.client.engine.RpcStub as Any)((x: number) => x + 1);
      using back = await forwarder.stub(stub);
      expect(await back(1)).toBe(2);
      stub[Symbol.dispose]();
    });
  });

  test("a channel that cannot connect rejects calls with its error", async () => {
    await using h = await harness(service);
    const missing = h.client.binding("nowhere");
    await h.run(async () => {
      await expect(missing.foo()).rejects.toThrow('Worker "nowhere" not found.');
      const late = h.client.engine.createServiceStub({
        token: { service: "server" },
        connect: async () => h.near,
      }) as Any;
      expect(await late.echo(1)).toBe(1);
      expect(await late.api().log(1)).toBe(undefined);
      const failing = h.client.engine.createServiceStub({
        token: { service: "server" },
        connect: () => Promise.reject(new Error("later")),
      }) as Any;
      await expect(failing.foo().bar()).rejects.toThrow("later");
    });
  });

  test("loopback stubs are callable and only travel when specialised", async () => {
    await using h = await harness(service);
    const { engine } = h.client;
    const channel = h.client.channel({ service: "server" });
    const loopback = engine.createServiceStub(channel, {
      callable: ({ props }: Any) => h.client.binding("server", undefined, props),
    }) as Any;
    await h.run(async (s) => {
      expect(typeof loopback).toBe("function");
      expect(loopback).toBeInstanceOf(engine.ServiceStub);
      expect(await loopback.echo(1)).toBe(1);
      expect(await loopback({ props: { a: 1 } }).props()).toEqual({ a: 1 });
      await expect(s.echo(loopback)).rejects.toThrow('of type "LoopbackServiceStub"');
      using back = await s.echo(loopback({ props: {} }));
      expect(back).toBeInstanceOf(engine.ServiceStub);
    });
  });

  test("shadowing methods are local, own properties are shown", async () => {
    await using h = await harness(service);
    const fetch = vi.fn(() => "local");
    const stub = h.client.engine.createServiceStub(h.client.channel({ service: "server" }), {
      shadow: { fetch },
      own: { id: "1", name: "n" },
    }) as Any;
    await h.run(async () => {
      expect(stub.fetch()).toBe("local");
      expect(Object.keys(stub)).toEqual(["id", "name"]);
      expect(await stub.echo(2)).toBe(2);
      expect(
        h.client.engine.call(h.client.channel({ service: "server" }), ["echo"], [3]),
      ).toBeInstanceOf(h.client.engine.RpcPromise);
    });
  });

  test("an un-awaited failing call is an unhandled rejection once, not per step", async () => {
    await using h = await harness(service);
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listener);
    try {
      await h.run(async (s) => {
        void s.missing().then.name;
        s.missing();
        await s
          .missing2()
          .x()
          .catch(() => {});
        await h.settle(10);
      });
    } finally {
      process.off("unhandledRejection", listener);
      for (const other of others) process.on("unhandledRejection", other);
    }
    expect(unhandled).toHaveLength(2);
  });
});
