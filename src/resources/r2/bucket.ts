/**
 * An R2 bucket in the storage thread: the RPC target behind `env.BUCKET` (spec/resources.md 5), also
 * asked by the dev server's public addresses. Arguments were converted by the caller
 * (runtime/bindings/r2); errors are production's texts.
 */
import { randomBytes } from "node:crypto";
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
import { OBJECTS_SCHEMA } from "../../storage/schemas.ts";
import { naming } from "../failures.ts";
import { Store } from "../store.ts";
import { readBody, type Written, writeBody } from "./body.ts";
import { isWanted } from "./conditions.ts";
import { assertKey, assertMetadata, checksumError, r2Error } from "./errors.ts";
import { listObjects } from "./list.ts";
import { abortUpload, completeUpload, createUpload, uploadPart } from "./multipart.ts";
import { type Span, spanOf } from "./ranges.ts";
import { findHead, insertRow, removeRows, segmentsOf } from "./rows.ts";

const MAX_LIST = 1000;
/** 5 GiB less 5 MiB. */
const MAX_OBJECT_BYTES: number = 5 * 1024 ** 3 - 5 * 1024 ** 2;

export class R2BucketStore {
  readonly #store: Store;

  constructor(root: string, name: string) {
    this.#store = new Store({
      root,
      kind: "r2",
      name,
      setUp: (database) => database.exec(OBJECTS_SCHEMA),
    });
  }

  head(key: string): R2Head | null {
    return this.#guard("head", () => {
      assertKey("head", key);
      return findHead(this.#store, key) ?? null;
    });
  }

  get(key: string, range?: R2Range, onlyIf?: R2Conditional): Promise<R2Found | null> {
    return this.#guard("get", async () => {
      assertKey("get", key);
      // Between row and file another process may replace the object: once more with the new row.
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const head = findHead(this.#store, key);
        if (head === undefined) return null;
        if (!isWanted(onlyIf, head)) return { head };
        const span: Span = spanOf(range, head.size);
        const { blobs } = this.#store;
        const body = await readBody(blobs, segmentsOf(this.#store, key, head.size), span);
        if (body !== undefined) return { head, range: span, body };
      }
      return null;
    });
  }

  /** Null if the condition does not hold. */
  put(
    key: string,
    value: string | Uint8Array | object,
    options: R2PutOptions,
  ): Promise<R2Head | null> {
    return this.#guard("put", async () => {
      assertKey("put", key);
      assertMetadata("put", options.custom);
      const { blobs } = this.#store;
      const source = typeof value === "string" ? Buffer.from(value) : value;
      const written = await writeBody(blobs, source, options.checksum?.algorithm);
      try {
        return this.#commit(key, written, options);
      } catch (error) {
        void blobs.remove(written.blob);
        throw error;
      }
    });
  }

  delete(keys: readonly string[]): void {
    this.#guard("delete", () => {
      for (const key of keys) assertKey("delete", key);
      const garbage = this.#store.transaction(() =>
        keys.flatMap((key) => removeRows(this.#store, key)),
      );
      for (const blob of garbage) void this.#store.blobs.remove(blob);
    });
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
    return this.#guard("uploadPart", () => {
      const source = typeof value === "string" ? Buffer.from(value) : value;
      return uploadPart(this.#store, key, upload, number, source);
    });
  }

  complete(key: string, upload: string, parts: readonly R2Part[]): R2Head {
    return this.#guard("completeMultipartUpload", () =>
      completeUpload(this.#store, key, upload, parts),
    );
  }

  abort(key: string, upload: string): void {
    this.#guard("abortMultipartUpload", () => abortUpload(this.#store, key, upload));
  }

  close(): void {
    this.#store.close();
  }

  #guard<T>(method: string, run: () => T): T {
    return naming(this.#store.path, `${method}: `, run);
  }

  #commit(key: string, { blob, size, checksums }: Written, options: R2PutOptions): R2Head | null {
    if (size > MAX_OBJECT_BYTES) throw r2Error("put", 100100);
    const { checksum, onlyIf, http, custom } = options;
    const actual = checksum === undefined ? undefined : checksums[checksum.algorithm];
    if (checksum !== undefined && actual !== checksum.hex) {
      throw checksumError(checksum.algorithm, checksum.hex, String(actual));
    }
    const md5 = checksums.md5 ?? "";
    const head: R2Head = {
      key,
      version: randomBytes(16).toString("hex"),
      size,
      etag: md5,
      uploaded: Date.now(),
      checksums: checksum === undefined ? {} : { [checksum.algorithm]: checksum.hex },
      http,
      custom,
    };
    const store = this.#store;
    const garbage = store.transaction(() => {
      if (onlyIf !== undefined && !isWanted(onlyIf, findHead(store, key))) return undefined;
      const removed = removeRows(store, key);
      insertRow(store, head, blob);
      return removed;
    });
    for (const old of garbage ?? [blob]) void store.blobs.remove(old);
    return garbage === undefined ? null : { ...head, checksums: { ...head.checksums, md5 } };
  }
}
