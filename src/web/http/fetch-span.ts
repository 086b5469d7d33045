/**
 * The span of one `fetch`, to the outside or by a binding (spec/platform.md 16.2): what it says of request
 * and response. Nothing of it runs where nobody records spans.
 */
import { type OpenSpan, openSpan } from "../../isolate/spans.ts";
import { peekBody } from "./body.ts";
import type { Request } from "./request.ts";
import type { Response } from "./response.ts";

/** Production shows these of a request. */
const SHOWN: readonly (readonly [header: string, attribute: string])[] = [
  ["user-agent", "user_agent.original"],
  ["content-type", "http.request.header.content-type"],
  ["accept", "http.request.header.accept"],
  ["accept-encoding", "http.request.header.accept-encoding"],
];

/** Runs `send` in a span of its own, if somebody hears of it. `around`: the span that it is in. */
export function inFetchSpan(
  request: Request,
  around: OpenSpan | undefined,
  send: () => Promise<Response>,
): Promise<Response> {
  const open = (): OpenSpan | undefined => openSpan("fetch");
  const span = around === undefined ? open() : around.run(open);
  return span === undefined ? send() : sendInSpan(span, request, send);
}

async function sendInSpan(
  span: OpenSpan,
  request: Request,
  send: () => Promise<Response>,
): Promise<Response> {
  describeRequest(span, request);
  try {
    const response = await span.run(send);
    if (response.webSocket === null) describeResponse(span, response);
    return response;
  } finally {
    span.end();
  }
}

function describeRequest(span: OpenSpan, request: Request): void {
  span.set("network.protocol.name", "http");
  span.set("network.protocol.version", "HTTP/1.1");
  span.set("http.request.method", request.method);
  span.set("url.full", request.url);
  for (const [header, attribute] of SHOWN) {
    span.set(attribute, request.headers.get(header) ?? undefined);
  }
  span.set("http.request.body.size", sizeOf(request));
}

function describeResponse(span: OpenSpan, response: Response): void {
  span.set("http.response.status_code", BigInt(response.status));
  span.set("http.response.body.size", sizeOf(response));
}

/** In bytes; undefined if it is not known, or there is no body. */
function sizeOf(message: Request | Response): bigint | undefined {
  const source = peekBody(message);
  if (typeof source === "string") return BigInt(Buffer.byteLength(source));
  if (source instanceof Uint8Array) return BigInt(source.byteLength);
  const length = source === null ? null : message.headers.get("content-length");
  return length === null || !/^\d+$/.test(length) ? undefined : BigInt(length);
}
