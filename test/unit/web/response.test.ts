import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { LazyStream } from "../../../src/web/http/body-source.ts";
import { createResponse, Response, responseToWire } from "../../../src/web/http/response.ts";
import type { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { WebSocketPair } from "../../../src/web/websocket/pair.ts";
import { streamOf, textOf } from "./streams-of.ts";

describe("to the wire", () => {
  test("text stays a string, with its content type", () => {
    expect(responseToWire(new Response("hi"))).toEqual({
      status: 200,
      statusText: "OK",
      headers: "content-type\ntext/plain;charset=UTF-8",
      body: "hi",
      length: -1,
      webSocket: null,
    });
  });

  test("bytes stay bytes and streams stay streams", async () => {
    expect(responseToWire(new Response(new Uint8Array([1]))).body).toEqual(new Uint8Array([1]));
    const stream = streamOf("abc");
    expect(responseToWire(new Response(stream)).body).toBe(stream);
  });

  test("status, status text and headers as given", () => {
    const response = new Response(null, { status: 404, statusText: "Nope", headers: { A: "b" } });
    response.headers.append("Set-Cookie", "x=1");
    response.headers.append("Set-Cookie", "y=2");
    expect(responseToWire(response)).toMatchObject({
      status: 404,
      statusText: "Nope",
      headers: "A\nb\nSet-Cookie\nx=1\nSet-Cookie\ny=2",
      body: null,
    });
  });
});

describe("Content-Encoding", () => {
  const headers = { "Content-Encoding": "gzip" };

  test("a body that says gzip is compressed on the way out", async () => {
    const whole = responseToWire(new Response("hello", { headers }));
    expect(gunzipSync(whole.body as Uint8Array).toString()).toBe("hello");
    const stream = responseToWire(new Response(streamOf("hel", "lo"), { headers })).body;
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream as ReadableStream) chunks.push(chunk as Uint8Array);
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe("hello");
  });

  test("manual encoding is left alone", () => {
    const bytes = new Uint8Array(gzipSync("hello"));
    const wire = responseToWire(new Response(bytes, { headers, encodeBody: "manual" }));
    expect(wire.body).toEqual(bytes);
  });

  test("a fetched body that nobody read goes out as it came in", async () => {
    const body: LazyStream = {
      length: -1,
      open: () => streamOf("decoded"),
      encoded: { coding: "gzip", length: 7, open: () => streamOf("encoded") },
    };
    const state = { status: 200, statusText: "", headers: "content-encoding\ngzip", body };
    const wire = responseToWire(createResponse({ ...state, guard: "immutable" }));
    expect([await textOf(wire.body as ReadableStream), wire.length]).toEqual(["encoded", 7]);
    expect(await createResponse({ ...state, guard: "immutable" }).text()).toBe("decoded");
  });
});

describe("statics", () => {
  test("json() serializes and sets its type unless there is one", async () => {
    const response = Response.json({ a: 1 }, { status: 201 });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      201,
      "application/json",
    ]);
    expect(await response.json()).toEqual({ a: 1 });
    const own = Response.json(1, { headers: { "Content-Type": "x/y" } });
    expect([...own.headers]).toEqual([["content-type", "x/y"]]);
  });

  test("redirect() normalizes the URL and is immutable", () => {
    const response = Response.redirect("http://x");
    expect([response.status, response.headers.get("location")]).toEqual([302, "http://x/"]);
    expect(() => response.headers.set("a", "b")).toThrow("Can't modify immutable headers.");
    expect(() => Response.redirect("/x")).toThrow(new TypeError("Unable to parse URL: /x"));
    expect(() => Response.redirect("http://x", 200)).toThrow(
      new RangeError(
        "200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.",
      ),
    );
  });

  test("error() is a response of status 0", () => {
    const response = Response.error();
    expect([response.status, response.type, response.ok, response.body]).toEqual([
      0,
      "error",
      false,
      null,
    ]);
  });
});

describe("construction", () => {
  test("takes another response as options, with headers that can be changed", () => {
    const response = new Response("x", Response.redirect("http://x"));
    response.headers.set("a", "2");
    expect([response.status, response.headers.get("location")]).toEqual([302, "http://x/"]);
  });

  test("a clone has headers of its own", () => {
    const response = new Response("x", { headers: { a: "1" } });
    const clone = response.clone();
    clone.headers.set("a", "2");
    expect([response.headers.get("a"), clone.headers.get("a")]).toEqual(["1", "2"]);
  });

  test("carries one end of a WebSocketPair with status 101", () => {
    const [client] = new WebSocketPair();
    const response = new Response(null, { status: 101, webSocket: client as object });
    expect([response.status, response.webSocket]).toEqual([101, client]);
    expect(responseToWire(response).webSocket).toBe(client);
    expect(() => response.clone()).toThrow("Cannot clone a response to a WebSocket handshake.");
  });

  const RANGE =
    "Responses may only be constructed with status codes in the range 200 to 599, inclusive.";
  const NULL_BODY = "Response with null body status (101, 204, 205, or 304) cannot have a body.";
  test.each([
    [null, { status: 199 }, new RangeError(RANGE)],
    [null, { status: 101 }, new RangeError(RANGE)],
    [null, { status: 600 }, new RangeError(RANGE)],
    [null, { status: "abc" }, new RangeError(RANGE)],
    ["x", { status: 204 }, new TypeError(NULL_BODY)],
    ["x", { statusText: "a\nb" }, new TypeError("Invalid statusText")],
    ["x", { encodeBody: "zip" }, new TypeError("encodeBody: unexpected value: zip")],
    [
      null,
      { status: 101, webSocket: {} },
      new TypeError(
        "Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of type 'WebSocket'.",
      ),
    ],
    [
      "x",
      5,
      new TypeError(
        "Failed to construct 'Response': constructor parameter 2 is not of type 'InitializerDict or Response'.",
      ),
    ],
  ])("refuses new Response(%j, %j)", (body, init, error) => {
    expect(() => new Response(body, init as never)).toThrow(error);
  });

  test("an empty string is no body for status 204", () => {
    expect(responseToWire(new Response("", { status: 204 })).body).toBe(null);
  });
});
