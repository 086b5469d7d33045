import { describe, expect, test, vi } from "vitest";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import {
  WritableStream,
  WritableStreamDefaultWriter,
} from "../../../src/web/streams/writable-stream.ts";
import { eventually } from "../../helpers/eventually.ts";
import { createHarness, type FakeWorker, type HarnessOptions, transportNames } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

async function readAll(stream: ReadableStream): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) text += decoder.decode(chunk as Uint8Array, { stream: true });
  return text;
}

function streamOf(...chunks: unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe.each(transportNames)("streams over %s", (transport) => {
  const state: { received: Any[]; cancelled: unknown[]; signal?: AbortSignal } = {
    received: [],
    cancelled: [],
  };
  function service(_server: FakeWorker) {
    state.received = [];
    state.cancelled = [];
    return {
      default: class {
        readAll(stream: ReadableStream) {
          return readAll(stream);
        }
        make(...chunks: unknown[]) {
          return streamOf(...chunks);
        }
        endless() {
          let pulled = 0;
          return new ReadableStream({
            pull(controller) {
              pulled += 1;
              state.received.push(pulled);
              controller.enqueue(new Uint8Array(64 * 1024));
            },
            cancel(reason) {
              state.cancelled.push(reason);
            },
          });
        }
        failing() {
          return new ReadableStream({
            pull(controller) {
              controller.error(new Error("source"));
            },
          });
        }
        async writeTo(stream: WritableStream, ...chunks: unknown[]) {
          const writer = stream.getWriter();
          for (const chunk of chunks) await writer.write(chunk);
          await writer.close();
        }
        async abort(stream: WritableStream) {
          await stream.abort("why");
        }
        sink() {
          return new WritableStream({
            write: (chunk: unknown) => void state.received.push(chunk),
            close: () => void state.received.push("closed"),
            abort: (reason) => void state.cancelled.push(reason),
          });
        }
        failingSink() {
          return new WritableStream({
            write() {
              throw new RangeError("full");
            },
          });
        }
        ignore(..._streams: unknown[]) {}
        echo(value: unknown) {
          return value;
        }
        takeSignal(signal: AbortSignal) {
          state.signal = signal;
          return new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          });
        }
        signalState(signal: AbortSignal) {
          return { aborted: signal.aborted, reason: String(signal.reason) };
        }
      },
    };
  }
  const harness = (options: HarnessOptions = {}) =>
    createHarness(service as (s: FakeWorker) => Record<string, unknown>, { ...options, transport });

  test("a readable is read at the other end, in either direction, strings as bytes", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      expect(await s.readAll(streamOf(bytes("ab"), bytes("c").buffer, "d"))).toBe("abcd");
      expect(await readAll(await s.make(bytes("x"), bytes("y")))).toBe("xy");
      const big = new Uint8Array(1_000_000).fill(65);
      expect((await s.readAll(streamOf(big))).length).toBe(1_000_000);
      const [a, b] = await s.echo([streamOf(bytes("1")), streamOf(bytes("2"))]);
      expect([await readAll(a), await readAll(b)]).toEqual(["1", "2"]);
      const byob = (await s.make(bytes("hello"))).getReader({ mode: "byob" });
      const { value } = await byob.read(new Uint8Array(3));
      expect(new TextDecoder().decode(value)).toBe("hel");
      await byob.cancel();
    });
  });

  test("a slow reader bounds what the sender produces", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const stream = await s.endless();
      const reader = stream.getReader();
      await reader.read();
      await h.settle(20);
      expect(state.received.length).toBeLessThan(12);
      await reader.cancel(new Error("enough"));
      await eventually(() => expect(state.cancelled).toHaveLength(1));
      expect(state.cancelled[0]).toMatchObject({ message: "enough" });
    });
  });

  test("a source that breaks off disconnects the reader", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      await expect(s.failing().then(readAll)).rejects.toThrow(
        "ReadableStream received over RPC disconnected prematurely.",
      );
      const cancel = vi.fn();
      const wrong = new ReadableStream({ start: (c) => c.enqueue({ no: "bytes" }), cancel });
      await expect(s.readAll(wrong)).rejects.toThrow("disconnected prematurely");
      expect(cancel.mock.calls[0]?.[0]).toMatchObject({
        message: "This ReadableStream did not return bytes.",
      });
    });
  });

  test("locked streams are refused before anything is changed", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const readable = streamOf(bytes("x"));
      const reader = readable.getReader();
      const other = streamOf(bytes("still there"));
      await expect(s.echo([other, readable])).rejects.toThrow(
        "The ReadableStream has been locked to a reader.",
      );
      reader.releaseLock();
      expect(await readAll(other)).toBe("still there");
      const writable = new WritableStream();
      writable.getWriter();
      await expect(s.echo(writable)).rejects.toThrow("This WritableStream is currently locked");
    });
  });

  test("a writable is written from the other end, in either direction", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const got: Any[] = [];
      const sink = new WritableStream({
        write: (chunk: unknown) => void got.push(chunk),
        close: () => void got.push("closed"),
      });
      await s.writeTo(sink, bytes("ab"), "c");
      expect(got[0]).toBeInstanceOf(ArrayBuffer);
      expect(got.map((x) => (x === "closed" ? x : new TextDecoder().decode(x)))).toEqual([
        "ab",
        "c",
        "closed",
      ]);
      const remote = await s.sink();
      const writer = remote.getWriter();
      await writer.write(bytes("z"));
      await writer.close();
      expect(state.received.at(-1)).toBe("closed");
    });
  });

  test("a sink's failure and an abort reach the other end", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const writer = (await s.failingSink()).getWriter();
      await writer.write(bytes("x"));
      await expect(writer.close()).rejects.toThrow(RangeError);
      const other = (await s.sink()).getWriter();
      await other.abort("reason");
      await eventually(() => expect(state.cancelled).toHaveLength(1));
      expect(state.cancelled[0]).toMatchObject({
        message:
          "WritableStream received over RPC was disconnected because the remote execution context has ended.",
      });
    });
  });

  test("patched stream methods are not observed", async () => {
    await using h = await harness();
    const spies = [
      vi.spyOn(ReadableStream.prototype, "getReader"),
      vi.spyOn(WritableStreamDefaultWriter.prototype, "write"),
    ];
    try {
      await h.run(async (s) => {
        const stream = await s.make(bytes("x"));
        expect(spies[0]).not.toHaveBeenCalled();
        await stream.cancel();
      });
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  test("a stream in a result keeps the callee's invocation until it has ended", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const stream = await s.endless();
      expect(h.far.sessions).toBe(1);
      await stream.cancel();
      await eventually(() => expect(h.far.sessions).toBe(0));
    });
  });

  test("streams that the callee neither reads nor closes end with its invocation", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const cancel = vi.fn();
      const abort = vi.fn();
      const readable = new ReadableStream({ cancel });
      await s.ignore(readable, new WritableStream({ abort }));
      await eventually(() =>
        expect([cancel, abort].map((f) => f.mock.calls.length)).toEqual([1, 1]),
      );
      await eventually(() => expect(h.far.sessions).toBe(0));
    });
  });

  test("an AbortSignal fires at the other end with its reason", async () => {
    await using h = await harness();
    await h.run(async (s) => {
      const controller = new AbortController();
      const call = s.takeSignal(controller.signal);
      await h.settle();
      controller.abort(new RangeError("stop"));
      await expect(call).rejects.toThrow("stop");
      const aborted = AbortSignal.abort("already");
      expect(await s.signalState(aborted)).toEqual({ aborted: true, reason: "already" });
      const late = new AbortController();
      const pending = s.takeSignal(late.signal);
      await h.settle();
      h.near.close();
      await expect(pending).rejects.toThrow("Network connection lost.");
      await eventually(() => expect(state.signal?.aborted).toBe(true));
      expect(state.signal?.reason.message).toContain("implicitly aborted");
    });
  });

  test("an AbortSignal needs its flag", async () => {
    await using h = await harness({ flags: { abortSignalRpc: false } });
    await h.run(async (s) => {
      await expect(s.echo(new AbortController().signal)).rejects.toThrow(
        "AbortSignal serialization is not enabled.",
      );
    });
  });
});
