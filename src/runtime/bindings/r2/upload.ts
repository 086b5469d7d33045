/** A multipart upload that was begun or is resumed (spec/resources.md 5.7). */

import { requireInvocation } from "../../../isolate/invocation.ts";
import { describeSpan, type OpenSpan, spanned } from "../../../isolate/spans.ts";
import type { R2Head, R2Part } from "../../../protocol/r2.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { toInteger, toOptions, toText, wrongParameter } from "../convert.ts";
import type { ResourceCaller } from "../resource.ts";
import { headResult } from "./objects.ts";
import { assertSsecKey } from "./options.ts";
import { answered, type BucketNames, beginR2, describeObject, ended, NO_KEY } from "./spans.ts";
import { sentSize, sentValue, VALUE_TYPES } from "./values.ts";

const NAME = "R2MultipartUpload";
const INTERNAL: unique symbol = Symbol("internal");
const MAX_PARTS = 10_000;

export interface UploadOptions {
  readonly call: ResourceCaller;
  readonly key: string;
  readonly uploadId: string;
  readonly allFields: boolean;
  readonly names: BucketNames;
}

export class R2MultipartUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly #options: UploadOptions;

  constructor(key: unknown, options?: UploadOptions) {
    if (key !== INTERNAL || options === undefined) throw new TypeError("Illegal constructor");
    this.uploadId = options.uploadId;
    this.key = options.key;
    this.#options = options;
  }

  async uploadPart(...args: readonly unknown[]): Promise<object> {
    return this.#operation("uploadPart", (span) => this.#uploadPart(args, span));
  }

  async abort(): Promise<void> {
    return this.#operation("abortMultipartUpload", async (span) => {
      requireInvocation("R2.abort");
      const { call, key, uploadId } = this.#options;
      span?.set("cloudflare.r2.request.key", key);
      await call("abort", key, uploadId);
      if (span !== undefined) answered(span);
    });
  }

  async complete(...args: readonly unknown[]): Promise<object> {
    return this.#operation("completeMultipartUpload", (span) => this.#complete(args, span));
  }

  #operation<T>(name: string, run: (span: OpenSpan | undefined) => Promise<T>): Promise<T> {
    return spanned(`r2_${name}`, (span) => {
      if (span === undefined) return run(span);
      const { names, uploadId } = this.#options;
      beginR2(span, names, `${name[0]?.toUpperCase()}${name.slice(1)}`);
      span.set("cloudflare.r2.request.upload_id", uploadId);
      return ended(span, run(span));
    });
  }

  async #uploadPart(args: readonly unknown[], span: OpenSpan | undefined): Promise<object> {
    requireInvocation("R2.uploadPart");
    const { call, key, uploadId } = this.#options;
    const wrongValue = (): TypeError => wrongParameter("uploadPart", NAME, 2, VALUE_TYPES);
    if (args.length < 1) throw wrongParameter("uploadPart", NAME, 1, "integer");
    if (args.length < 2) throw wrongValue();
    const number = partNumber(args[0]);
    const value = sentValue(args[1], wrongValue);
    const options = toOptions(args[2], () =>
      wrongParameter("uploadPart", NAME, 3, "UploadPartOptions"),
    );
    assertSsecKey(options?.ssecKey);
    if (span !== undefined) {
      describeSpan(span, {
        "cloudflare.r2.request.part_number": BigInt(number),
        "cloudflare.r2.request.key": key,
        "cloudflare.r2.request.size": sentSize(value),
      });
    }
    const part = await call<R2Part>("uploadPart", key, uploadId, number, value);
    if (span !== undefined) {
      answered(span);
      span.set("cloudflare.r2.response.etag", part.etag);
    }
    return { partNumber: part.partNumber, etag: part.etag };
  }

  async #complete(args: readonly unknown[], span: OpenSpan | undefined): Promise<object> {
    requireInvocation("R2.complete");
    const [list] = args;
    if (!Array.isArray(list)) throw wrongParameter("complete", NAME, 1, "Array");
    const parts = list.map((part: unknown, index): R2Part => {
      if (typeof part !== "object" || part === null) {
        throw new TypeError(
          `Incorrect type for array element ${index}: the provided value is not of type 'UploadedPart'.`,
        );
      }
      const given = part as { readonly partNumber?: unknown; readonly etag?: unknown };
      return { partNumber: partNumber(given.partNumber), etag: toText(given.etag) };
    });
    const { call, key, uploadId, allFields } = this.#options;
    if (span !== undefined) {
      span.set("cloudflare.r2.request.key", key);
      const numbers = parts.map((part) => part.partNumber).join(", ");
      span.set("cloudflare.r2.request.uploaded_parts", numbers);
    }
    const head = await call<R2Head>("complete", key, uploadId, parts);
    if (span !== undefined) describeObject(span, head, NO_KEY);
    return headResult(head, { allFields });
  }
}
defineInterface(R2MultipartUpload, NAME);

export function createUpload(options: UploadOptions): R2MultipartUpload {
  return new R2MultipartUpload(INTERNAL, options);
}

function partNumber(value: unknown): number {
  const number = toInteger(value) ?? 0;
  if (number < 1 || number > MAX_PARTS) {
    throw new TypeError(
      `Part number must be between 1 and ${MAX_PARTS} (inclusive). Actual value was: ${number}`,
    );
  }
  return number;
}
