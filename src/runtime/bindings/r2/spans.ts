/**
 * What streaming tails are told of the operations of an R2 bucket: production's attributes, in its order
 * (spec/platform.md 16.2, test/parity/tail-stream). Called by bucket.ts and upload.ts where somebody listens.
 */
import { describeSpan, type OpenSpan } from "../../../isolate/spans.ts";
import type { R2Conditional, R2Head, R2HttpMetadata, R2Range } from "../../../protocol/r2.ts";

interface Failure {
  readonly message: string;
  readonly code: bigint;
}

export const NO_KEY: Failure = { message: "The specified key does not exist.", code: 10007n };
export const NOT_HELD: Failure = {
  message: "At least one of the pre-conditions you specified did not hold.",
  code: 10031n,
};

const HTTP: readonly (readonly [keyof R2HttpMetadata, string])[] = [
  ["contentType", "content_type"],
  ["contentLanguage", "content_language"],
  ["contentDisposition", "content_disposition"],
  ["contentEncoding", "content_encoding"],
  ["cacheControl", "cache_control"],
];

/** What a binding is called, and which bucket it is. */
export interface BucketNames {
  readonly name: string;
  readonly id: string;
}

export function beginR2(span: OpenSpan, { name, id }: BucketNames, operation: string): void {
  describeSpan(span, {
    "cloudflare.binding.type": "r2",
    "cloudflare.binding.name": name,
    "cloudflare.r2.operation": operation,
    "cloudflare.r2.bucket": id,
  });
}

export function describeHttp(span: OpenSpan, prefix: string, http: R2HttpMetadata): void {
  for (const [field, name] of HTTP) span.set(`${prefix}.${name}`, http[field]);
  const { cacheExpiry } = http;
  if (cacheExpiry !== undefined) span.set(`${prefix}.cache_expiry`, dateOf(cacheExpiry));
}

export function describeRange(span: OpenSpan, range: R2Range | undefined): void {
  if (range === undefined || "header" in range) return;
  for (const [name, value] of Object.entries(range) as [string, number | undefined][]) {
    if (value !== undefined) span.set(`cloudflare.r2.request.range.${name}`, BigInt(value));
  }
}

export function describeCondition(span: OpenSpan, condition: R2Conditional | undefined): void {
  if (condition === undefined) return;
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter } = condition;
  const etags = (list: R2Conditional["etagMatches"]): string | undefined =>
    list?.map(({ value }) => value).join(", ");
  const prefix = "cloudflare.r2.request.only_if";
  describeSpan(span, {
    [`${prefix}.etag_matches`]: etags(etagMatches),
    [`${prefix}.etag_does_not_match`]: etags(etagDoesNotMatch),
    [`${prefix}.uploaded_before`]:
      uploadedBefore === undefined ? undefined : dateOf(uploadedBefore),
    [`${prefix}.uploaded_after`]: uploadedAfter === undefined ? undefined : dateOf(uploadedAfter),
  });
}

export function answered(span: OpenSpan): void {
  span.set("cloudflare.r2.response.success", true);
}

export function unanswered(span: OpenSpan, { message, code }: Failure): void {
  describeSpan(span, {
    "cloudflare.r2.response.success": false,
    "error.type": message,
    "cloudflare.r2.error.message": message,
    "cloudflare.r2.error.code": code,
  });
}

/** `failure`: what `null` stands for; undefined if that it failed has been told. */
export function describeObject(
  span: OpenSpan,
  head: R2Head | null,
  failure: Failure | undefined,
): void {
  if (head === null) {
    if (failure !== undefined) unanswered(span, failure);
    return;
  }
  if (failure !== undefined) answered(span);
  const prefix = "cloudflare.r2.response";
  describeSpan(span, {
    [`${prefix}.etag`]: head.etag,
    [`${prefix}.size`]: head.size,
    [`${prefix}.uploaded`]: dateOf(head.uploaded),
  });
  for (const [algorithm, hex] of Object.entries(head.checksums)) {
    span.set(`${prefix}.checksum.${algorithm}`, hex);
  }
  span.set(`${prefix}.storage_class`, "");
  describeHttp(span, prefix, head.http);
  // Whether there is any or not.
  span.set(`${prefix}.custom_metadata`, true);
}

/** Tells what the operation fails with, if it is the bucket's: `put: <text> (<code>)`. */
export async function ended<T>(span: OpenSpan, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const [, message, code] = /^\w+: (.*) \((\d+)\)$/s.exec((error as Error).message) ?? [];
    if (message !== undefined && code !== undefined) {
      unanswered(span, { message, code: BigInt(code) });
    }
    throw error;
  }
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
