/**
 * How Request, Response, Headers and Blob travel over RPC by value (spec/rpc.md 2.1). The codec
 * walks what `encode` returns, so streams and signals in it become capabilities. File is refused like
 * any other class.
 */

import type { ValueType } from "../rpc/contract.ts";
import type { EncodeRules } from "../rpc/contracts/rules.ts";
import {
  readableDisturbed,
  readableLocked,
  readableOnlyRpc,
  unsupportedType,
} from "../rpc/error-texts.ts";
import type { AbortSignal } from "./events/abort-signal.ts";
import { Blob, blobBytes, File } from "./forms/blob.ts";
import { peekBody, takeBody } from "./http/body.ts";
import { isLazyStream, sourceLength } from "./http/body-source.ts";
import {
  Headers,
  type HeadersGuard,
  headersFromWire,
  headersGuard,
  headersToWire,
} from "./http/headers.ts";
import {
  createRequest,
  originalState,
  Request,
  rawRequestHeaders,
  subrequestSignal,
} from "./http/request.ts";
import { createResponse, Response, rareState, responseHead } from "./http/response.ts";
import type { EncodedSocket } from "./sockets/received.ts";
import { decodeSocket, encodeSocket, Socket } from "./sockets/socket.ts";
import { socketOnlyRpc } from "./sockets/texts.ts";
import { isLocked, isReadableStream, streamOfBytes } from "./streams/byte-streams.ts";
import type { ReadableStream } from "./streams/readable-stream.ts";
import { decodeWebSocket, type EncodedWebSocket, encodeWebSocket } from "./websocket/streams.ts";
import type { WebSocket } from "./websocket/websocket.ts";

/** Larger bodies go as streams, which the 32 MiB limit of a message does not count. */
const INLINE_BODY = 256 * 1024;
const MAX_HEADERS = 1024;

type EncodedBody = null | string | Uint8Array | ReadableStream;

/** A Request as data; `body` is taken from it. */
export interface EncodedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: string;
  readonly body: EncodedBody;
  readonly redirect?: "manual";
  readonly cf?: unknown;
  readonly cache?: string;
  readonly signal?: AbortSignal;
  readonly encodeResponseBody?: "manual";
}

/** The same of a Response. */
export interface EncodedResponse {
  readonly status: number;
  readonly statusText: string | undefined;
  readonly headers: string;
  readonly body: EncodedBody;
  readonly cf?: unknown;
  readonly encodeBody?: string;
  readonly webSocket?: EncodedWebSocket;
}

const headersType: ValueType<Headers> = {
  tag: "headers",
  prototype: Headers.prototype,
  encode: (headers) => [headersGuard(headers), headersToWire(headers)],
  decode(data) {
    const [guard, wire] = data as [HeadersGuard, string];
    return headersFromWire(checkCount(wire), guard);
  },
};

const requestType: ValueType<Request> = {
  tag: "request",
  prototype: Request.prototype,
  encode(request, rules): EncodedRequest {
    assertEncodable(request, rules);
    const state = originalState(request);
    const { url, method } = state;
    // The request of an event gets a signal of its own where it arrives.
    const signal = rules === "event" ? undefined : subrequestSignal(request);
    const wire = toWire(rawRequestHeaders(request));
    const headers = rules === "event" ? framed(request, wire) : wire;
    const isManual = state.redirect === "manual" || state.encodeResponseBody === "manual";
    const cf = state.cf ?? undefined;
    // What most requests have: objects that are put together of parts cost more than all else here.
    if (!isManual && (cf ?? state.cache ?? signal) === undefined) {
      return { url, method, headers, body: encodeBodyOf(request) };
    }
    return {
      url,
      method,
      headers,
      ...(state.redirect === "manual" ? { redirect: "manual" } : {}),
      ...(cf === undefined ? {} : { cf: request.cf }),
      ...(state.cache === undefined ? {} : { cache: state.cache }),
      ...(signal === undefined ? {} : { signal }),
      ...(state.encodeResponseBody === "manual" ? { encodeResponseBody: "manual" } : {}),
      body: encodeBodyOf(request),
    };
  },
  decode(data) {
    const encoded = data as EncodedRequest;
    return createRequest({
      url: encoded.url,
      method: encoded.method,
      headers: checkCount(encoded.headers),
      guard: "request",
      body: encoded.body,
      redirect: encoded.redirect,
      cf: encoded.cf,
      cache: encoded.cache,
      signal: encoded.signal,
      encodeResponseBody: encoded.encodeResponseBody,
    });
  },
};

