/**
 * Node's Headers, Request, Response and Blob over RPC, in the form in which Workers send and expect
 * theirs (web/value-types.ts). Bodies travel as streams; a WebSocket does not travel. For a process
 * that runs no Worker.
 */
import type { ValueType } from "../rpc/contract.ts";
import { readableLocked } from "../rpc/error-texts.ts";

type Body = string | Uint8Array | ReadableStream | null;

interface EncodedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: string;
  readonly body: Body;
  readonly redirect?: "manual";
  readonly signal?: AbortSignal;
}

interface EncodedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly body: Body;
}

/** Statuses of responses that have no body, not even an empty one. */
const NULL_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

const headersType: ValueType<Headers> = {
  tag: "headers",
  get prototype() {
    return Headers.prototype;
  },
  encode: (headers) => ["none", toWire(headers)],
  decode(data) {
    const [, wire] = data as [string, string];
    return fromWire(wire);
  },
};

const requestType: ValueType<Request> = {
  tag: "request",
  get prototype() {
    return Request.prototype;
  },
  encode(request): EncodedRequest {
    assertUnused(request);
    return {
      url: request.url,
      method: request.method,
      headers: toWire(request.headers),
      ...(request.redirect === "manual" ? { redirect: "manual" } : {}),
      body: request.body,
    };
  },
  decode(data) {
    const { url, headers, body, ...rest } = data as EncodedRequest;
    // Required by Node for bodies that are streams.
    return new Request(url, { ...rest, headers: fromWire(headers), body, duplex: "half" });
  },
};

const responseType: ValueType<Response> = {
  tag: "response",
  get prototype() {
    return Response.prototype;
  },
  encode(response): EncodedResponse {
    assertUnused(response);
    const { status, statusText, headers, body } = response;
    return { status, statusText, headers: toWire(headers), body };
  },
  decode(data) {
    const { status, statusText, headers, body } = data as EncodedResponse;
    if (status === 0) return Response.error();
    const init = { status, statusText, headers: fromWire(headers) };
    return new Response(NULL_BODY.has(status) ? null : body, init);
  },
};

/** Node has no bytes of a Blob without a wait: it can be received, not sent. */
const blobType: ValueType<Blob> = {
  tag: "blob",
  get prototype() {
    return Blob.prototype;
  },
  encode() {
    throw new DOMException(
      "A Blob of Node cannot be sent by RPC: send its bytes (await blob.bytes()).",
      "DataCloneError",
    );
  },
  decode(data) {
    const [type, bytes] = data as [string, Uint8Array<ArrayBuffer>];
    return new Blob([bytes], { type });
  },
};

/** A Worker's D1, Images or AI binding (runtime/bindings/sent-bindings.ts): for Workers only. */
const bindingType: ValueType = {
  tag: "binding",
  prototype: {},
  encode: (binding) => binding,
  decode() {
    throw new TypeError(
      "This is a binding of the Worker, which only Workers of its session can use.",
    );
  },
};

const types = [
  headersType,
  requestType,
  responseType,
  blobType,
  bindingType,
] as readonly unknown[] as readonly ValueType[];

/**
 * For `RpcHost.valueTypes`. `areSent` false: these values only arrive; Node's classes, which take their
 * time to load, are loaded with the first one.
 */
export function nativeValues(areSent: boolean): readonly ValueType[] {
  if (areSent) return types;
  return types.map(({ tag, encode, decode }) => ({ tag, encode, decode, prototype: {} }));
}

function assertUnused(owner: Request | Response): void {
  if (owner.bodyUsed || owner.body?.locked === true) throw new TypeError(readableLocked);
}

/** "name\nvalue\nname\nvalue" */
function toWire(headers: Headers): string {
  return [...headers].flat().join("\n");
}

function fromWire(wire: string): Headers {
  const headers = new Headers();
  const parts = wire === "" ? [] : wire.split("\n");
  for (let at = 0; at + 1 < parts.length; at += 2) {
    headers.append(parts[at] as string, parts[at + 1] as string);
  }
  return headers;
}
