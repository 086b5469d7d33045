/**
 * A D1 database in the storage thread: the RPC target behind `env.DB` (spec/resources.md 6). Each
 * call is one transaction that runs in one turn: all or nothing, and nobody waits for a lock longer
 * than that. Arguments were checked and converted by the caller (runtime/bindings/d1).
 */
import { OBJECT_METADATA_SCHEMA } from "../../storage/schemas.ts";
import { SQL_LIMITS, sqlGuard } from "../../storage/sql/guard.ts";
import { keywordOf } from "../../storage/sql/statements.ts";
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
import { isBlank, splitText, type TextStatement } from "./text.ts";

/** Bytes of a value or row. */
const MAX_LENGTH: number = 4 * 1024 * 1024;
/** Of all results of one call: the memory that production's database has. */
const MAX_RESULT_BYTES: number = 128 * 1024 * 1024;
const MEMORY_LIMIT = "D1 DB's isolate exceeded its memory limit and was reset.";
/** Compiled statements that are kept, by text. */
const MAX_COMPILED = 100;
const READS: ReadonlySet<string> = new Set(["SELECT", "VALUES", "EXPLAIN", "PRAGMA"]);

export interface D1Query {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

export interface D1Meta {
  readonly durationMs: number;
  readonly changes: number;
  readonly lastRowId: number;
  readonly changedDb: boolean;
  readonly sizeAfter: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
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

export class D1Store {
  readonly #store: Store;
  readonly #compiled: Map<string, SqliteStatement> = new Map();
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
        database.authorize(sqlGuard);
      },
    });
  }

  /**
   * Runs queries as one transaction. `withBookmark`: count it as a query of a session.
   * @throws Error with production's text, without the prefix of the method
   */
  query(queries: readonly D1Query[], withBookmark: boolean): D1Answer {
    const live = queries.filter(({ sql }) => !isBlank(sql));
    if (live.length === 0) throw new Error("No SQL statements detected.");
    this.#resultBytes = 0;
    try {
      const texts = live.map(({ sql, params }) => ({ statements: splitText(sql), params }));
      const writes = withBookmark || texts.some(({ statements }) => statements.some(mayWrite));
      return this.#transaction(writes, () => ({
        results: texts.map(({ statements, params }) => this.#runAll(statements, params)),
        bookmark: withBookmark ? this.#nextBookmark() : undefined,
      }));
    } catch (error) {
      throw fileFailure(error, this.#store.path) ?? failureText(error);
    }
  }

  close(): void {
    this.#store.close();
  }

  #transaction<T>(writes: boolean, run: () => T): T {
    const { database } = this.#store;
    if (database !== this.#connection) {
      this.#connection = database;
      this.#compiled.clear();
    }
    const own = (sql: string): void => database.asSystem(() => this.#store.statement(sql).run());
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

  /** The statements of one text; result and counters are those of the last. */
  #runAll(statements: readonly TextStatement[], params: readonly SqlValue[]): D1Result {
    const { database } = this.#store;
    const started = performance.now();
    const before = this.#counters(database);
    let result: { readonly columns: readonly string[]; readonly rows: SqlRow[] } | undefined;
    let lastChanges = 0;
    for (const [index, statement] of statements.entries()) {
      const changes = database.totalChanges();
      const isLast = index === statements.length - 1;
      result = this.#run(database, statement, isLast ? params : undefined);
      lastChanges = database.totalChanges() - changes;
    }
    if (result === undefined) throw new Error(NO_STATEMENT);
    const after = this.#counters(database);
    this.#lastRowId = after.lastRowId;
    const changes = after.changes - before.changes;
    return {
      ...result,
      meta: {
        durationMs: performance.now() - started,
        changes,
        lastRowId: after.lastRowId,
        changedDb:
          changes > 0 || after.lastRowId !== before.lastRowId || after.size !== before.size,
        sizeAfter: after.size,
        // Neither engine counts rows: what was returned and changed is the best that is known.
        rowsRead: result.rows.length + lastChanges,
        rowsWritten: lastChanges,
      },
    };
  }

  /** `params` undefined: not the last statement, which may have none. */
  #run(
    database: SqliteDatabase,
    statement: TextStatement,
    params: readonly SqlValue[] | undefined,
  ): { readonly columns: readonly string[]; readonly rows: SqlRow[] } {
    return runFailed(
      statement,
      (sql) => database.prepare(sql),
      () => {
        const compiled = this.#compile(database, statement);
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

  #compile(database: SqliteDatabase, statement: TextStatement): SqliteStatement {
    const known = this.#compiled.get(statement.text);
    if (known !== undefined) return known;
    statement.assertAllowed();
    const compiled = database.prepare(statement.text);
    if (this.#compiled.size >= MAX_COMPILED) this.#compiled.clear();
    this.#compiled.set(statement.text, compiled);
    return compiled;
  }

  #counters(database: SqliteDatabase): { changes: number; lastRowId: number; size: number } {
    const pragma = (name: string): number =>
      database.asSystem(() => Number(this.#store.statement(`PRAGMA ${name}`).get()?.[0]));
    return {
      changes: database.totalChanges(),
      lastRowId: database.lastInsertRowid() || this.#lastRowId,
      size: (pragma("page_count") - pragma("freelist_count")) * 4096,
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

function mayWrite({ statement }: TextStatement): boolean {
  return !READS.has(keywordOf(statement));
}
