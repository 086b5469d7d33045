import { describe, expect, test } from "vitest";
import { Invocation, runInvocation } from "../../../src/isolate/invocation.ts";
import type { ValueType } from "../../../src/rpc/contract.ts";
import { AbortController, AbortSignal } from "../../../src/web/events/abort-signal.ts";
import type { MessageEvent } from "../../../src/web/events/events.ts";
import { Blob, File } from "../../../src/web/forms/blob.ts";
import { guardHeaders, Headers } from "../../../src/web/http/headers.ts";
import { Request, requestFromWire } from "../../../src/web/http/request.ts";
import { Response, responseToWire } from "../../../src/web/http/response.ts";
import { coreOf } from "../../../src/web/streams/byte-streams.ts";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { TransformStream } from "../../../src/web/streams/transform-stream.ts";
import { httpValueTypes } from "../../../src/web/value-types.ts";
import { WebSocketPair } from "../../../src/web/websocket/pair.ts";
import { decodeWebSocket, encodeWebSocket } from "../../../src/web/websocket/streams.ts";
import type { WebSocket } from "../../../src/web/websocket/websocket.ts";
import { streamOf } from "./streams-of.ts";

function typeOf(value: object): ValueType | undefined {
  const prototype = Object.getPrototypeOf(value) as object;
  return httpValueTypes.find((type) => type.prototype === prototype);
}

const responseType = typeOf(new Response()) as ValueType<Response>;

/** As the codec does it: plain data is cloned, streams and signals pass by reference. */
function roundTrip<T extends object>(value: T): T {
  const type = typeOf(value) as ValueType<T>;
  return type.decode(copy(type.encode(value)));
}

function copy(value: unknown): unknown {
  if (value instanceof ReadableStream || value instanceof AbortSignal) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
  }
  return structuredClone(value);
}

test("Headers keep values, cookies, order and guard", () => {
  const headers = new Headers([
    ["B", "1"],
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
    ["A", "2"],
  ]);
  const arrived = roundTrip(guardHeaders(headers, "immutable"));
  expect([...arrived]).toEqual([...headers]);
  expect(() => arrived.set("a", "b")).toThrow("immutable");
});

test("more than 1024 headers are refused on arrival", () => {
  const headers = new Headers(Array.from({ length: 1025 }, (_, i) => [`h${i}`, "x"]));
  expect(() => roundTrip(headers)).toThrow(
    expect.objectContaining({
      name: "DataCloneError",
      message: "Deserialization failed: header count exceeds maximum (1024)",
    }),
  );
});

describe("Request", () => {
  test("keeps method, URL, headers, body, cf, cache and a manual redirect", async () => {
    const request = new Request("http://x/y?z", {
      method: "PUT",
      headers: { a: "b" },
      body: "text",
      cf: { colo: "TST" },
      cache: "no-store",
      redirect: "manual",
    });
    const arrived = roundTrip(request);
    expect([request.bodyUsed, arrived.bodyUsed]).toEqual([true, false]);
    expect({
      method: arrived.method,
      url: arrived.url,
      headers: [...arrived.headers],
      cf: arrived.cf,
      cache: arrived.cache,
      redirect: arrived.redirect,
    }).toEqual({
      method: "PUT",
      url: "http://x/y?z",
      headers: [
        ["a", "b"],
        ["content-type", "text/plain;charset=UTF-8"],
      ],
      cf: { colo: "TST" },
      cache: "no-store",
      redirect: "manual",
    });
    expect(await arrived.text()).toBe("text");
  });

  test("carries a signal only if it was given one", () => {
    const controller = new AbortController();
    const explicit = new Request("http://x", { signal: controller.signal });
    expect(roundTrip(explicit).signal).toBe(controller.signal);
    const incoming = requestFromWire({
      method: "GET",
      url: "http://x/",
      headers: "",
      body: null,
      cf: null,
    });
    expect(incoming.signal.aborted).toBe(false);
    const encoded = typeOf(incoming)?.encode(incoming);
    expect(encoded).not.toHaveProperty("signal");
    expect(typeOf(incoming)?.encode(new Request(incoming))).not.toHaveProperty("signal");
  });

  test("a used body refuses, and leaves the request as it was", async () => {
    const request = new Request("http://x", { method: "POST", body: "x" });
    await request.text();
    expect(() => roundTrip(request)).toThrow("The ReadableStream has been locked to a reader.");
    expect(request.url).toBe("http://x/");
  });
});

