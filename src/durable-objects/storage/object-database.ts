/**
 * The SQLite file of one object: opened on first use, one implicit transaction a turn, savepoints in
 * it (spec/durable-objects.md 8, 13, 21). Owned by the live instance, in the thread that runs the
 * class; nobody else has the file open for writing.
 */
import { existsSync } from "node:fs";
import { OBJECT_KV_SCHEMA, OBJECT_METADATA_SCHEMA } from "../../storage/schemas.ts";
import { SQL_LIMITS, sqlGuard } from "../../storage/sql/guard.ts";
import type {
  SqliteDatabase,
  SqliteLimits,
  SqliteStatement,
} from "../../storage/sqlite/contract.ts";
import { openDatabase } from "../../storage/sqlite/database.ts";
import { isOfTheFile, SqliteError } from "../../storage/sqlite/errors.ts";
import { isOf } from "../../util/thrown.ts";
import type { OpenFile, OpenFiles } from "./open-files.ts";
import { Readers } from "./readers.ts";

export interface ObjectDatabaseOptions {
  readonly path: string;
  readonly files: OpenFiles;
  /** A write has opened the transaction of this turn: it wants to be committed at its end. */
  readonly onDirty: () => void;
}

/** Production's values (spec/durable-objects.md 15.6, 23). */
const LIMITS: Partial<SqliteLimits> = { ...SQL_LIMITS, length: 2 * 1024 * 1024, functionArg: 32 };

/** Compiled statements of the application that are kept for the next time. */
const KEPT = 200;

/** A statement of the application. */
export interface UserStatement {
  readonly compiled: SqliteStatement;
  readonly columns: readonly string[];
  /** The tables that it was compiled for. */
  readonly schema: number;
  /** Of the rows that it writes; undefined until somebody has looked. */
  indexes: number | undefined;
}

export class ObjectDatabase implements OpenFile {
  readonly #options: ObjectDatabaseOptions;
  #database: SqliteDatabase | undefined;
  /** Of drover's own. */
  readonly #statements: Map<string, SqliteStatement> = new Map();
  /** Of the application, by text; one in use by a cursor is not among them. */
  readonly #idle: Map<string, UserStatement> = new Map();
  /** Changes with every connection and whenever tables may have changed. */
  #schema = 0;
  #wasUsed = false;
  /** The application changed settings of the connection: it stays open. */
  #isPinned = false;
  #hasKv = false;
  #hasMetadata = false;
  #depth = 0;
  #isClosed = false;
  /** Changes whenever all data are gone: cursors of before are no good. */
  #epoch = 0;
  readonly readers: Readers = new Readers();

  constructor(options: ObjectDatabaseOptions) {
    this.#options = options;
  }

