import { describe, expect, test } from "vitest";
import { Response, responseToWire } from "../../../src/web/http/response.ts";
import {
  FixedLengthStream,
  IdentityTransformStream,
} from "../../../src/web/streams/identity-transform-stream.ts";
import { TransformStream } from "../../../src/web/streams/transform-stream.ts";

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value ?? "ok",
    (error: Error) => error.message,
  );

describe("IdentityTransformStream", () => {
  test("passes bytes and text on as bytes", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const text = new Response(readable).text();
    const writer = writable.getWriter();
    await writer.write("abc");
    await writer.write(new Uint8Array([100]));
    await writer.close();
    expect(await text).toBe("abcd");
  });

  test("a write is finished when a reader has taken it", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader();
    let isWritten = false;
    const write = writable
      .getWriter()
      .write("x")
      .then(() => {
        isWritten = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    await reader.read();
    await write;
    expect(isWritten).toBe(true);
  });

  test("works with BYOB readers", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const reader = readable.getReader({ mode: "byob" });
    const writer = writable.getWriter();
    const first = reader.read(new Uint8Array(2));
    writer.write("abc").catch(() => {});
    expect((await first).value).toEqual(new Uint8Array([97, 98]));
    expect((await reader.read(new Uint8Array(2))).value).toEqual(new Uint8Array([99]));
    const last = reader.read(new Uint8Array(2));
    await writer.close();
    expect((await last).done).toBe(true);
  });

  test("cancelling fails writers, aborting fails readers, with the reason", async () => {
    const first = new IdentityTransformStream();
    await first.readable.cancel(new Error("cancelled"));
    expect(await outcome(first.writable.getWriter().write("x"))).toBe("cancelled");
    const second = new IdentityTransformStream();
    const read = outcome(second.readable.getReader().read());
    await second.writable.abort(new Error("aborted"));
    expect(await read).toBe("aborted");
  });

  test("refuses what is not bytes", async () => {
    const { writable } = new IdentityTransformStream();
    await expect(writable.getWriter().write(5)).rejects.toThrow(
      "received an object of non-ArrayBuffer/ArrayBufferView type",
    );
  });
});

describe("FixedLengthStream", () => {
  test("promises its length to the wire", () => {
    const { readable } = new FixedLengthStream(5);
    expect(responseToWire(new Response(readable)).length).toBe(5);
  });

  test("too many bytes fail readers and later writers", async () => {
    const { readable, writable } = new FixedLengthStream(3);
    const text = outcome(new Response(readable).text());
    const writer = writable.getWriter();
    expect(await outcome(writer.write(new Uint8Array(5)))).toBe("ok");
    expect(await text).toBe("Attempt to write too many bytes through a FixedLengthStream.");
    await expect(writer.write("x")).rejects.toThrow();
  });

  test("too few bytes fail readers at close", async () => {
    const { readable, writable } = new FixedLengthStream(3n);
    const text = outcome(new Response(readable).text());
    const writer = writable.getWriter();
    await writer.write(new Uint8Array(2));
    await writer.close();
    expect(await text).toBe("FixedLengthStream did not see all expected bytes before close().");
  });

  test("is an IdentityTransformStream and a TransformStream", () => {
    const stream = new FixedLengthStream(0);
    expect(stream).toBeInstanceOf(IdentityTransformStream);
    expect(stream).toBeInstanceOf(TransformStream);
    expect(() => new FixedLengthStream(-1)).toThrow(TypeError);
  });
});
