/**
 * Key-value data of one object: rows of `_cf_KV`, ordered by the UTF-8 bytes of their keys
 * (spec/durable-objects.md 12). Under both the asynchronous and the synchronous API.
 */
import type { SqlValue } from "../../storage/sqlite/contract.ts";
import { utf8Of } from "../../util/utf8.ts";
import type { ObjectDatabase } from "./object-database.ts";
import type { StoredValues } from "./values.ts";

export interface ListOptions {
  readonly start?: string | undefined;
  readonly startAfter?: string | undefined;
  readonly end?: string | undefined;
  readonly prefix?: string | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** What a class may store (spec/durable-objects.md 23). */
export type KvLimits = "sqlite" | "legacy-kv";

/** Bytes of a row. */
const SQLITE_ROW = 2_097_152;
const LEGACY_KEY = 2048;
const LEGACY_VALUE = 131_072;
/** Production's tolerance for the encoding's own bytes. */
const LEGACY_OVERHEAD = 34;

export class KvTable {
  readonly #database: ObjectDatabase;
  readonly #values: StoredValues;
  readonly #limits: KvLimits;

  constructor(database: ObjectDatabase, values: StoredValues, limits: KvLimits) {
    this.#database = database;
    this.#values = values;
    this.#limits = limits;
  }

  /** `undefined` if there is none. */
  get(key: string): unknown {
    this.#checkKey(key);
    if (!this.#canRead) return undefined;
    const row = this.#database.system(() =>
      this.#database
        .statement("SELECT value FROM _cf_KV WHERE key = CAST(? AS TEXT)")
        .get(keyParameter(key)),
    );
    return row === undefined ? undefined : this.#values.deserialize(bytesOf(row[0]));
  }

  /** The stored bytes of `value`. Throws for what cannot be stored, before anything is written. */
  encode(key: string, value: unknown): Uint8Array {
    this.#checkKey(key);
    const bytes = this.#values.serialize(value);
    if (this.#limits === "legacy-kv") {
      if (bytes.byteLength > LEGACY_VALUE + LEGACY_OVERHEAD) {
        throw new RangeError(
          `Values cannot be larger than ${LEGACY_VALUE} bytes. A value of size ${bytes.byteLength} was provided.`,
        );
      }
    } else if (rowSize(Buffer.byteLength(key), bytes.byteLength) > SQLITE_ROW) {
      throw new Error("string or blob too big: SQLITE_TOOBIG");
    }
    return bytes;
  }

  /** `bytes`: of `encode`. */
  put(key: string, bytes: Uint8Array): void {
    this.#database.needKv();
    this.#database.begin();
    this.#database.system(() =>
      this.#database
        .statement("INSERT OR REPLACE INTO _cf_KV (key, value) VALUES (CAST(? AS TEXT), ?)")
        .run(keyParameter(key), bytes),
    );
  }

  /** Whether it was there. */
  delete(key: string): boolean {
    this.#checkKey(key);
    if (!this.#canRead) return false;
    this.#database.begin();
    return this.#database.system(
      () =>
        this.#database
          .statement("DELETE FROM _cf_KV WHERE key = CAST(? AS TEXT) RETURNING 1")
          .all(keyParameter(key)).length > 0,
    );
  }

  /** Pairs in order; values are decoded one by one. */
  *list(options: ListOptions): IterableIterator<[string, unknown]> {
    if (!this.#canRead) return;
    const [sql, parameters] = listQuery(options);
    const database = this.#database;
    const statement = database.system(() => database.database.prepare(sql));
    const rows = database.system(() => statement.iterate(...parameters));
    let isGone = false;
    const reader = {
      end: (): void => {
        isGone = true;
        rows.return?.();
      },
    };
    database.readers.add(reader);
    try {
      for (;;) {
        if (isGone) return;
        const next = database.system(() => rows.next());
        if (next.done === true) return;
        const [key, value] = next.value;
        yield [textOfKey(bytesOf(key)), this.#values.deserialize(bytesOf(value))];
      }
    } finally {
      database.readers.remove(reader);
      reader.end();
    }
  }

  get #canRead(): boolean {
    return this.#database.existing !== undefined && this.#database.hasKv;
  }

  #checkKey(key: string): void {
    if (this.#limits !== "legacy-kv") return;
    const size = Buffer.byteLength(key);
    if (size <= LEGACY_KEY) return;
    throw new RangeError(
      `Keys cannot be larger than ${LEGACY_KEY} bytes. A key of size ${size} was provided.`,
    );
  }
}

/** What SQLite counts: the two values, and a header with the length of each. */
function rowSize(key: number, value: number): number {
  return 1 + varintSize(2 * key + 13) + varintSize(2 * value + 12) + key + value;
}

function varintSize(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : 4;
}

function listQuery(options: ListOptions): [sql: string, parameters: SqlValue[]] {
  const { start, startAfter, end, prefix, reverse, limit } = options;
  const conditions: string[] = [];
  const parameters: SqlValue[] = [];
  const add = (operator: string, key: Uint8Array | string): void => {
    conditions.push(`key ${operator} CAST(? AS TEXT)`);
    parameters.push(typeof key === "string" ? keyParameter(key) : key);
  };
  if (start !== undefined) add(">=", start);
  if (startAfter !== undefined) add(">", startAfter);
  if (end !== undefined) add("<", end);
  if (prefix !== undefined && prefix !== "") {
    add(">=", prefix);
    const after = successor(utf8Of(prefix));
    if (after !== undefined) add("<", after);
  }
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  const order = reverse === true ? " ORDER BY key DESC" : " ORDER BY key";
  let sql = `SELECT CAST(key AS BLOB), value FROM _cf_KV${where}${order}`;
  if (limit !== undefined) {
    sql += " LIMIT ?";
    parameters.push(BigInt(limit));
  }
  return [sql, parameters];
}

/** The first key after all that begin with `prefix`; undefined if there is none. */
function successor(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.byteLength;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const after = prefix.slice(0, length);
  after[length - 1] = (after[length - 1] as number) + 1;
  return after;
}

/** As bytes where an engine would damage the text. */
function keyParameter(key: string): SqlValue {
  return /[\0\ud800-\udfff]/.test(key) ? utf8Of(key) : key;
}

function bytesOf(value: SqlValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** UTF-8 to text; the three-byte form of a lone surrogate stays one. */
function textOfKey(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes(0xed)) return buffer.toString("utf8");
  let text = "";
  let done = 0;
  for (let at = buffer.indexOf(0xed); at !== -1; at = buffer.indexOf(0xed, at + 1)) {
    const second = buffer[at + 1] ?? 0;
    // ED 80..9F are ordinary characters.
    if (second < 0xa0) continue;
    text += buffer.toString("utf8", done, at);
    text += String.fromCharCode(0xd000 | ((second & 63) << 6) | ((buffer[at + 2] ?? 0) & 63));
    done = at + 3;
  }
  return text + buffer.toString("utf8", done);
}
