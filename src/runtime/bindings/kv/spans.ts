/**
 * What streaming tails are told of the operations of a KV namespace: production's attributes, in its order
 * (spec/platform.md 16.2, test/parity/tail-stream). Called by kv-namespace.ts where somebody listens.
 */
import { describeSpan, type OpenSpan } from "../../../isolate/spans.ts";
import type { ReadableStream } from "../../../web/streams/readable-stream.ts";

export function operationSpan(span: OpenSpan, operation: string, binding: string): void {
  describeSpan(span, {
    "db.system.name": "cloudflare-kv",
    "db.operation.name": operation,
    "cloudflare.binding.name": binding,
    "cloudflare.binding.type": "KV",
  });
}

export function describeKeys(
  span: OpenSpan,
  keys: readonly string[],
  type?: string,
  cacheTtl?: number,
): void {
  describeSpan(span, {
    "cloudflare.kv.query.keys": keys.join(", "),
    "cloudflare.kv.query.keys.count": BigInt(keys.length),
    "cloudflare.kv.query.type": type,
    "cloudflare.kv.query.cache_ttl": cacheTtl === undefined ? undefined : BigInt(cacheTtl),
  });
}

/** Of `put`. The size of a stream is told when it has been read. */
export function describeValue(
  span: OpenSpan,
  value: string | Uint8Array | ReadableStream,
  options: {
    /** Seconds since 1970, and from now. */
    readonly until: number | undefined;
    readonly ttl: number | undefined;
    readonly hasMetadata: boolean;
  },
): void {
  const { until, ttl, hasMetadata } = options;
  const isText = typeof value === "string";
  const size = isText
    ? Buffer.byteLength(value)
    : value instanceof Uint8Array
      ? value.byteLength
      : undefined;
  describeSpan(span, {
    "cloudflare.kv.query.expiration": until === undefined ? undefined : BigInt(until),
    "cloudflare.kv.query.expiration_ttl": ttl === undefined ? undefined : BigInt(ttl),
    "cloudflare.kv.query.metadata": hasMetadata ? true : undefined,
    "cloudflare.kv.query.value_type": isText
      ? "text"
      : size === undefined
        ? "ReadableStream"
        : "ArrayBuffer",
    "cloudflare.kv.query.payload.size": size === undefined ? undefined : BigInt(size),
  });
}

/** `answer`: what `list` gives. `found`: the same keys, with metadata as the texts that travel. */
export function describeList(
  span: OpenSpan,
  answer: { readonly keys: readonly object[]; readonly list_complete: boolean },
  found: readonly { readonly metadata: string | null }[],
): void {
  const keys = answer.keys.map((key, index) => {
    const metadata = found[index]?.metadata ?? undefined;
    return metadata === undefined ? key : { ...key, metadata };
  });
  const text = JSON.stringify({ ...answer, keys });
  describeSpan(span, {
    "cloudflare.kv.response.size": BigInt(Buffer.byteLength(text)),
    "cloudflare.kv.response.list_complete": answer.list_complete,
    "cloudflare.kv.response.returned_rows": BigInt(answer.keys.length),
  });
}