describe("Response", () => {
  test("keeps status, status text, headers and body; loses nothing that RPC carries", async () => {
    const response = new Response("body", {
      status: 201,
      statusText: "Made",
      headers: { a: "b" },
      cf: { x: 1 },
    });
    const arrived = roundTrip(response);
    expect([arrived.status, arrived.statusText, arrived.headers.get("a"), arrived.cf]).toEqual([
      201,
      "Made",
      "b",
      { x: 1 },
    ]);
    expect(await arrived.text()).toBe("body");
    arrived.headers.set("a", "c");
  });

  test("large bodies go as streams with their length, small ones inline", async () => {
    const type = typeOf(new Response("x"));
    expect(type?.encode(new Response("small"))).toMatchObject({ body: "small" });
    const bytes = new Uint8Array(300_000).fill(7);
    const large = new Response(bytes);
    const encoded = type?.encode(large);
    expect(encoded).toMatchObject({ body: expect.any(ReadableStream) });
    const arrived = type?.decode(encoded) as Response;
    expect(responseToWire(arrived.clone()).length).toBe(300_000);
    expect(await arrived.bytes()).toEqual(bytes);
  });

  test("a promised stream length arrives", () => {
    const stream = streamOf("abc");
    coreOf(stream).length = 3;
    expect(responseToWire(roundTrip(new Response(stream))).length).toBe(3);
  });

  test("Response.error() arrives as one; a WebSocket is refused", () => {
    expect(roundTrip(Response.error()).type).toBe("error");
    const [webSocket] = new WebSocketPair();
    const response = new Response(null, { status: 101, webSocket: webSocket as object });
    expect(() => roundTrip(response)).toThrow(
      'Could not serialize object of type "WebSocket". This type does not support serialization.',
    );
  });
});

test("a WebSocket in the answer of an event works in both directions, in order", async () => {
  const invocation = new Invocation({ requestId: "1", depth: 0 });
  await runInvocation(invocation, async () => {
    const [client, server] = [...new WebSocketPair()] as [WebSocket, WebSocket];
    const sent = new Response(null, { status: 101, webSocket: client });
    const arrived = responseType.decode(responseType.encode(sent, "event"));
    const socket = arrived.webSocket as WebSocket;
    const [atServer, atClient] = [eventsOf(server), eventsOf(socket)];
    server.accept();
    socket.accept();
    const large = "é".repeat(100_000);
    for (const data of ["a", "", large]) socket.send(data);
    server.send(new Uint8Array([1, 2, 3]).subarray(1));
    server.send("\ufeffb");
    expect([await atServer(), await atServer(), await atServer()]).toEqual(["a", "", large]);
    expect(await ((await atClient()) as Blob).bytes()).toEqual(new Uint8Array([2, 3]));
    expect(await atClient()).toBe("\ufeffb");
    server.close(4000, "é");
    expect(await atClient()).toEqual([4000, "é", true]);
  });
  invocation.end();
});

test("a WebSocket of a session that is lost closes with 1006 at both ends", async () => {
  const invocation = new Invocation({ requestId: "1", depth: 0 });
  await runInvocation(invocation, async () => {
    const [client, server] = [...new WebSocketPair()] as [WebSocket, WebSocket];
    const atServer = eventsOf(server);
    server.accept();
    const encoded = encodeWebSocket(client);
    const { readable, writable } = new TransformStream();
    const socket = decodeWebSocket({ fromCallee: readable, toCallee: encoded.toCallee });
    const atClient = eventsOf(socket);
    socket.accept();
    await writable.abort(new Error("lost"));
    await encoded.fromCallee.cancel();
    const reason = "WebSocket disconnected without sending Close frame.";
    expect(await atClient()).toEqual([1006, reason, false]);
    expect(await atServer()).toEqual([1006, reason, false]);
  });
  invocation.end();
});

/** Data of messages and [code, reason, wasClean] of the close, one a call. */
function eventsOf(socket: WebSocket): () => Promise<unknown> {
  const { readable, writable } = new TransformStream(undefined, undefined, { highWaterMark: 1000 });
  const writer = writable.getWriter();
  socket.addEventListener("message", (event) => {
    void writer.write((event as MessageEvent).data);
  });
  socket.addEventListener("close", (event) => {
    const { code, reason, wasClean } = event as unknown as Record<string, unknown>;
    void writer.write([code, reason, wasClean]);
  });
  const reader = readable.getReader();
  return async () => (await reader.read()).value;
}

test("Blob keeps bytes and type, also of a slice; File is no value type", async () => {
  const blob = new Blob(["_hello_"], { type: "text/x" }).slice(1, 6, "text/y");
  const arrived = roundTrip(blob);
  expect([await arrived.text(), arrived.type, arrived.size]).toEqual(["hello", "text/y", 5]);
  expect(typeOf(new File(["x"], "n"))).toBeUndefined();
});
