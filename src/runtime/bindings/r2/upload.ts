/** A multipart upload that was begun or is resumed (spec/resources.md 5.7). */

import { requireInvocation } from "../../../isolate/invocation.ts";
import type { R2Head, R2Part } from "../../../protocol/r2.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { toInteger, toOptions, toText, wrongParameter } from "../convert.ts";
import type { ResourceCaller } from "../resource.ts";
import { headResult } from "./objects.ts";
import { assertSsecKey } from "./options.ts";
import { sentValue, VALUE_TYPES } from "./values.ts";

const NAME = "R2MultipartUpload";
const INTERNAL: unique symbol = Symbol("internal");
const MAX_PARTS = 10_000;

export interface UploadOptions {
  readonly call: ResourceCaller;
  readonly key: string;
  readonly uploadId: string;
  readonly allFields: boolean;
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
    const part = await call<R2Part>("uploadPart", key, uploadId, number, value);
    return { partNumber: part.partNumber, etag: part.etag };
  }

  async abort(): Promise<void> {
    requireInvocation("R2.abort");
    const { call, key, uploadId } = this.#options;
    await call("abort", key, uploadId);
  }

  async complete(...args: readonly unknown[]): Promise<object> {
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
    return headResult(await call<R2Head>("complete", key, uploadId, parts), { allFields });
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