const responseType: ValueType<Response> = {
  tag: "response",
  prototype: Response.prototype,
  encode(response, rules): EncodedResponse {
    assertEncodable(response, rules);
    const rare = rareState(response);
    const webSocket = rare?.webSocket as WebSocket | null | undefined;
    if (webSocket && rules !== "event") {
      throw new DOMException(unsupportedType("WebSocket"), "DataCloneError");
    }
    const [status, statusText, raw] = responseHead(response);
    const headers = toWire(raw);
    const cf = rare?.cf ?? undefined;
    const encodeBody = rare?.encodeBody;
    if (!webSocket && (cf ?? encodeBody) === undefined) {
      return { status, statusText, headers, body: encodeBodyOf(response) };
    }
    return {
      status,
      statusText,
      headers,
      ...(cf === undefined ? {} : { cf }),
      ...(encodeBody === undefined ? {} : { encodeBody }),
      ...(webSocket ? { webSocket: encodeWebSocket(webSocket) } : {}),
      body: encodeBodyOf(response),
    };
  },
  decode(data) {
    const { status, statusText, headers, body, cf, encodeBody, webSocket } =
      data as EncodedResponse;
    if (status === 0) return Response.error();
    return createResponse({
      status,
      statusText,
      headers: checkCount(headers),
      guard: "response",
      body,
      cf,
      encodeBody,
      webSocket: webSocket && decodeWebSocket(webSocket),
    });
  },
};

const blobType: ValueType<Blob> = {
  tag: "blob",
  prototype: Blob.prototype,
  encode(blob) {
    if (blob instanceof File) throw new DOMException(unsupportedType("File"), "DataCloneError");
    return [blob.type, withoutRest(blobBytes(blob))];
  },
  decode(data) {
    const [type, bytes] = data as [string, Uint8Array];
    return new Blob([bytes], { type });
  },
};

const socketType: ValueType<Socket> = {
  tag: "socket",
  prototype: Socket.prototype,
  encode(socket, rules) {
    if (rules !== undefined && rules !== "rpc") {
      throw new DOMException(socketOnlyRpc, "DataCloneError");
    }
    return encodeSocket(socket);
  },
  decode: (data) => decodeSocket(data as EncodedSocket),
};

/** For `RpcHost.valueTypes`. */
export const httpValueTypes: readonly ValueType[] = [
  headersType,
  requestType,
  responseType,
  blobType,
  socketType,
] as readonly unknown[] as readonly ValueType[];

/** What RPC says of a body that cannot be sent; a clone would have to share it. */
function assertEncodable(owner: Request | Response, rules: EncodeRules | undefined): void {
  if (rules === "event") return;
  const body = peekBody(owner);
  if (rules === "clone" && (body !== null || owner.bodyUsed)) {
    throw new DOMException(readableOnlyRpc, "DataCloneError");
  }
  const isBodyLocked = isReadableStream(body) ? isLocked(body) : undefined;
  if (isBodyLocked === false && owner.bodyUsed) throw new TypeError(readableDisturbed);
  if (isBodyLocked ?? owner.bodyUsed) throw new TypeError(readableLocked);
}

/** The headers of an event's request (`wire`), with what the network adds for its body. */
function framed(request: Request, wire: string): string {
  const body = peekBody(request);
  if (body === null) return wire;
  const { headers } = request;
  if (headers.has("content-length") || headers.has("transfer-encoding")) return wire;
  const length = sourceLength(body);
  const line = length < 0 ? "transfer-encoding\nchunked" : `content-length\n${length}`;
  return wire === "" ? line : `${wire}\n${line}`;
}

/** Takes the body: the last thing that an encoder does, since it must leave the value whole on throw. */
function encodeBodyOf(owner: Request | Response): EncodedBody {
  const taken = takeBody(owner);
  const source = isLazyStream(taken) ? taken.open() : taken;
  if (source instanceof Uint8Array && source.byteLength > INLINE_BODY) {
    return streamOfBytes(source.slice());
  }
  if (typeof source === "string" && source.length > INLINE_BODY) {
    return streamOfBytes(new TextEncoder().encode(source));
  }
  return source instanceof Uint8Array ? withoutRest(source) : source;
}

/** Cloning a view would carry its whole buffer along. */
function withoutRest(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function toWire(headers: string | Headers): string {
  return typeof headers === "string" ? headers : headersToWire(headers);
}

function checkCount(wire: string): string {
  if (wire.length < MAX_HEADERS * 2) return wire;
  const count = wire.split("\n").length / 2;
  if (count <= MAX_HEADERS) return wire;
  throw new DOMException(
    `Deserialization failed: header count exceeds maximum (${MAX_HEADERS})`,
    "DataCloneError",
  );
}
