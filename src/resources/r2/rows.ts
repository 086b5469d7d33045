/** Objects as rows of the bucket's database (storage/schemas.ts). */
import type { R2Head } from "../../protocol/r2.ts";
import type { SqlRow } from "../../storage/sqlite/contract.ts";
import type { Store } from "../store.ts";
import type { Segment } from "./body.ts";

/** In the order in which `headOf` reads them. The key as bytes: one engine cuts text at a NUL. */
export const HEAD_COLUMNS =
  "CAST(key AS BLOB), version, size, etag, uploaded, checksums, http_metadata, custom_metadata";

export function headOf(row: SqlRow): R2Head {
  const [key, version, size, etag, uploaded, checksums, http, custom] = row;
  const sums = JSON.parse(checksums as string) as Record<string, string>;
  const isMultipart = (etag as string).includes("-");
  return {
    key: Buffer.from(key as Uint8Array).toString(),
    version: version as string,
    size: size as number,
    etag: etag as string,
    uploaded: uploaded as number,
    checksums: isMultipart ? sums : { ...sums, md5: etag as string },
    http: JSON.parse(http as string),
    custom: JSON.parse(custom as string),
  };
}

export function findHead(store: Store, key: string): R2Head | undefined {
  const row = store.statement(`SELECT ${HEAD_COLUMNS} FROM _mf_objects WHERE key = ?`).get(key);
  return row === undefined ? undefined : headOf(row);
}

/** The files of an object, in order. */
export function segmentsOf(store: Store, key: string, size: number): Segment[] {
  const row = store.statement("SELECT blob_id FROM _mf_objects WHERE key = ?").get(key);
  if (typeof row?.[0] === "string") return [{ blob: row[0], size }];
  return store
    .statement(
      "SELECT blob_id, size FROM _mf_multipart_parts WHERE object_key = ? ORDER BY part_number",
    )
    .all(key)
    .map(([blob, length]) => ({ blob: blob as string, size: length as number }));
}

/** Within a transaction: removes the object's row and parts. Returns the files to be removed after. */
export function removeRows(store: Store, key: string): string[] {
  const parts = store
    .statement("DELETE FROM _mf_multipart_parts WHERE object_key = ? RETURNING blob_id")
    .all(key);
  const object = store
    .statement("DELETE FROM _mf_objects WHERE key = ? RETURNING blob_id")
    .all(key);
  return [...parts, ...object].map(([blob]) => blob).filter((blob) => typeof blob === "string");
}

/** Within a transaction, after `removeRows`. `blob` null: its parts are to name it. */
export function insertRow(store: Store, head: R2Head, blob: string | null): void {
  store
    .statement(
      `INSERT INTO _mf_objects
       (key, blob_id, version, size, etag, uploaded, checksums, http_metadata, custom_metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      head.key,
      blob,
      head.version,
      head.size,
      head.etag,
      head.uploaded,
      JSON.stringify(head.checksums),
      JSON.stringify(head.http),
      JSON.stringify(head.custom),
    );
}
