/**
 * The rows of a store that keeps one value file per key: KV namespaces, caches, secrets
 * (storage/schemas.ts, `_mf_entries`). A row is written after its file; files of rows that are gone
 * are removed in the background. Times are milliseconds.
 */
import { ENTRIES_SCHEMA } from "../storage/schemas.ts";
import type { SqlRow } from "../storage/sqlite/contract.ts";
import type { StoreKind } from "../storage/state-folder.ts";
import { Store } from "./store.ts";

export interface EntryRow {
  readonly blob: string;
  readonly expiration: number | null;
  /** JSON text. */
  readonly metadata: string | null;
}

export class Entries {
  readonly store: Store;

  constructor(root: string, kind: StoreKind, name: string) {
    this.store = new Store({
      root,
      kind,
      name,
      setUp: (database) => database.exec(ENTRIES_SCHEMA),
    });
  }

  /** Undefined for a missing key, and for an expired one, which is deleted. */
  find(key: string): EntryRow | undefined {
    const row = this.store
      .query("SELECT blob_id, expiration, metadata FROM _mf_entries WHERE key = ?")
      .get(key);
    if (row === undefined) return undefined;
    const [blob, expiration, metadata] = row as [string, number | null, string | null];
    const now = Date.now();
    if (expiration === null || expiration > now) return { blob, expiration, metadata };
    this.deleteExpired(now);
    return undefined;
  }

  /** Names a file that is written. When it fails the file is removed. */
  set(key: string, { blob, expiration, metadata }: EntryRow): void {
    const { store } = this;
    let before: SqlRow | undefined;
    try {
      before = store.transaction(() => {
        const row = store.statement("SELECT blob_id FROM _mf_entries WHERE key = ?").get(key);
        store
          .statement(
            // In place: replacing the row would write the pages of both indexes too.
            `INSERT INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (?, ?, ?, ?)
             ON CONFLICT (key) DO UPDATE SET blob_id = excluded.blob_id,
               expiration = excluded.expiration, metadata = excluded.metadata`,
          )
          .run(key, blob, expiration, metadata);
        return row;
      });
    } catch (error) {
      store.blobs.remove(blob);
      throw error;
    }
    this.#forget(before);
  }

  /** True if there was one that had not expired. */
  delete(key: string): boolean {
    // To its end: `get` would not hear that the row could not be deleted (a full disk).
    const [row] = this.store
      .statement("DELETE FROM _mf_entries WHERE key = ? RETURNING blob_id, expiration")
      .all(key);
    this.#forget(row);
    const expiration = row?.[1] as number | null | undefined;
    return expiration === null || (expiration !== undefined && expiration > Date.now());
  }

  deleteExpired(now: number): void {
    const rows = this.store
      .statement("DELETE FROM _mf_entries WHERE expiration <= ? RETURNING blob_id")
      .all(now);
    for (const row of rows) this.#forget(row);
  }

  /** For good. */
  end(): Promise<void> {
    return this.store.end();
  }

  #forget(row: SqlRow | undefined): void {
    if (row !== undefined) this.store.blobs.remove(row[0] as string);
  }
}
