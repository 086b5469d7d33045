/**
 * The SQLite driver (contract.ts) over either engine. Whoever opens a database owns and closes it;
 * it belongs to the thread that opened it.
 */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { makeFolder } from "../../util/folders.ts";
import { parametersOf, type SqlStatement, splitStatements } from "../sql/statements.ts";
import {
  type Authorizer,
  type OpenOptions,
  type SqliteDatabase,
  type SqliteLimits,
  type SqliteStatement,
  type SqlRow,
  type SqlValue,
  Verdict,
} from "./contract.ts";
import { SETTINGS, type SqliteEngine, sqliteEngine } from "./engines.ts";
import { SqliteError } from "./errors.ts";
import { resultCodeOf } from "./lost-codes.ts";
import type { NativeDatabase, NativeStatement } from "./native.ts";
import { nativeCall, variantText } from "./parameters.ts";

export const NO_STATEMENT = "SQL code did not contain a statement.";
export const WRONG_COUNT = "Wrong number of parameter bindings for SQL query.";

/** The folder outside of which this thread opens nothing. */
let fence: string | undefined;

/**
 * Called once in a Worker's thread, where databases of Durable Objects are opened: from then on files
 * below `folder` only, whoever asks. User code that gets hold of a part of the runtime (SECURITY.md)
 * gets no other file with it.
 */
export function confineDatabases(folder: string): void {
  fence ??= resolve(folder);
}

function isAllowed(path: string): boolean {
  if (fence === undefined) return true;
  const way = relative(fence, path);
  return way !== "" && !isAbsolute(way) && !(way[0] === "." && way[1] === ".");
}

/**
 * Opens a file as wrangler keeps it (spec/resources.md 2.3): WAL, foreign keys on, a busy time-out of
 * 5 s. `synchronous` is NORMAL unless told otherwise: what was committed survives the end of the process.
 */
