/**
 * Objects of a bucket: found and opened, written, deleted (spec/resources.md 5). Knows neither RPC nor
 * streams: called by the binding's target (bucket.ts) and the public address (public-address.ts) in
 * the storage thread, and by the commands in their own process.
 */
import { randomBytes } from "node:crypto";
import type { R2Conditional, R2Head, R2PutOptions, R2Range } from "../../protocol/r2.ts";
import { OBJECTS_SCHEMA } from "../../storage/schemas.ts";
import { Store } from "../store.ts";
import { type BodyReader, type BodySource, readBody, type Written, writeBody } from "./body.ts";
import { isWanted } from "./conditions.ts";
import { assertKey, assertMetadata, checksumError, r2Error } from "./errors.ts";
import { type Span, spanOf } from "./ranges.ts";
import { findHead, removeRows, replaceRows, segmentsOf } from "./rows.ts";

/** 5 GiB less 5 MiB. */
const MAX_OBJECT_BYTES: number = 5 * 1024 ** 3 - 5 * 1024 ** 2;

export interface OpenObject {
  readonly head: R2Head;
  /** Undefined: the condition does not hold, there is no body. */
  readonly range?: Span;
  readonly body?: Uint8Array<ArrayBuffer> | BodyReader;
}

/** @param name of the bucket */
export function openBucket(root: string, name: string): Store {
  return new Store({
    root,
    kind: "r2",
    name,
    setUp: (database) => database.exec(OBJECTS_SCHEMA),
  });
}

/** Null: there is no such object. @throws Error of R2 for a key or range that cannot be */
export async function openObject(
  store: Store,
  key: string,
  range?: R2Range,
  onlyIf?: R2Conditional,
): Promise<OpenObject | null> {
  assertKey("get", key);
  // Between row and file another process may replace the object: once more with the new row.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const head = findHead(store, key);
    if (head === undefined) return null;
    if (!isWanted(onlyIf, head)) return { head };
    const span: Span = spanOf(range, head.size);
    const body = await readBody(store.blobs, segmentsOf(store, key, head.size), span);
    if (body !== undefined) return { head, range: span, body };
  }
  return null;
}

/** Null if the condition does not hold. Leaves nothing behind when it fails. */
export async function putObject(
  store: Store,
  key: string,
  value: BodySource,
  options: R2PutOptions,
): Promise<R2Head | null> {
  assertKey("put", key);
  assertMetadata("put", options.custom);
  const written = await writeBody(store.blobs, value, options.checksum?.algorithm);
  try {
    return commit(store, key, written, options);
  } catch (error) {
    store.blobs.remove(written.blob);
    throw error;
  }
}

/** Keys that are not there do not matter. */
export function deleteObjects(store: Store, keys: readonly string[]): void {
  for (const key of keys) assertKey("delete", key);
  const garbage = store.transaction(() => keys.flatMap((key) => removeRows(store, key)));
  for (const blob of garbage) store.blobs.remove(blob);
}

function commit(
  store: Store,
  key: string,
  { blob, size, checksums }: Written,
  { checksum, onlyIf, http, custom }: R2PutOptions,
): R2Head | null {
  if (size > MAX_OBJECT_BYTES) throw r2Error("put", 100100);
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
  const garbage = store.transaction(() => {
    if (onlyIf !== undefined && !isWanted(onlyIf, findHead(store, key))) return undefined;
    return replaceRows(store, head, blob);
  });
  for (const old of garbage ?? [blob]) store.blobs.remove(old);
  return garbage === undefined ? null : { ...head, checksums: { ...head.checksums, md5 } };
}
