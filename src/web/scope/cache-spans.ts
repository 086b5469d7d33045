/**
 * What streaming tails are told of the Cache API: production's attributes, in its order (spec/platform.md 16.2,
 * test/parity/tail-stream). Called by caches.ts where somebody listens.
 */
import { describeSpan, type OpenSpan } from "../../isolate/spans.ts";
import type { CacheHit } from "../../protocol/cache.ts";
import { peekBody } from "../http/body.ts";
import type { Request } from "../http/request.ts";
import { type Response, responseHead } from "../http/response.ts";
import { reasonPhrase } from "../http/status-texts.ts";

export function describeCacheRequest(
  span: OpenSpan,
  { url, method }: Request,
  ignoresMethod: unknown,
): void {
  describeSpan(span, {
    "cache.request.ignore_method": ignoresMethod === undefined ? undefined : Boolean(ignoresMethod),
    "cache.request.url": url,
    "cache.request.method": method,
  });
}

/** Of what is put. */
export function describeStatus(span: OpenSpan, { status }: Response): void {
  span.set("cache.request.payload.status_code", BigInt(status));
}

/** Of what is put, and can be. */
export function describePayload(span: OpenSpan, response: Response): void {
  describeSpan(span, {
    "cache.request.payload.header.cache_control":
      response.headers.get("cache-control") ?? undefined,
    "cache.request.payload.size": response.bodyUsed ? undefined : payloadSize(response),
  });
}

export function describeFound(span: OpenSpan, hit: CacheHit | null): void {
  const length = hit?.body instanceof Uint8Array ? hit.body.byteLength : undefined;
  const told = /(?:^|\n)content-length\n(\d+)/.exec(hit?.headers ?? "")?.[1];
  const size = hit === null || hit.body === null ? 0 : (length ?? told);
  describeSpan(span, {
    "cache.response.status_code": BigInt(hit?.status ?? 504),
    "cache.response.body.size": size === undefined ? undefined : BigInt(size),
    "cache.response.cache_status": hit === null ? "MISS" : "HIT",
    "cache.response.success": hit !== null,
  });
}

export function describeDeleted(span: OpenSpan, wasThere: boolean): void {
  describeSpan(span, {
    "cache.response.status_code": wasThere ? 200n : 404n,
    "cache.response.success": wasThere,
  });
}

/** In bytes, as HTTP/1.1 would write it; undefined for a stream. */
function payloadSize(response: Response): bigint | undefined {
  const source = peekBody(response);
  const isText = typeof source === "string";
  if (source !== null && !isText && !(source instanceof Uint8Array)) return undefined;
  const bytes = source === null ? 0 : isText ? Buffer.byteLength(source) : source.byteLength;
  const { headers } = response;
  const [status, statusText] = responseHead(response);
  const lines = [`HTTP/1.1 ${status} ${statusText ?? reasonPhrase(status)}`];
  if (!headers.has("content-length")) lines.push(`content-length: ${bytes}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return BigInt(Buffer.byteLength(lines.join("\r\n")) + 4 + bytes);
}
