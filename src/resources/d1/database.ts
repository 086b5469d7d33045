/**
 * A D1 database (spec/resources.md 6): in the storage thread behind service.ts, in a process of its
 * own for what may take long (process.ts), and in that of a command. Each call is one transaction that
 * runs in one turn: all or nothing, and nobody waits for a lock longer than that. Arguments were
 * checked and converted by the caller (runtime/bindings/d1).
 */
import type { D1Meta } from "../../protocol/d1.ts";
import { OBJECT_METADATA_SCHEMA } from "../../storage/schemas.ts";
import { SQL_LIMITS, sqlGuard } from "../../storage/sql/guard.ts";
import type {
  SqliteDatabase,
  SqliteStatement,
  SqlRow,
  SqlValue,
} from "../../storage/sqlite/contract.ts";
import { NO_STATEMENT } from "../../storage/sqlite/database.ts";
import { fileFailure } from "../failures.ts";
import { Store } from "../store.ts";
import { failureText, runFailed } from "./errors.ts";
import { CompileEar, mayLoop, soundsLong } from "./long.ts";
import { isBlank, splitText, type TextStatement } from "./text.ts";

/** Bytes of a value or row. */
const MAX_LENGTH: number = 4 * 1024 * 1024;
/** Of all results of one call: the memory that production's database has. */
const MAX_RESULT_BYTES: number = 128 * 1024 * 1024;
const MEMORY_LIMIT = "D1 DB's isolate exceeded its memory limit and was reset.";
/** Texts and compiled statements that are kept. */
const MAX_KEPT = 100;
/** Of the connection and its file, in one statement: each costs as much as a look-up by key. */
const COUNTERS = `SELECT total_changes(), last_insert_rowid(), page_count - freelist_count
  FROM pragma_page_count, pragma_freelist_count`;
const READS: ReadonlySet<string> = new Set(["SELECT", "VALUES", "EXPLAIN", "PRAGMA"]);

export interface D1Query {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

export interface D1Result {
  readonly columns: readonly string[];
  readonly rows: readonly SqlRow[];
  readonly meta: D1Meta;
}

export interface D1Answer {
  /** Of each query that is more than a comment. */
  readonly results: readonly D1Result[];
  /** Number of the newest bookmark; only for queries of a session. */
  readonly bookmark: number | undefined;
}

/** A text that was taken apart. */
interface Text {
  /** None of a text that is a comment only. */
  readonly statements: readonly TextStatement[];
  readonly mayWrite: boolean;
}

interface Counters {
  /** Rows changed since the connection was opened. */
  readonly changes: number;
  readonly lastRowId: number;
  /** Bytes. */
  readonly size: number;
}

interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly SqlRow[];
}

interface Compiled {
  readonly statement: SqliteStatement;
  readonly mayTakeLong: boolean;
}

/** What is to be run of one query. */
interface Run {
  readonly statements: readonly TextStatement[];
  readonly params: readonly SqlValue[];
}

export class D1Store {
  readonly #store: Store;
  readonly #texts: Map<string, Text> = new Map();
  readonly #compiled: Map<string, Compiled> = new Map();
  readonly #ear: CompileEar = new CompileEar();
  /** The connection that those belong to. */
  #connection: SqliteDatabase | undefined;
  /** `last_insert_rowid()` stays over idle seconds without a connection. */
  #lastRowId = 0;
  /** Of the results of the call that is being answered. */
  #resultBytes = 0;

