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
  const row = store.query(`SELECT ${HEAD_COLUMNS} FROM _mf_objects WHERE key = ?`).get(key);
  return row === undefined ? undefined : headOf(row);
}

/** The files of an object, in order. */
export function segmentsOf(store: Store, key: string, size: number): Segment[] {
  const row = store.query("SELECT blob_id FROM _mf_objects WHERE key = ?").get(key);
  if (typeof row?.[0] === "string") return [{ blob: row[0], size }];
  return store
    .query(
      "SELECT blob_id, size FROM _mf_multipart_parts WHERE object_key = ? ORDER BY part_number",
    )
    .all(key)
    .map(([blob, length]) => ({ blob: blob as string, size: length as number }));
}

/** Within a transaction: removes the object's row and parts. Returns the files to be removed after. */
export function removeRows(store: Store, key: string): string[] {
  const parts = removeParts(store, key);
  const object = store
    .statement("DELETE FROM _mf_objects WHERE key = ? RETURNING blob_id")
    .all(key);
  return [...parts, ...blobsOf(object)];
}

/** Within a transaction: what `removeRows` does. `blob` null: its parts are to name it afterwards. */
export function replaceRows(store: Store, head: R2Head, blob: string | null): string[] {
  const parts = removeParts(store, head.key);
  const object = store.statement("SELECT blob_id FROM _mf_objects WHERE key = ?").all(head.key);
  upsert(store, head, blob);
  return [...parts, ...blobsOf(object)];
}

function removeParts(store: Store, key: string): string[] {
  const rows = store
    .statement("DELETE FROM _mf_multipart_parts WHERE object_key = ? RETURNING blob_id")
    .all(key);
  return blobsOf(rows);
}

function blobsOf(rows: readonly SqlRow[]): string[] {
  return rows.map(([blob]) => blob).filter((blob) => typeof blob === "string");
}

/** In place where there is one: to remove it and insert another would write the index's pages too. */
function upsert(store: Store, head: R2Head, blob: string | null): void {
  store
    .statement(
      `INSERT INTO _mf_objects
       (key, blob_id, version, size, etag, uploaded, checksums, http_metadata, custom_metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET blob_id = excluded.blob_id, version = excluded.version,
         size = excluded.size, etag = excluded.etag, uploaded = excluded.uploaded,
         checksums = excluded.checksums, http_metadata = excluded.http_metadata,
         custom_metadata = excluded.custom_metadata`,
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
