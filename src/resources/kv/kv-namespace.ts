/**
 * A KV namespace in the storage thread: the RPC target behind `env.KV` (spec/resources.md 4).
 * Arguments were checked by the caller (runtime/bindings/kv.ts); times are milliseconds.
 */
import { Entries, type EntryRow } from "../entries.ts";
import { naming } from "../failures.ts";
import { KEYS_OF_PAGE } from "../key-range.ts";

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
  readonly #entries: Entries;

  constructor(root: string, id: string) {
    this.#entries = new Entries(root, "kv", id);
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
      const blob = this.#entries.store.blobs.writeSync(bytes);
      return this.#entries.set(key, { blob, ...options });
    });
  }

  delete(key: string): void {
    this.#guard("DELETE", () => {
      this.#entries.delete(key);
    });
  }

  list({ prefix, limit, after }: KvListOptions): KvPage {
    return this.#guard("GET", () => {
      const now = Date.now();
      this.#entries.deleteExpired(now);
      // As bytes: one of the engines cuts text at a NUL.
      const rows = this.#entries.store
        .statement(
          `SELECT CAST(key AS BLOB), expiration, metadata FROM _mf_entries
           WHERE ${KEYS_OF_PAGE} AND (expiration IS NULL OR expiration > ?3)
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
    return this.#entries.end();
  }

  #guard<T>(operation: string, run: () => T): T {
    return naming(
      this.#entries.store.path,
      `KV ${operation} failed: 500 Internal Server Error: `,
      run,
    );
  }

  #read(key: string): KvEntry | null | Promise<KvEntry | null> {
    const row = this.#entries.find(key);
    if (row === undefined) return null;
    const entry = this.#entry(row);
    if (entry instanceof Promise) return entry.then((found) => found ?? this.#readAgain(key));
    return entry ?? this.#readAgain(key);
  }

  /** The file was gone: another process has replaced the value between row and file, or lost it. */
  #readAgain(key: string): KvEntry | null | Promise<KvEntry | null> {
    const row = this.#entries.find(key);
    return row === undefined ? null : this.#entry(row);
  }

  #entry({ blob, metadata }: EntryRow): KvEntry | null | Promise<KvEntry | null> {
    const { blobs } = this.#entries.store;
    const value = blobs.readSync(blob, SMALL_BYTES);
    if (value !== "large") return value === undefined ? null : { value, metadata };
    return blobs
      .read(blob)
      .then((large) => (large === undefined ? null : { value: large, metadata }));
  }

  async #putLarge(key: string, bytes: Uint8Array, options: KvPutOptions): Promise<void> {
    const writer = await this.#entries.store.blobs.create();
    try {
      await writer.write(bytes);
    } catch (error) {
      await writer.discard();
      throw error;
    }
    await writer.finish();
    this.#entries.set(key, { blob: writer.id, ...options });
  }
}
