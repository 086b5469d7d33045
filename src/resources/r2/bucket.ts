/**
 * An R2 bucket in the storage thread: the RPC target behind `env.BUCKET` (spec/resources.md 5).
 * Arguments were converted by the caller (runtime/bindings/r2); errors are production's texts. Bodies
 * over the size of one message are streams here, the work is objects.ts.
 */
import type {
  R2Conditional,
  R2Found,
  R2Head,
  R2ListOptions,
  R2Page,
  R2Part,
  R2PutOptions,
  R2Range,
} from "../../protocol/r2.ts";
import { naming } from "../failures.ts";
import type { Store } from "../store.ts";
import { byteStream, readChunks } from "../streams.ts";
import type { BodySource } from "./body.ts";
import { assertKey, assertMetadata, r2Error } from "./errors.ts";
import { listObjects } from "./list.ts";
import { abortUpload, completeUpload, createUpload, uploadPart } from "./multipart.ts";
import { deleteObjects, openBucket, openObject, putObject } from "./objects.ts";
import { findHead } from "./rows.ts";

const MAX_LIST = 1000;

export class R2BucketStore {
  readonly #store: Store;

  constructor(root: string, name: string) {
    this.#store = openBucket(root, name);
  }

  head(key: string): R2Head | null {
    return this.#guard("head", () => {
      assertKey("head", key);
      return findHead(this.#store, key) ?? null;
    });
  }

  get(key: string, range?: R2Range, onlyIf?: R2Conditional): Promise<R2Found | null> {
    return this.#guard("get", async () => {
      const found = await openObject(this.#store, key, range, onlyIf);
      if (found === null) return null;
      const { body, ...rest } = found;
      if (body === undefined || body instanceof Uint8Array)
        return { ...rest, ...(body && { body }) };
      return { ...rest, body: byteStream(body.length, body.next, body.close) };
    });
  }

  /** Null if the condition does not hold. */
  put(
    key: string,
    value: string | Uint8Array | object,
    options: R2PutOptions,
  ): Promise<R2Head | null> {
    return this.#guard("put", () => putObject(this.#store, key, sourceOf(value), options));
  }

  delete(keys: readonly string[]): void {
    this.#guard("delete", () => deleteObjects(this.#store, keys));
  }

  list(options: R2ListOptions): R2Page {
    return this.#guard("list", () => {
      if (options.limit < 1 || options.limit > MAX_LIST) throw r2Error("list", 10022);
      return listObjects(this.#store, options);
    });
  }

  createMultipartUpload(key: string, options: Pick<R2PutOptions, "http" | "custom">): string {
    return this.#guard("createMultipartUpload", () => {
      assertKey("createMultipartUpload", key);
      assertMetadata("createMultipartUpload", options.custom);
      return createUpload(this.#store, key, options);
    });
  }

  uploadPart(
    key: string,
    upload: string,
    number: number,
    value: string | Uint8Array | object,
  ): Promise<R2Part> {
    return this.#guard("uploadPart", () =>
      uploadPart(this.#store, key, upload, number, sourceOf(value)),
    );
  }

  complete(key: string, upload: string, parts: readonly R2Part[]): R2Head {
    return this.#guard("completeMultipartUpload", () =>
      completeUpload(this.#store, key, upload, parts),
    );
  }

  abort(key: string, upload: string): void {
    this.#guard("abortMultipartUpload", () => abortUpload(this.#store, key, upload));
  }

  close(): Promise<void> {
    return this.#store.end();
  }

  #guard<T>(method: string, run: () => T): T {
    return naming(this.#store.path, `${method}: `, run);
  }
}

function sourceOf(value: string | Uint8Array | object): BodySource {
  if (typeof value === "string") return Buffer.from(value);
  return value instanceof Uint8Array ? value : readChunks(value);
}
