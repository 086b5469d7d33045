/**
 * A KV namespace in the storage thread: the RPC target behind `env.KV` (spec/resources.md 4).
 * Arguments were checked by the caller (runtime/bindings/kv.ts); times are milliseconds.
 */
import { ENTRIES_SCHEMA } from "../../storage/schemas.ts";
import type { SqlRow } from "../../storage/sqlite/contract.ts";
import { naming } from "../failures.ts";
import { Store } from "../store.ts";

/** Values up to this size are read and written at once, larger ones without blocking the thread. */
const SMALL_BYTES: number = 256 * 1024;
/** Of all values of one bulk read. */
const MAX_BULK_BYTES = 25 * 1024 * 1024;

export interface KvEntry {
  readonly value: Uint8Array;
  /** JSON text. */
  readonly metadata: string | null;
}

export interface KvPutOptions {
  readonly expiration: number | null;
  readonly metadata: string | null;
}

export interface KvListOptions {
  readonly prefix: string;
  readonly limit: number;
  /** Last key of the page before; "" for the first page. */
  readonly after: string;
}

export interface KvPage {
  readonly keys: readonly {
    readonly name: string;
    readonly expiration: number | null;
    readonly metadata: string | null;
  }[];
  /** False: there are more keys after the last one. */
  readonly isLast: boolean;
}

export class KvNamespaceStore {
  readonly #store: Store;

  constructor(root: string, id: string) {
    this.#store = new Store({
      root,
      kind: "kv",
      name: id,
      setUp: (database) => database.exec(ENTRIES_SCHEMA),
    });
  }

  get(key: string): KvEntry | null | Promise<KvEntry | null> {
    return this.#guard("GET", () => this.#read(key));
  }

  /** In the order of the keys. Null where there is none; "too-large" if all are too much together. */
  async getMany(keys: readonly string[]): Promise<readonly (KvEntry | null)[] | "too-large"> {
    return await this.#guard("GET_BULK", async () => {
      const entries: (KvEntry | null)[] = [];
      let bytes = 0;
      for (const key of keys) {
        const entry = await this.#read(key);
        bytes += entry?.value.byteLength ?? 0;
        if (bytes > MAX_BULK_BYTES) return "too-large";
        entries.push(entry);
      }
      return entries;
    });
  }

  put(key: string, value: string | Uint8Array, options: KvPutOptions): void | Promise<void> {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    return this.#guard("PUT", () => {
      if (bytes.byteLength > SMALL_BYTES) return this.#putLarge(key, bytes, options);
      return this.#setRow(key, this.#store.blobs.writeSync(bytes), options);
    });
  }

  delete(key: string): void {
    this.#guard("DELETE", () => {
      const row = this.#store
        .statement("DELETE FROM _mf_entries WHERE key = ? RETURNING blob_id")
        .get(key);
      this.#forget(row);
    });
  }

  list({ prefix, limit, after }: KvListOptions): KvPage {
    return this.#guard("GET", () => {
      const now = Date.now();
      this.#deleteExpired(now);
      // As bytes: one of the engines cuts text at a NUL.
      const rows = this.#store
        .statement(
          `SELECT CAST(key AS BLOB), expiration, metadata FROM _mf_entries
           WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 AND key > ?2
             AND (expiration IS NULL OR expiration > ?3)
           ORDER BY key LIMIT ?4`,
        )
        .all(prefix, after, now, limit + 1);
      const keys = rows.slice(0, limit).map(([key, expiration, metadata]) => ({
        name: Buffer.from(key as Uint8Array).toString(),
        expiration: expiration as number | null,
        metadata: metadata as string | null,
      }));
      return { keys, isLast: rows.length <= limit };
    });
  }

  close(): Promise<void> {
    return this.#store.end();
  }

  #guard<T>(operation: string, run: () => T): T {
    return naming(this.#store.path, `KV ${operation} failed: 500 Internal Server Error: `, run);
  }

  #read(key: string): KvEntry | null | Promise<KvEntry | null> {
    const row = this.#row(key);
    if (row === undefined) return null;
    const entry = this.#entry(row);
    if (entry instanceof Promise) return entry.then((found) => found ?? this.#readAgain(key));
    return entry ?? this.#readAgain(key);
  }

  /** The file was gone: another process has replaced the value between row and file, or lost it. */
  #readAgain(key: string): KvEntry | null | Promise<KvEntry | null> {
    const row = this.#row(key);
    return row === undefined ? null : this.#entry(row);
  }

  /** Undefined for a missing key, and for an expired one, which is deleted. */
  #row(key: string): SqlRow | undefined {
    const row = this.#store
      .statement("SELECT blob_id, expiration, metadata FROM _mf_entries WHERE key = ?")
      .get(key);
    const expiration = row?.[1] as number | null | undefined;
    if (typeof expiration !== "number" || expiration > Date.now()) return row;
    this.#deleteExpired(Date.now());
    return undefined;
  }

  #entry(row: SqlRow): KvEntry | null | Promise<KvEntry | null> {
    const blob = row[0] as string;
    const metadata = row[2] as string | null;
    const { blobs } = this.#store;
    const value = blobs.readSync(blob, SMALL_BYTES);
    if (value !== "large") return value === undefined ? null : { value, metadata };
    return blobs
      .read(blob)
      .then((large) => (large === undefined ? null : { value: large, metadata }));
  }

  async #putLarge(key: string, bytes: Uint8Array, options: KvPutOptions): Promise<void> {
    const writer = await this.#store.blobs.create();
    try {
      await writer.write(bytes);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    await writer.finish();
    this.#setRow(key, writer.id, options);
  }

  #setRow(key: string, blob: string, { expiration, metadata }: KvPutOptions): void {
    const store = this.#store;
    let before: SqlRow | undefined;
    try {
      before = store.transaction(() => {
        const row = store.statement("SELECT blob_id FROM _mf_entries WHERE key = ?").get(key);
        store
          .statement(
            "INSERT OR REPLACE INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (?, ?, ?, ?)",
          )
          .run(key, blob, expiration, metadata);
        return row;
      });
    } catch (error) {
      void store.blobs.remove(blob);
      throw error;
    }
    this.#forget(before);
  }

  #deleteExpired(now: number): void {
    const rows = this.#store
      .statement("DELETE FROM _mf_entries WHERE expiration <= ? RETURNING blob_id")
      .all(now);
    for (const row of rows) this.#forget(row);
  }

  #forget(row: SqlRow | undefined): void {
    if (row !== undefined) void this.#store.blobs.remove(row[0] as string);
  }
}