  constructor(root: string, id: string) {
    this.#store = new Store({
      root,
      kind: "d1",
      name: id,
      setUp: (database) => {
        database.limit({ ...SQL_LIMITS, length: MAX_LENGTH });
        database.authorize(this.#ear.listening(sqlGuard));
      },
    });
  }

  /**
   * Runs queries as one transaction. `withBookmark`: count it as a query of a session.
   * @throws Error with production's text, without the prefix of the method
   */
  query(queries: readonly D1Query[], withBookmark: boolean): D1Answer {
    this.#resultBytes = 0;
    try {
      let writes = withBookmark;
      const runs: Run[] = [];
      for (const { sql, params } of queries) {
        const { statements, mayWrite } = this.#text(sql);
        writes ||= mayWrite;
        if (statements.length > 0) runs.push({ statements, params });
      }
      if (runs.length === 0) throw new Error("No SQL statements detected.");
      return this.#transaction(writes, () => ({
        results: this.#runAll(runs, writes),
        bookmark: withBookmark ? this.#nextBookmark() : undefined,
      }));
    } catch (error) {
      throw fileFailure(error, this.#store.path) ?? failureText(error);
    }
  }

  /** Whether one of the statements may run without end. Compiles them; says nothing of their errors. */
  mayTakeLong(queries: readonly D1Query[]): boolean {
    try {
      const { reader: database } = this.#store;
      this.#follow(database);
      return queries.some(({ sql }) =>
        this.#text(sql).statements.some((statement) => {
          if (!mayLoop(statement.statement)) return false;
          try {
            return this.#compile(database, statement).mayTakeLong;
          } catch {
            return soundsLong(statement.statement);
          }
        }),
      );
    } catch {
      return false;
    }
  }

  get lastRowId(): number {
    return this.#lastRowId;
  }

  /** Another connection has gone on to there. */
  adopt(lastRowId: number): this {
    this.#lastRowId = lastRowId;
    return this;
  }

  close(): void {
    this.#store.close();
  }

  #transaction<T>(writes: boolean, run: () => T): T {
    const database = writes ? this.#store.database : this.#store.reader;
    this.#follow(database);
    const own = (sql: string): void => database.asSystem(() => this.#store.query(sql).run());
    own(writes ? "BEGIN IMMEDIATE" : "BEGIN");
    try {
      const result = run();
      own("COMMIT");
      return result;
    } catch (error) {
      if (database.inTransaction) own("ROLLBACK");
      throw error;
    }
  }

  /** Compiled statements belong to one connection. */
  #follow(database: SqliteDatabase): void {
    if (database === this.#connection) return;
    this.#connection = database;
    this.#compiled.clear();
  }

  #text(sql: string): Text {
    const known = this.#texts.get(sql);
    if (known !== undefined) return known;
    const statements = isBlank(sql) ? [] : splitText(sql);
    const text = { statements, mayWrite: statements.some(mayWrite) };
    keep(this.#texts, sql, text);
    return text;
  }

  /** One result for each text. What only reads leaves the counters as they are. */
  #runAll(runs: readonly Run[], writes: boolean): D1Result[] {
    const { database } = this.#store;
    let before = writes ? this.#counters(database) : undefined;
    return runs.map(({ statements, params }) => {
      const started = performance.now();
      const result = this.#runText(database, statements, params);
      const after = this.#counters(database);
      const { changes, lastRowId, size } = before ?? after;
      if (before !== undefined) before = after;
      this.#lastRowId = after.lastRowId;
      return {
        columns: result.columns,
        rows: result.rows,
        meta: {
          durationMs: performance.now() - started,
          changes: after.changes - changes,
          lastRowId: after.lastRowId,
          changedDb:
            after.changes !== changes || after.lastRowId !== lastRowId || after.size !== size,
          sizeAfter: after.size,
          // Neither engine counts rows: what was returned and changed is the best that is known.
          rowsRead: result.rows.length + result.lastChanges,
          rowsWritten: result.lastChanges,
        },
      };
    });
  }

  /** The statements of one text; the result is that of the last. */
  #runText(
    database: SqliteDatabase,
    statements: readonly TextStatement[],
    params: readonly SqlValue[],
  ): Rows & { readonly lastChanges: number } {
    const last = statements.length - 1;
    for (const statement of statements.slice(0, last)) this.#run(database, statement, undefined);
    const statement = statements[last];
    if (statement === undefined) throw new Error(NO_STATEMENT);
    const writes = mayWrite(statement);
    const changes = writes ? database.totalChanges() : 0;
    const result = this.#run(database, statement, params);
    return { ...result, lastChanges: writes ? database.totalChanges() - changes : 0 };
  }

  /** `params` undefined: not the last statement, which may have none. */
  #run(
    database: SqliteDatabase,
    statement: TextStatement,
    params: readonly SqlValue[] | undefined,
  ): Rows {
    return runFailed(
      statement,
      (sql) => database.prepare(sql),
      () => {
        const compiled = this.#compile(database, statement).statement;
        if (params === undefined && compiled.parameterCount > 0) {
          throw new Error(
            "When executing multiple SQL statements in a single call, only the last statement can have parameters.",
          );
        }
        return { columns: compiled.columns, rows: this.#read(compiled, params ?? []) };
      },
    );
  }

  /** Row by row: what does not fit must not be asked of the engine at once, which would end the process. */
  #read(compiled: SqliteStatement, params: readonly SqlValue[]): SqlRow[] {
    const rows: SqlRow[] = [];
    for (const row of compiled.iterate(...params)) {
      for (const value of row) this.#resultBytes += sizeOf(value);
      if (this.#resultBytes > MAX_RESULT_BYTES) throw new Error(MEMORY_LIMIT);
      rows.push(row);
    }
    return rows;
  }

  #compile(database: SqliteDatabase, text: TextStatement): Compiled {
    const known = this.#compiled.get(text.text);
    if (known !== undefined) return known;
    text.assertAllowed();
    this.#ear.reset();
    const statement = database.prepare(text.text);
    const mayTakeLong = this.#ear.mayTakeLong(database, text.statement, statement);
    const compiled = { statement, mayTakeLong };
    keep(this.#compiled, text.text, compiled);
    return compiled;
  }

  #counters(database: SqliteDatabase): Counters {
    const row = database.asSystem(() => this.#store.statement(COUNTERS).get());
    const [changes, lastRowId, pages] = (row ?? []).map(Number);
    return {
      changes: changes ?? 0,
      lastRowId: lastRowId || this.#lastRowId,
      size: (pages ?? 0) * 4096,
    };
  }

  #nextBookmark(): number {
    const store = this.#store;
    return store.database.asSystem(() => {
      store.database.exec(OBJECT_METADATA_SCHEMA);
      const row = store.statement("SELECT value FROM _cf_METADATA WHERE key = 2").get();
      const next = Number(row?.[0] ?? 0) + 1;
      store
        .statement("INSERT OR REPLACE INTO _cf_METADATA (key, value) VALUES (2, ?)")
        .run(BigInt(next));
      return next;
    });
  }
}

/** What a value takes in memory, about. */
function sizeOf(value: SqlValue): number {
  if (typeof value === "string") return 16 + value.length;
  return value instanceof Uint8Array ? 64 + value.byteLength : 16;
}

function keep<T>(kept: Map<string, T>, text: string, value: T): void {
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, value);
}

function mayWrite({ statement }: TextStatement): boolean {
  return !READS.has(statement.keyword);
}