  /** An Error for the user, with the path, if `error` is about the file. */
  fileFault(error: unknown): Error | undefined {
    return fileFault(error, this.#options.path);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get isDirty(): boolean {
    return this.#database?.inTransaction === true;
  }

  /** The open file, made if there is none. Throws an Error that names the path. */
  get database(): SqliteDatabase {
    this.#wasUsed = true;
    if (this.#database !== undefined) return this.#database;
    if (this.#isClosed) throw new Error("The Durable Object's storage is closed.");
    const database = this.#named(() => openDatabase(this.#options.path, { waitsForDisk: false }));
    database.limit(LIMITS);
    database.authorize(sqlGuard);
    this.#database = database;
    this.#options.files.opened(this);
    return database;
  }

  /** For reads: undefined if nothing was ever stored, so that no file is made for it. */
  get existing(): SqliteDatabase | undefined {
    return this.#database !== undefined || existsSync(this.#options.path)
      ? this.database
      : undefined;
  }

  /** A statement of drover's own. */
  statement(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const { database } = this;
      statement = this.system(() => database.prepare(sql));
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A statement of the application, compiled by `compile` unless one of that text is idle. */
  takeStatement(
    text: string,
    compile: (database: SqliteDatabase) => SqliteStatement,
  ): UserStatement {
    const { database } = this;
    const idle = this.#idle.get(text);
    if (idle !== undefined) {
      this.#idle.delete(text);
      return idle;
    }
    const compiled = compile(database);
    return { compiled, columns: compiled.columns, schema: this.#schema, indexes: undefined };
  }

  /** It may be used again. */
  keepStatement(text: string, statement: UserStatement): void {
    if (statement.schema !== this.#schema) return;
    if (this.#idle.size >= KEPT) this.#idle.clear();
    this.#idle.set(text, statement);
  }

  /** Tables may have changed: columns of compiled statements are no good any more. */
  forgetStatements(): void {
    this.#schema += 1;
    this.#idle.clear();
  }

  /** Settings of the connection are the application's now. */
  pin(): void {
    this.#isPinned = true;
  }

  /** Runs statements of drover's own, which no rule for user SQL holds back. */
  system<T>(run: () => T): T {
    const { database } = this;
    return this.#named(() => database.asSystem(run));
  }

  /** Before anything is written: the transaction of the turn is open. */
  begin(): void {
    const { database } = this;
    if (database.inTransaction) return;
    this.system(() => database.exec("BEGIN IMMEDIATE"));
    this.#options.onDirty();
  }

  /** Throws what SQLite says; the transaction is rolled back then. */
  commit(): void {
    const database = this.#database;
    if (database?.inTransaction !== true) return;
    try {
      this.system(() => database.exec("COMMIT"));
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** What was written since the last commit is gone. */
  rollback(): void {
    const database = this.#database;
    if (database?.inTransaction !== true) return;
    database.asSystem(() => database.exec("ROLLBACK"));
    this.#forgetTables();
  }

  /** Opens a savepoint in the transaction of the turn; returns its number, counted from 1. */
  savepoint(): number {
    this.begin();
    this.#depth += 1;
    const { database } = this;
    database.asSystem(() => database.exec(`SAVEPOINT _cf_savepoint_${this.#depth}`));
    return this.#depth;
  }

  /** Ends the innermost savepoint. */
  release(keep: boolean): void {
    const { database } = this;
    const name = `_cf_savepoint_${this.#depth}`;
    this.#depth -= 1;
    // SQLite may have rolled back everything by itself after a critical error.
    if (!database.inTransaction) {
      if (keep) throw new Error("Cannot commit transaction due to an earlier SQL critical error");
      return;
    }
    database.asSystem(() => {
      if (!keep) database.exec(`ROLLBACK TO ${name}`);
      database.exec(`RELEASE ${name}`);
    });
    if (!keep) this.#forgetTables();
  }

  get savepoints(): number {
    return this.#depth;
  }

  /** Makes the table of key-value data if there is none yet. */
  needKv(): void {
    if (this.#hasKv) return;
    this.begin();
    this.system(() => this.database.exec(OBJECT_KV_SCHEMA));
    this.#hasKv = true;
  }

  get hasKv(): boolean {
    this.#hasKv ||= this.#hasTable("_cf_KV");
    return this.#hasKv;
  }

  needMetadata(): void {
    if (this.#hasMetadata) return;
    this.begin();
    this.system(() => this.database.exec(OBJECT_METADATA_SCHEMA));
    this.#hasMetadata = true;
  }

  get hasMetadata(): boolean {
    this.#hasMetadata ||= this.#hasTable("_cf_METADATA");
    return this.#hasMetadata;
  }

  /** Number of a row of `_cf_METADATA`: 1 the alarm in nanoseconds, 2 the bookmark. */
  readMetadata(key: 1 | 2): bigint | undefined {
    if (this.existing === undefined || !this.hasMetadata) return undefined;
    const row = this.system(() =>
      this.#bigInts("SELECT value FROM _cf_METADATA WHERE key = ?").get(BigInt(key)),
    );
    const value = row?.[0];
    return typeof value === "bigint" ? value : undefined;
  }

  writeMetadata(key: 1 | 2, value: bigint | null): void {
    this.needMetadata();
    this.begin();
    this.system(() =>
      this.statement("INSERT OR REPLACE INTO _cf_METADATA (key, value) VALUES (?, ?)").run(
        BigInt(key),
        value,
      ),
    );
  }

  /** Everything but the alarm is gone, user tables too: the file is emptied in a transaction. */
  deleteAll(keepMetadata: boolean): void {
    const database = this.existing;
    if (database === undefined) return;
    this.#epoch += 1;
    this.readers.endAll();
    this.begin();
    database.asSystem(() => {
      const names = database
        .prepare(
          "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND type IN ('table', 'view')",
        )
        .all() as [string, string][];
      database.exec("PRAGMA defer_foreign_keys = ON");
      for (const [type, name] of names) {
        if (keepMetadata && name === "_cf_METADATA") continue;
        const quoted = `"${name.replaceAll('"', '""')}"`;
        // Shadow tables go with their virtual table.
        database.exec(`DROP ${type === "view" ? "VIEW" : "TABLE"} IF EXISTS ${quoted}`);
      }
    });
    this.#forgetTables();
  }

  close(): void {
    this.#isClosed = true;
    this.suspend();
  }

  /** Closes the file; the next use opens it again. */
  suspend(): void {
    const database = this.#database;
    if (database === undefined) return;
    this.#statements.clear();
    this.forgetStatements();
    this.#database = undefined;
    database.close();
    this.#options.files.closed(this);
  }

  takeUse(): boolean {
    const wasUsed = this.#wasUsed;
    this.#wasUsed = false;
    return wasUsed;
  }

  closeIfIdle(): void {
    if (this.readers.isEmpty && !this.#isPinned && !this.isDirty) this.suspend();
  }

  #bigInts(sql: string): SqliteStatement {
    const key = `bigint:${sql}`;
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      statement = this.statement(sql).withBigInts();
      this.#statements.set(key, statement);
    }
    return statement;
  }

  #hasTable(name: string): boolean {
    const { existing } = this;
    if (existing === undefined) return false;
    return this.system(
      () =>
        this.statement("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(
          name,
        ) !== undefined,
    );
  }

  /** What is wrong with the file itself is told with its path; all other errors pass. */
  #named<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.fileFault(error) ?? error;
    }
  }

  #forgetTables(): void {
    this.forgetStatements();
    this.#hasKv = false;
    this.#hasMetadata = false;
  }
}

/** An Error for the user if `error` is about the file and not about what was asked of it. */
function fileFault(error: unknown, path: string): Error | undefined {
  let text: string;
  if (error instanceof SqliteError) {
    if (!isOfTheFile(error)) return undefined;
    text = `${error.message}: ${error.primaryName}`;
  } else if (error instanceof Error && "syscall" in error) text = error.message;
  else return undefined;
  return new Error(`The Durable Object's storage cannot be used: ${text} (${path})`, {
    cause: error,
  });
}

/** Whether it is an error of `fileFault`: no fault of the application. */
export function isFileFault(error: unknown): boolean {
  const cause = isOf(error, Error) ? error.cause : undefined;
  return cause instanceof SqliteError || (cause instanceof Error && "syscall" in cause);
}
