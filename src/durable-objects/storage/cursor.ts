/**
 * The `Cursor` of `ctx.storage.sql`: the rows of one statement, read on demand (spec/durable-objects.md 15.3). The
 * cursor, its iterator and `raw()` share one position.
 */
import type { SqlRow, SqlValue } from "../../storage/sqlite/contract.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";

const INTERNAL: unique symbol = Symbol("internal");

const DELETED = "SQLite query was canceled because the database was deleted.";
const NONE = "Expected exactly one result from SQL query, but got no results.";
const MANY = "Expected exactly one result from SQL query, but got multiple results.";

export interface CursorOptions {
  readonly columns: readonly string[];
  readonly rows: Iterator<SqlRow>;
  readonly rowsWritten: number;
  readonly translate: (error: unknown) => unknown;
  /** The data it reads are gone: `deleteAll`. */
  readonly isGone: () => boolean;
  readonly guard: () => void;
  /** The statement may be used again. */
  readonly onDone: (rowsRead: number) => void;
}

type Row = Record<string, SqlResult>;
type SqlResult = null | number | string | ArrayBuffer;

export class SqlCursor {
  readonly #options: CursorOptions;
  #ahead: SqlRow | undefined;
  #isDone = false;
  #rowsRead = 0;

  constructor(token: typeof INTERNAL, options: CursorOptions) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#options = options;
    // It has run up to its first row.
    this.#ahead = this.#step();
  }

  next(): { readonly done: boolean; readonly value: Row | undefined } {
    const row = this.#take();
    return row === undefined
      ? { done: true, value: undefined }
      : { done: false, value: this.#object(row) };
  }

  toArray(): Row[] {
    const rows: Row[] = [];
    for (let row = this.#take(); row !== undefined; row = this.#take())
      rows.push(this.#object(row));
    return rows;
  }

  one(): Row {
    const row = this.#take();
    if (row === undefined) throw new Error(NONE);
    const isOnly = this.#take() === undefined;
    this.#end();
    if (!isOnly) throw new Error(MANY);
    return this.#object(row);
  }

  raw(): IterableIterator<SqlResult[]> {
    return iteratorOf(() => this.#take()?.map(resultOf));
  }

  get columnNames(): string[] {
    return [...this.#options.columns];
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  get rowsWritten(): number {
    return this.#options.rowsWritten;
  }

  [Symbol.iterator](): IterableIterator<Row> {
    return iteratorOf(() => {
      const row = this.#take();
      return row === undefined ? undefined : this.#object(row);
    });
  }

  /** Of the engine: the data are about to go. */
  static end(cursor: SqlCursor): void {
    cursor.#ahead = undefined;
    cursor.#options.rows.return?.();
  }

  #take(): SqlRow | undefined {
    if (this.#isDone) return undefined;
    this.#options.guard();
    if (this.#options.isGone()) {
      this.#end();
      throw new Error(DELETED);
    }
    const row = this.#ahead;
    if (row === undefined) {
      this.#end();
      return undefined;
    }
    this.#ahead = this.#step();
    return row;
  }

  #step(): SqlRow | undefined {
    try {
      const next = this.#options.rows.next();
      if (next.done === true) {
        this.#options.onDone(this.#rowsRead);
        return undefined;
      }
      this.#rowsRead += 1;
      return next.value;
    } catch (error) {
      this.#isDone = true;
      throw this.#options.translate(error);
    }
  }

  #end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#ahead === undefined) return;
    this.#ahead = undefined;
    this.#options.rows.return?.();
    this.#options.onDone(this.#rowsRead);
  }

  #object(row: SqlRow): Row {
    const object: Row = {};
    const { columns } = this.#options;
    for (let index = 0; index < columns.length; index += 1) {
      const name = columns[index] as string;
      const value = resultOf(row[index] as SqlValue);
      if (name === "__proto__") {
        Object.defineProperty(object, name, { value, enumerable: true, writable: true });
      } else object[name] = value;
    }
    return object;
  }
}
defineInterface(SqlCursor, "Cursor");

const { end } = SqlCursor;
Reflect.deleteProperty(SqlCursor, "end");

export function createCursor(options: CursorOptions): SqlCursor {
  return new SqlCursor(INTERNAL, options);
}

/** Ends the statement; whoever reads on is told that the data are gone. */
export function endCursor(cursor: SqlCursor): void {
  end(cursor);
}

function* generate<T>(next: () => T | undefined): Generator<T, void, void> {
  for (let value = next(); value !== undefined; value = next()) yield value;
}

/** An iterator with the language's helpers, as production's are. */
function iteratorOf<T>(next: () => T | undefined): IterableIterator<T> {
  return generate(next);
}

function resultOf(value: SqlValue): SqlResult {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return new Uint8Array(value).buffer;
  return value;
}
