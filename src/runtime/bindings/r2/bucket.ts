/**
 * `env.BUCKET` (spec/resources.md 5): converts arguments here, in the Worker's thread, and calls the
 * bucket in the storage thread (resources/r2/bucket.ts).
 */

import { requireInvocation } from "../../../isolate/invocation.ts";
import { describeSpan, type OpenSpan, spanned } from "../../../isolate/spans.ts";
import type { R2Found, R2Head, R2Page } from "../../../protocol/r2.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { refuseCloning } from "../clone-refusals.ts";
import { ILLEGAL_INVOCATION, toInteger, toOptions, toText, wrongParameter } from "../convert.ts";
import type { BindingFlags, ResourceCaller } from "../resource.ts";
import { getResult, headResult } from "./objects.ts";
import {
  assertSsecKey,
  checksumOf,
  conditionalOf,
  customMetadata,
  httpMetadata,
  includesOf,
  listText,
  type Options,
  rangeOf,
} from "./options.ts";
import {
  answered,
  type BucketNames,
  beginR2,
  describeCondition,
  describeHttp,
  describeObject,
  describeRange,
  ended,
  NO_KEY,
  NOT_HELD,
  unanswered,
} from "./spans.ts";
import { createUpload, type R2MultipartUpload } from "./upload.ts";
import { sentSize, sentValue, VALUE_TYPES } from "./values.ts";

const NAME = "R2Bucket";
const INTERNAL: unique symbol = Symbol("internal");
const MAX_LIST = 1000;
const METADATA = ["httpMetadata", "customMetadata"] as const;

interface Bucket {
  readonly call: ResourceCaller;
  readonly names: BucketNames;
  /** Objects carry all their fields (spec/resources.md 1.6). */
  readonly allFields: boolean;
  /** `r2_list_honor_include` */
  readonly honorsInclude: boolean;
}

/** What is behind `value`; throws for anything but a bucket. */
let bucketOf: (value: R2Bucket) => Bucket;

export class R2Bucket {
  readonly #bucket: Bucket;

  constructor(key?: unknown, bucket?: Bucket) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#bucket = bucket as Bucket;
  }

  static {
    bucketOf = (value) => {
      if (typeof value !== "object" || value === null || !(#bucket in value)) {
        throw new TypeError(ILLEGAL_INVOCATION);
      }
      return value.#bucket;
    };
  }

  head(...args: readonly unknown[]): Promise<object | null> {
    return operation(bucketOf(this), "r2_head", "HeadObject", args, head);
  }

  get(...args: readonly unknown[]): Promise<object | null> {
    return operation(bucketOf(this), "r2_get", "GetObject", args, get);
  }

  put(...args: readonly unknown[]): Promise<object | null> {
    return operation(bucketOf(this), "r2_put", "PutObject", args, put);
  }

  createMultipartUpload(...args: readonly unknown[]): Promise<R2MultipartUpload> {
    return operation(
      bucketOf(this),
      "r2_createMultipartUpload",
      "CreateMultipartUpload",
      args,
      createMultipartUpload,
    );
  }

  resumeMultipartUpload(...args: readonly unknown[]): R2MultipartUpload {
    const { call, allFields, names } = bucketOf(this);
    const key = keyOf("resumeMultipartUpload", args);
    if (args.length < 2) throw wrongParameter("resumeMultipartUpload", NAME, 2, "string");
    return createUpload({ call, key, uploadId: toText(args[1]), allFields, names });
  }

  delete(...args: readonly unknown[]): Promise<void> {
    return operation(bucketOf(this), "r2_delete", "DeleteObject", args, remove);
  }

  list(...args: readonly unknown[]): Promise<object> {
    return operation(bucketOf(this), "r2_list", "ListObjects", args, list);
  }
}
defineInterface(R2Bucket, NAME);

