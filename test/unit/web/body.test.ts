import { afterEach, describe, expect, test } from "vitest";
import { httpCompat, setHttpCompat } from "../../../src/web/compat.ts";
import { Blob } from "../../../src/web/forms/blob.ts";
import type { LazyStream } from "../../../src/web/http/body-source.ts";
import { createRequest, Request, requestFromWire } from "../../../src/web/http/request.ts";
import { Response, responseToWire } from "../../../src/web/http/response.ts";
import { coreOf } from "../../../src/web/streams/byte-streams.ts";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { streamOf, textOf } from "./streams-of.ts";

const USED =
  "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
const compat = httpCompat();
afterEach(() => setHttpCompat(compat));

describe("reading", () => {
  test.each([
    ["string", () => "héllo"],
    ["bytes", () => new TextEncoder().encode("héllo")],
    ["a view in a larger buffer", () => new TextEncoder().encode("_héllo_").subarray(1, -1)],
    ["Blob", () => new Blob(["hé", "llo"])],
    ["stream", () => streamOf("hé", "llo")],
  ])("gives the same from a %s body in every form", async (_name, make) => {
    const bytes = [...new TextEncoder().encode("héllo")];
    expect(await new Response(make()).text()).toBe("héllo");
    expect([...(await new Response(make()).bytes())]).toEqual(bytes);
    expect([...new Uint8Array(await new Response(make()).arrayBuffer())]).toEqual(bytes);
    expect(await (await new Response(make()).blob()).text()).toBe("héllo");
    expect(await textOf(new Response(make()).body)).toBe("héllo");
  });

  test("json() parses, and rejects with a SyntaxError", async () => {
    expect(await new Response('{"a":1}').json()).toEqual({ a: 1 });
    await expect(new Response("{").json()).rejects.toThrow(SyntaxError);
  });

  test("a null body is empty, and never used up", async () => {
    const response = new Response(null);
    expect([await response.text(), await response.text()]).toEqual(["", ""]);
    expect([response.body, response.bodyUsed]).toEqual([null, false]);
  });

  test("works once", async () => {
    const response = new Response("x");
    await response.text();
    expect(response.bodyUsed).toBe(true);
    expect(response.body?.locked).toBe(true);
    await expect(response.text()).rejects.toThrow(new TypeError(USED));
    expect(() => responseToWire(response)).toThrow(new TypeError(USED));
  });

  test("a locked stream is refused, and can be read after the lock is released", async () => {
    const response = new Response("x");
    const reader = response.body?.getReader();
    await expect(response.text()).rejects.toThrow(
      new TypeError("This ReadableStream is currently locked to a reader."),
    );
    reader?.releaseLock();
    expect(await response.text()).toBe("x");
  });

  test("chunks that are not bytes reject and cancel the source", async () => {
    let cancelled: unknown;
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue("text"),
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    await expect(new Response(stream).text()).rejects.toThrow(
      new TypeError("This ReadableStream did not return bytes."),
    );
    expect(cancelled).toBeInstanceOf(TypeError);
  });

  test("the byte order mark is only removed with strip_bom_in_read_all_text", async () => {
    const body = new Uint8Array([0xef, 0xbb, 0xbf, 0x41]);
    expect(await new Response(body).text()).toBe("A");
    expect(await new Response("\ufeffA").text()).toBe("A");
    setHttpCompat({ ...compat, stripBom: false });
    expect(await new Response(body).text()).toBe("\ufeffA");
    expect(await new Response("\ufeffA").text()).toBe("\ufeffA");
  });

  test("half a surrogate pair is three bytes that no decoder takes, as in production", async () => {
    expect(await new Response("a\ud800b").text()).toBe("a\ufffd\ufffd\ufffdb");
  });
});