export function openDatabase(
  path: string,
  { mustExist = false, waitsForDisk = true }: OpenOptions = {},
  engine: SqliteEngine = sqliteEngine(),
): SqliteDatabase {
  if (!isAllowed(path) || (mustExist && !existsSync(path)))
    throw new SqliteError("unable to open database file", 14);
  if (path !== ":memory:") makeFolder(dirname(path));
  const database = new Database(path, engine);
  try {
    const mode = waitsForDisk ? "NORMAL" : "OFF";
    database.exec(`PRAGMA synchronous = ${mode}; PRAGMA journal_mode = WAL;`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

class Database implements SqliteDatabase {
  readonly #engine: SqliteEngine;
  readonly #native: NativeDatabase;
  #asSystem = false;
  readonly #limits: Partial<Record<keyof SqliteLimits, number>> = {};
  /** What the authorizer threw: an engine may make another error of it. */
  readonly #refusal: Refusal = {};
  readonly #owner: StatementOwner;
  #changes: SqliteStatement | undefined;
  /** As it was last asked for. */
  #total = 0;
  #rowid: SqliteStatement | undefined;

  constructor(path: string, engine: SqliteEngine) {
    this.#engine = engine;
    this.#native = translated(() => new engine.DatabaseSync(path, SETTINGS));
    this.#owner = {
      native: this.#native,
      refusal: this.#refusal,
      bindsExactly: engine.bindsExactly,
      mayHaveChanged: true,
    };
  }

  get isOpen(): boolean {
    return this.#native.isOpen;
  }

  get inTransaction(): boolean {
    return this.#native.isTransaction;
  }

  exec(sql: string): void {
    this.#owner.mayHaveChanged = true;
    translated(() => this.#native.exec(sql), this.#refusal);
  }

  prepare(sql: string): SqliteStatement {
    const [statement] = splitStatements(sql);
    if (statement === undefined) throw new Error(NO_STATEMENT);
    return new Statement(this.#owner, statement);
  }

  authorize(authorizer: Authorizer | undefined): void {
    if (authorizer === undefined) {
      this.#native.setAuthorizer(null);
      return;
    }
    type Details = Parameters<Authorizer>;
    this.#native.setAuthorizer((...details: Details) => {
      if (this.#asSystem) return Verdict.allow;
      try {
        return authorizer(...details);
      } catch (error) {
        this.#refusal.error = error;
        return Verdict.deny;
      }
    });
  }

  asSystem<T>(run: () => T): T {
    const before = this.#asSystem;
    this.#asSystem = true;
    try {
      return run();
    } finally {
      this.#asSystem = before;
    }
  }

  limit(limits: Partial<SqliteLimits>): void {
    for (const [name, value] of Object.entries(limits) as [keyof SqliteLimits, number][]) {
      // They only ever fall: a connection that may attach nothing never will.
      if (value > (this.#limits[name] ?? value)) continue;
      this.#limits[name] = value;
      this.#engine.setLimit(this.#native, name, value);
    }
  }

  totalChanges(): number {
    if (!this.#owner.mayHaveChanged) return this.#total;
    this.#changes ??= this.asSystem(() => this.prepare("SELECT total_changes()"));
    this.#total = Number(this.#changes.get()?.[0]);
    this.#owner.mayHaveChanged = false;
    return this.#total;
  }

  lastInsertRowid(): number {
    return this.asSystem(() => {
      this.#rowid ??= this.prepare("SELECT last_insert_rowid()");
      return Number(this.#rowid.get()?.[0]);
    });
  }

  close(): void {
    if (!this.#native.isOpen) return;
    if (!this.#engine.closesStatements) this.#checkpoint();
    this.#native.close();
  }

  /**
   * What SQLite does by itself when the last connection to a file is closed, which it is not while
   * there are statements: everything moves from the log to the file.
   */
  #checkpoint(): void {
    try {
      this.asSystem(() =>
        this.#native.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE);"),
      );
    } catch {
      // Nothing is lost: whoever opens the file next reads the log.
    }
  }
}

interface Refusal {
  error?: unknown;
}

/** What a statement needs of its connection. */
interface StatementOwner {
  readonly native: NativeDatabase;
  readonly refusal: Refusal;
  readonly bindsExactly: boolean;
  /** Rows, since somebody asked for their number. */
  mayHaveChanged: boolean;
}

/** Statements that change no row. */
const READS: ReadonlySet<string> = new Set(["SELECT", "VALUES", "EXPLAIN", "PRAGMA"]);

class Statement implements SqliteStatement {
  readonly parameterCount: number;
  readonly #owner: StatementOwner;
  readonly #statement: SqlStatement;
  readonly #names: readonly (string | null)[];
  readonly #bigInts: boolean;
  readonly #isRead: boolean;
  /** Compiled texts by the forms of their parameters; "" is the text as it was given. */
  readonly #variants: Map<string, NativeStatement> = new Map();
  /** Whether it has a result; that stays, whatever becomes of the tables. */
  readonly #hasColumns: boolean;

  constructor(owner: StatementOwner, statement: SqlStatement, bigInts = false) {
    this.#owner = owner;
    this.#statement = statement;
    this.#bigInts = bigInts;
    this.#isRead = READS.has(statement.keyword);
    const { count, names } = parametersOf(statement);
    this.parameterCount = count;
    this.#names = names;
    this.#variants.set("", this.#compile(statement.text));
    this.#hasColumns = this.columns.length > 0;
  }

  get columns(): readonly string[] {
    return this.#translated(() => this.#plain().columns()).map(({ name }) => name);
  }

  run(...parameters: readonly SqlValue[]): void {
    const [native, args] = this.#bind(parameters);
    this.#translated(() => native.run(...args), native);
  }

  get(...parameters: readonly SqlValue[]): SqlRow | undefined {
    const [native, args] = this.#bind(parameters);
    const row = this.#translated(() => native.get(...args), native) as SqlValue[] | undefined;
    return row === undefined ? undefined : this.#read(row);
  }

  all(...parameters: readonly SqlValue[]): SqlRow[] {
    const [native, args] = this.#bind(parameters);
    if (!this.#hasColumns) {
      this.#translated(() => native.run(...args), native);
      return [];
    }
    const rows = this.#reading(() => native.all(...args), native) as SqlValue[][];
    for (const row of rows) this.#read(row);
    return rows;
  }

  iterate(...parameters: readonly SqlValue[]): IterableIterator<SqlRow> {
    if (!this.#hasColumns) return this.all(...parameters)[Symbol.iterator]();
    const [native, args] = this.#bind(parameters);
    const rows = this.#reading(() => native.iterate(...args), native);
    const read = (row: unknown): SqlRow => this.#read(row as SqlValue[]);
    const iterator: IterableIterator<SqlRow> = {
      next: () => {
        if (!this.#isRead) this.#owner.mayHaveChanged = true;
        const { done, value } = this.#reading(() => rows.next(), native);
        return done === true ? { done, value: undefined } : { done: false, value: read(value) };
      },
      return: () => {
        rows.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.iterator]: () => iterator,
    };
    return iterator;
  }

  withBigInts(): SqliteStatement {
    return new Statement(this.#owner, this.#statement, true);
  }

  /** `used`: the statement that `run` executes. */
  #translated<T>(run: () => T, used?: NativeStatement): T {
    try {
      return translated(run, this.#owner.refusal);
    } catch (error) {
      this.#forget(used);
      throw error;
    }
  }

  #reading<T>(run: () => T, used: NativeStatement): T {
    const { native, refusal } = this.#owner;
    const lostCode = (message: string): number =>
      resultCodeOf(message, this.#statement.text, native);
    try {
      return translated(run, refusal, lostCode);
    } catch (error) {
      this.#forget(used);
      throw error;
    }
  }

  /**
   * A statement with a result that has failed fails once more the next time, whatever it is given: the engines
   * take what `sqlite3_reset` says of the last time for an error of this one. So it is compiled anew.
   */
  #forget(failed: NativeStatement | undefined): void {
    for (const [variant, native] of this.#variants) {
      if (native === failed) this.#variants.delete(variant);
    }
  }

  #plain(): NativeStatement {
    let native = this.#variants.get("");
    if (native === undefined) {
      native = this.#compile(this.#statement.text);
      this.#variants.set("", native);
    }
    return native;
  }

  #bind(values: readonly SqlValue[]): [NativeStatement, readonly unknown[]] {
    if (values.length !== this.parameterCount) throw new Error(WRONG_COUNT);
    if (!this.#isRead) this.#owner.mayHaveChanged = true;
    if (values.length === 0) return [this.#plain(), values];
    const { variant, forms, args } = nativeCall(values, this.#names, this.#owner.bindsExactly);
    let native = this.#variants.get(variant);
    if (native === undefined) {
      native = this.#compile(variantText(this.#statement, forms, this.#names));
      this.#variants.set(variant, native);
    }
    return [native, args];
  }

  #compile(text: string): NativeStatement {
    const native = this.#translated(() => this.#owner.native.prepare(text));
    native.setReturnArrays(true);
    // As numbers, integers beyond 2^53 would throw.
    native.setReadBigInts(true);
    return native;
  }

  /** Integers to numbers, in place: the row is nobody else's. */
  #read(row: SqlValue[]): SqlRow {
    if (this.#bigInts) return row;
    for (let index = 0; index < row.length; index += 1) {
      const value = row[index];
      if (typeof value === "bigint") row[index] = Number(value);
    }
    return row;
  }
}

/**
 * Runs native code; what SQLite says becomes a SqliteError, what the authorizer threw comes out as it
 * was. `lostCode` finds the result code where the engine gave none.
 */
function translated<T>(
  run: () => T,
  refusal: Refusal = {},
  lostCode?: (message: string) => number,
): T {
  refusal.error = undefined;
  try {
    return run();
  } catch (error) {
    if (refusal.error !== undefined) throw refusal.error;
    if (!(error instanceof Error)) throw error;
    if ("errcode" in error && typeof error.errcode === "number") {
      throw new SqliteError(error.message, error.errcode);
    }
    if (lostCode !== undefined && "code" in error && error.code === "ERR_SQLITE_ERROR") {
      throw new SqliteError(error.message, lostCode(error.message));
    }
    throw error;
  }
}