export function createR2Bucket(
  call: ResourceCaller,
  flags: BindingFlags,
  names: BucketNames,
): R2Bucket {
  const bucket = new R2Bucket(INTERNAL, {
    call,
    names,
    allFields: flags.enable_fast_jsg_struct === true,
    honorsInclude: flags.r2_list_honor_include === true,
  });
  refuseCloning(bucket, "An R2 bucket binding cannot be serialized.");
  return bucket;
}

/** Runs one of the methods below, in a span of its own where somebody listens. */
function operation<T>(
  bucket: Bucket,
  spanName: string,
  production: string,
  args: readonly unknown[],
  run: (bucket: Bucket, args: readonly unknown[], span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  return spanned(spanName, (span) => {
    if (span === undefined) return run(bucket, args, span);
    beginR2(span, bucket.names, production);
    return ended(span, run(bucket, args, span));
  });
}

function keyOf(method: string, args: readonly unknown[]): string {
  if (args.length < 1) throw wrongParameter(method, NAME, 1, "string");
  return toText(args[0]);
}

function optionsOf(method: string, type: string, args: readonly unknown[], index: number): Options {
  return toOptions(args[index], () => wrongParameter(method, NAME, index + 1, type)) ?? {};
}

async function head(
  { call, allFields }: Bucket,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<object | null> {
  requireInvocation("R2.head");
  const key = keyOf("head", args);
  span?.set("cloudflare.r2.request.key", key);
  const found = await call<R2Head | null>("head", key);
  if (span !== undefined) describeObject(span, found, NO_KEY);
  if (found === null) return null;
  const range = { offset: 0, length: found.size };
  return headResult(found, { allFields, range });
}

async function get(
  { call, allFields }: Bucket,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<object | null> {
  requireInvocation("R2.get");
  const key = keyOf("get", args);
  const options = optionsOf("get", "GetOptions", args, 1);
  const onlyIf = conditionalOf(options.onlyIf, "GetOptions");
  const range = rangeOf(options.range);
  assertSsecKey(options.ssecKey);
  if (span !== undefined) {
    span.set("cloudflare.r2.request.key", key);
    describeRange(span, range);
    describeCondition(span, onlyIf);
  }
  const found = await call<R2Found | null>("get", key, range, onlyIf);
  if (span !== undefined) {
    const isHeld = found === null || found.range !== undefined;
    if (!isHeld) unanswered(span, NOT_HELD);
    describeObject(span, found?.head ?? null, isHeld ? NO_KEY : undefined);
  }
  return found === null ? null : getResult(found, { allFields });
}

async function put(
  { call, allFields }: Bucket,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<object | null> {
  requireInvocation("R2.put");
  const key = keyOf("put", args);
  const wrongValue = (): TypeError => wrongParameter("put", NAME, 2, VALUE_TYPES);
  if (args.length < 2) throw wrongValue();
  const options = optionsOf("put", "PutOptions", args, 2);
  const isEmpty = args[1] === undefined || args[1] === null;
  const sent = {
    onlyIf: conditionalOf(options.onlyIf, "PutOptions"),
    http: httpMetadata(options.httpMetadata, "PutOptions"),
    custom: customMetadata(options.customMetadata, "PutOptions"),
    checksum: checksumOf(options),
  };
  assertSsecKey(options.ssecKey);
  const value = isEmpty ? "" : sentValue(args[1], wrongValue);
  if (span !== undefined) {
    span.set("cloudflare.r2.request.key", key);
    describeCondition(span, sent.onlyIf);
    if (Object.keys(sent.custom).length > 0) {
      span.set("cloudflare.r2.request.custom_metadata", true);
    }
    span.set("cloudflare.r2.request.checksum.type", sent.checksum?.algorithm);
    span.set("cloudflare.r2.request.checksum.value", sent.checksum?.hex);
    describeHttp(span, "cloudflare.r2.request.http_metadata", sent.http);
    const { storageClass } = options;
    if (storageClass !== undefined) {
      span.set("cloudflare.r2.request.storage_class", toText(storageClass));
    }
    span.set("cloudflare.r2.request.size", sentSize(value));
  }
  const stored = await call<R2Head | null>("put", key, value, sent);
  if (span !== undefined) describeObject(span, stored, NOT_HELD);
  return stored === null ? null : headResult(stored, { allFields });
}

async function createMultipartUpload(
  { call, allFields, names }: Bucket,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<R2MultipartUpload> {
  requireInvocation("R2.createMultipartUpload");
  const key = keyOf("createMultipartUpload", args);
  const options = optionsOf("createMultipartUpload", "MultipartOptions", args, 1);
  const http = httpMetadata(options.httpMetadata, "MultipartOptions");
  const custom = customMetadata(options.customMetadata, "MultipartOptions");
  assertSsecKey(options.ssecKey);
  if (span !== undefined) {
    span.set("cloudflare.r2.request.key", key);
    if (Object.keys(custom).length > 0) span.set("cloudflare.r2.request.custom_metadata", true);
    describeHttp(span, "cloudflare.r2.request.http_metadata", http);
  }
  const uploadId = await call<string>("createMultipartUpload", key, { http, custom });
  if (span !== undefined) {
    answered(span);
    span.set("cloudflare.r2.response.upload_id", uploadId);
  }
  return createUpload({ call, key, uploadId, allFields, names });
}

async function remove(
  { call }: Bucket,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<void> {
  requireInvocation("R2.delete");
  if (args.length < 1) throw wrongParameter("delete", NAME, 1, "string or Array");
  const [given] = args;
  const keys = Array.isArray(given) ? given.map(toText) : [toText(given)];
  span?.set("cloudflare.r2.request.keys", keys.join(", "));
  await call("delete", keys);
  if (span !== undefined) answered(span);
}

async function list(
  bucket: Bucket,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<object> {
  requireInvocation("R2.list");
  const options = optionsOf("list", "ListOptions", args, 0);
  const limit = toInteger(options.limit) ?? -1;
  const prefix = listText(options, "prefix") ?? "";
  const cursor = Buffer.from(listText(options, "cursor") ?? "", "base64");
  const startAfter = listText(options, "startAfter") ?? "";
  const delimiter = listText(options, "delimiter") ?? "";
  const includes = includesOf(options.include);
  // By bytes, as keys are ordered.
  const isLater = Buffer.compare(cursor, Buffer.from(startAfter)) > 0;
  const after = isLater ? cursor.toString() : startAfter;
  if (span !== undefined) {
    describeSpan(span, {
      "cloudflare.r2.request.limit": limit === -1 ? undefined : BigInt(limit),
      "cloudflare.r2.request.prefix": prefix || undefined,
      "cloudflare.r2.request.cursor": listText(options, "cursor") || undefined,
      "cloudflare.r2.request.delimiter": delimiter || undefined,
      "cloudflare.r2.request.start_after": startAfter || undefined,
      "cloudflare.r2.request.include.http_metadata": includes.has("httpMetadata") || undefined,
      "cloudflare.r2.request.include.custom_metadata": includes.has("customMetadata") || undefined,
    });
  }
  const page = await bucket.call<R2Page>("list", {
    prefix,
    delimiter,
    after,
    limit: limit === -1 ? MAX_LIST : limit,
  });
  if (span !== undefined) {
    answered(span);
    describeSpan(span, {
      "cloudflare.r2.response.returned_objects": BigInt(page.objects.length),
      "cloudflare.r2.response.delimited_prefixes": BigInt(page.prefixes.length),
      "cloudflare.r2.response.truncated": page.next !== undefined,
    });
  }
  const without = new Set(METADATA.filter((name) => bucket.honorsInclude && !includes.has(name)));
  const { allFields } = bucket;
  const result = {
    objects: page.objects.map((object) => headResult(object, { allFields, without })),
    truncated: page.next !== undefined,
    delimitedPrefixes: [...page.prefixes],
  };
  if (page.next === undefined && !allFields) return result;
  const { objects, truncated, delimitedPrefixes } = result;
  const next = page.next === undefined ? undefined : Buffer.from(page.next).toString("base64");
  return { objects, truncated, cursor: next, delimitedPrefixes };
}