describe("ownership", () => {
  test("later writes to the buffer of a body are not seen", async () => {
    const bytes = new Uint8Array([65, 66]);
    const response = new Response(bytes);
    bytes[0] = 90;
    expect(await response.text()).toBe("AB");
  });

  test("a clone and its original do not share bytes", async () => {
    const original = createRequest({
      method: "POST",
      url: "http://x/",
      headers: "",
      guard: "request",
      body: new Uint8Array([1, 2]),
    });
    const clone = original.clone();
    const first = await original.bytes();
    first[0] = 9;
    const copy = new Request(clone.clone());
    (await copy.bytes())[1] = 9;
    expect([...(await clone.bytes())]).toEqual([1, 2]);
  });

  test("a stream body of a clone is teed", async () => {
    const response = new Response(streamOf("ab", "cd"));
    const clone = response.clone();
    expect(await Promise.all([response.text(), clone.text()])).toEqual(["abcd", "abcd"]);
  });

  test("a used or locked body cannot be cloned", async () => {
    const text = "This ReadableStream is currently locked to a reader,";
    const used = new Response("x");
    await used.text();
    expect(() => used.clone()).toThrow(new TypeError(text));
    const locked = new Response("x");
    locked.body?.getReader();
    expect(() => locked.clone()).toThrow(new TypeError(text));
  });
});

describe("streams", () => {
  test("body is a byte stream that a BYOB reader can use", async () => {
    const reader = new Response("hello").body?.getReader({ mode: "byob" });
    const first = await reader?.read(new Uint8Array(3));
    expect(Buffer.from(first?.value as Uint8Array).toString()).toBe("hel");
  });

  test("an empty body ends at once for a BYOB reader", async () => {
    const reader = new Response("").body?.getReader({ mode: "byob" });
    expect((await reader?.read(new Uint8Array(3)))?.done).toBe(true);
  });

  test("a lazy wire body is opened only when somebody reads", async () => {
    let opened = 0;
    const lazy: LazyStream = {
      length: 2,
      open: () => {
        opened += 1;
        return streamOf("ok");
      },
    };
    const wire = { method: "POST", url: "http://x/", headers: "", body: lazy, cf: null };
    const request = requestFromWire(wire);
    expect([opened, request.bodyUsed]).toEqual([0, false]);
    expect(await request.text()).toBe("ok");
    expect([opened, request.bodyUsed]).toEqual([1, true]);
  });

  test("locked and disturbed streams cannot become a body", async () => {
    const locked = streamOf("x");
    locked.getReader();
    expect(() => new Response(locked)).toThrow(
      new TypeError("This ReadableStream is locked to a reader, and cannot be used as a body."),
    );
    const disturbed = streamOf("x");
    const reader = disturbed.getReader();
    await reader.read();
    reader.releaseLock();
    expect(() => new Response(disturbed)).toThrow(
      "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.",
    );
  });

  test("a lazy body's length is the stream's", () => {
    const lazy: LazyStream = { length: 2, open: () => streamOf("ok") };
    const wire = { method: "POST", url: "http://x/", headers: "", body: lazy, cf: null };
    expect(responseToWire(new Response(requestFromWire(wire).body)).length).toBe(2);
  });

  test("a promised length survives to the wire and through clone()", () => {
    const stream = streamOf("abc");
    coreOf(stream).length = 3;
    const response = new Response(stream);
    const clone = response.clone();
    expect([responseToWire(response).length, responseToWire(clone).length]).toEqual([3, 3]);
  });
});

describe("what counts as a body", () => {
  test("numbers and objects are written as text", async () => {
    expect(await new Response(12).text()).toBe("12");
    expect(await new Response({ a: 1 }).text()).toBe("[object Object]");
  });

  test("iterables are bodies only with fetch_iterable_type_support", async () => {
    const make = async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode("it");
    };
    expect(await new Response(make()).text()).toBe("it");
    setHttpCompat({ ...compat, iterableBodies: false });
    expect(await new Response(make()).text()).toBe("[object AsyncGenerator]");
  });

  test("each kind brings its content type, which an explicit header overrides", () => {
    const type = (body: unknown, headers?: Record<string, string>): string | null =>
      new Response(body, headers === undefined ? {} : { headers }).headers.get("content-type");
    expect(type("x")).toBe("text/plain;charset=UTF-8");
    expect(type(new URLSearchParams("a=b"))).toBe(
      "application/x-www-form-urlencoded;charset=UTF-8",
    );
    expect(type(new Blob(["x"], { type: "a/b" }))).toBe("a/b");
    expect(type(new Uint8Array(1))).toBe(null);
    expect(type("x", { "Content-Type": "c/d" })).toBe("c/d");
    expect(new Request("http://x", { method: "POST", body: "x" }).headers.get("content-type")).toBe(
      "text/plain;charset=UTF-8",
    );
  });
});
