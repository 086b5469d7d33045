/** Multipart uploads of a bucket (spec/resources.md 5.7): rows of uploads and parts, and their rules. */
import { createHash, randomBytes } from "node:crypto";
import type { R2Head, R2Part, R2PutOptions } from "../../protocol/r2.ts";
import type { Store } from "../store.ts";
import { type BodySource, type Written, writeBody } from "./body.ts";
import { r2Error } from "./errors.ts";
import { replaceRows } from "./rows.ts";

const MIN_PART_BYTES: number = 5 * 1024 * 1024;

/** `state` of an upload's row; the row stays. */
const State = { running: 0, completed: 1, aborted: 2 } as const;

interface StoredPart {
  readonly number: number;
  readonly size: number;
  readonly md5: string;
}

export function createUpload(
  store: Store,
  key: string,
  { http, custom }: Pick<R2PutOptions, "http" | "custom">,
): string {
  const id = randomBytes(128).toString("base64url");
  store
    .statement(
      "INSERT INTO _mf_multipart_uploads (upload_id, key, http_metadata, custom_metadata) VALUES (?, ?, ?, ?)",
    )
    .run(id, key, JSON.stringify(http), JSON.stringify(custom));
  return id;
}

export async function uploadPart(
  store: Store,
  key: string,
  upload: string,
  number: number,
  value: BodySource,
): Promise<R2Part> {
  assertRunning(store, key, upload);
  const { blobs } = store;
  const written = await writeBody(blobs, value);
  const etag = randomBytes(16).toString("hex");
  try {
    const before = store.transaction(() => {
      // It may have ended while the part was on its way.
      assertRunning(store, key, upload);
      return setPart(store, upload, number, written, etag);
    });
    for (const blob of before) blobs.remove(blob);
  } catch (error) {
    blobs.remove(written.blob);
    throw error;
  }
  return { partNumber: number, etag };
}

export function completeUpload(
  store: Store,
  key: string,
  upload: string,
  parts: readonly R2Part[],
): R2Head {
  const { head, garbage } = store.transaction(() => {
    const row = store
      .statement(
        "SELECT state, http_metadata, custom_metadata FROM _mf_multipart_uploads WHERE upload_id = ? AND key = ?",
      )
      .get(upload, key);
    if (row === undefined) throw failed(10001);
    if (row[0] !== State.running) throw failed(10024);
    const listed = findParts(store, upload, parts);
    const md5s = listed.map(({ md5 }) => Buffer.from(md5, "hex"));
    const hash = createHash("md5").update(Buffer.concat(md5s)).digest("hex");
    const object: R2Head = {
      key,
      version: randomBytes(16).toString("hex"),
      size: listed.reduce((sum, { size }) => sum + size, 0),
      etag: `${hash}-${listed.length}`,
      uploaded: Date.now(),
      checksums: {},
      http: JSON.parse(row[1] as string),
      custom: JSON.parse(row[2] as string),
    };
    const removed = replaceRows(store, object, null);
    for (const { number } of listed) {
      store
        .statement(
          "UPDATE _mf_multipart_parts SET object_key = ? WHERE upload_id = ? AND part_number = ?",
        )
        .run(key, upload, number);
    }
    removed.push(...removeParts(store, upload));
    setState(store, upload, State.completed);
    return { head: object, garbage: removed };
  });
  for (const blob of garbage) store.blobs.remove(blob);
  return head;
}

export function abortUpload(store: Store, key: string, upload: string): void {
  const garbage = store.transaction(() => {
    const state = stateOf(store, key, upload);
    if (state === undefined) throw r2Error("abortMultipartUpload", 10001);
    if (state !== State.running) return [];
    setState(store, upload, State.aborted);
    return removeParts(store, upload);
  });
  for (const blob of garbage) store.blobs.remove(blob);
}

/** The listed parts in the order of their numbers. */
function findParts(store: Store, upload: string, parts: readonly R2Part[]): StoredPart[] {
  if (new Set(parts.map(({ partNumber }) => partNumber)).size < parts.length) throw failed(10001);
  const listed = parts.map(({ partNumber, etag }): StoredPart => {
    const row = store
      .statement(
        "SELECT size, checksum_md5 FROM _mf_multipart_parts WHERE upload_id = ? AND part_number = ? AND etag = ?",
      )
      .get(upload, partNumber, etag);
    if (row === undefined) throw failed(10025);
    return { number: partNumber, size: row[0] as number, md5: row[1] as string };
  });
  if (listed.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) throw failed(10011);
  listed.sort((a, b) => a.number - b.number);
  const first = listed[0]?.size ?? 0;
  const isUneven = listed.some(({ size }, index) =>
    index === listed.length - 1 ? size > first : size !== first,
  );
  if (isUneven) throw failed(10048);
  return listed;
}

function setPart(
  store: Store,
  upload: string,
  number: number,
  { blob, size, checksums }: Written,
  etag: string,
): string[] {
  const before = store
    .statement(
      "DELETE FROM _mf_multipart_parts WHERE upload_id = ? AND part_number = ? RETURNING blob_id",
    )
    .all(upload, number);
  store
    .statement(
      "INSERT INTO _mf_multipart_parts (upload_id, part_number, blob_id, size, etag, checksum_md5) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .run(upload, number, blob, size, etag, checksums.md5 ?? "");
  return before.map(([id]) => id as string);
}

/** Parts that belong to no object. */
function removeParts(store: Store, upload: string): string[] {
  return store
    .statement(
      "DELETE FROM _mf_multipart_parts WHERE upload_id = ? AND object_key IS NULL RETURNING blob_id",
    )
    .all(upload)
    .map(([blob]) => blob as string);
}

function assertRunning(store: Store, key: string, upload: string): void {
  if (stateOf(store, key, upload) !== State.running) throw r2Error("uploadPart", 10024);
}

function stateOf(store: Store, key: string, upload: string): unknown {
  return store
    .statement("SELECT state FROM _mf_multipart_uploads WHERE upload_id = ? AND key = ?")
    .get(upload, key)?.[0];
}

function setState(store: Store, upload: string, state: number): void {
  store
    .statement("UPDATE _mf_multipart_uploads SET state = ? WHERE upload_id = ?")
    .run(state, upload);
}

function failed(code: 10001 | 10011 | 10024 | 10025 | 10048): Error {
  return r2Error("completeMultipartUpload", code);
}
