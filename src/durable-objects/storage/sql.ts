/**
 * `ctx.storage.sql`: SQL over the file of one object (spec/durable-objects.md 15). Statements run at
 * once, in the transaction of the turn. One per live instance.
 */
import { type OpenSpan, openSpan, spanned } from "../../isolate/spans.ts";
import { sqlErrorText } from "../../storage/sql/error-text.ts";
import { assertAllowed, TRANSACTION_REFUSED } from "../../storage/sql/guard.ts";
import { type SqlStatement, splitStatements } from "../../storage/sql/statements.ts";
import { nameOf } from "../../storage/sql/tokens.ts";
import type { SqlValue } from "../../storage/sqlite/contract.ts";
import { SqliteError } from "../../storage/sqlite/errors.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { notOfType } from "./arguments.ts";
import { createCursor, endCursor, SqlCursor } from "./cursor.ts";
import type { StorageEngine } from "./engine.ts";
import type { UserStatement } from "./object-database.ts";
import { describeRows, describeStatement } from "./spans.ts";

const INTERNAL: unique symbol = Symbol("internal");

const NO_STATEMENT = "SQL code did not contain a statement.";
const ONLY_LAST =
  "When executing multiple SQL statements in a single call, only the last statement can have parameters.";
const NO_VACUUM = "cannot VACUUM from within a transaction: SQLITE_ERROR";

const TRANSACTIONS: ReadonlySet<string> = new Set([
  "BEGIN",
  "COMMIT",
  "ROLLBACK",
  "SAVEPOINT",
  "RELEASE",
  "END",
]);
/** Statements that change nothing run without a transaction. */
const READS: ReadonlySet<string> = new Set(["SELECT", "VALUES", "EXPLAIN", "PRAGMA"]);

/** Statements that change what columns there are. */
const SCHEMA: ReadonlySet<string> = new Set(["CREATE", "ALTER", "DROP"]);

const PAGE_SIZE = 4096;
/** Texts that are kept taken apart. */
const KEPT = 200;

/** Throws if the storage cannot be used here and now. */
export type Guard = () => void;

export class SqlStorage {
  readonly #engine: StorageEngine;
  readonly #guard: Guard;
  readonly #split: Map<string, readonly SqlStatement[]> = new Map();

  constructor(token: typeof INTERNAL, engine: StorageEngine, guard: Guard) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#engine = engine;
    this.#guard = guard;
  }

  exec(...args: readonly unknown[]): SqlCursor {
    if (args.length === 0) throw notOfType("exec", "SqlStorage", "String");
    this.#guard();
    const [query, ...bindings] = args;
    const sql = String(query);
    const values = bindings.map(sqlValue);
    const span = openSpan("durable_object_storage_exec", sql);
    if (span === undefined) return this.#exec(sql, values, span);
    describeStatement(span, sql, values.length);
    try {
      return this.#exec(sql, values, span);
    } catch (error) {
      span.end({ error });
      throw error;
    }
  }

  #exec(sql: string, values: readonly SqlValue[], span: OpenSpan | undefined): SqlCursor {
    const statements = this.#statementsOf(sql);
    const last = statements.at(-1);
    if (last === undefined) throw new Error(NO_STATEMENT);
    for (const statement of statements.slice(0, -1)) this.#runWhole(statement);
    return this.#start(last, values, span);
  }

  /** Bytes in use. */
  get databaseSize(): number {
    this.#guard();
    return spanned("durable_object_storage_getDatabaseSize", (span) => {
      span?.set("db.operation.name", "getDatabaseSize");
      const size = this.#size();
      span?.set("cloudflare.durable_object.response.db_size", BigInt(size));
      return size;
    });
  }

  #size(): number {
    const { database } = this.#engine;
    if (database.existing === undefined) return PAGE_SIZE;
    return database.system(() => {
      const pages = Number(database.statement("PRAGMA page_count").get()?.[0] ?? 0);
      const free = Number(database.statement("PRAGMA freelist_count").get()?.[0] ?? 0);
      return Math.max(1, pages - free) * PAGE_SIZE;
    });
  }

  get Cursor(): typeof SqlCursor {
    return SqlCursor;
  }

  get Statement(): typeof SqlStorageStatement {
    return SqlStorageStatement;
  }

  #statementsOf(sql: string): readonly SqlStatement[] {
    let statements = this.#split.get(sql);
    if (statements === undefined) {
      statements = splitStatements(sql);
      // Production takes neither an empty statement nor a comment after the last one.
      if (/;\s*(?:;|--|\/\*)[^;]*$/.test(sql) && statements.length > 0) {
        const end = lastEnd(sql, statements);
        if (/\S/.test(sql.slice(end))) throw new Error(NO_STATEMENT);
      }
      if (this.#split.size > KEPT) this.#split.clear();
      this.#split.set(sql, statements);
    }
    return statements;
  }

  #runWhole(statement: SqlStatement): void {
    const prepared = this.#prepare(statement);
    const { compiled } = prepared;
    if (compiled.parameterCount > 0) throw new Error(ONLY_LAST);
    this.#translated(statement, () => compiled.run());
    const { database } = this.#engine;
    if (SCHEMA.has(statement.keyword)) database.forgetStatements();
    else database.keepStatement(statement.text, prepared);
  }

  /** `span` ends with the cursor. */
  #start(
    statement: SqlStatement,
    values: readonly SqlValue[],
    span: OpenSpan | undefined,
  ): SqlCursor {
    const prepared = this.#prepare(statement);
    const { compiled, columns } = prepared;
    const { keyword } = statement;
    const { database } = this.#engine;
    const isRead = READS.has(keyword) || (keyword === "WITH" && !database.isDirty);
    const connection = database.database;
    const changesBefore = READS.has(keyword) ? 0 : connection.totalChanges();
    const rows = this.#translated(statement, () => {
      // What writes is run to its end, so that nothing is left half done at the commit.
      if (isRead) return compiled.iterate(...values);
      if (columns.length === 0) {
        compiled.run(...values);
        return [][Symbol.iterator]();
      }
      return compiled.all(...values)[Symbol.iterator]();
    });
    const changes = READS.has(keyword) ? 0 : connection.totalChanges() - changesBefore;
    if (SCHEMA.has(keyword)) database.forgetStatements();
    const { epoch } = database;
    let isDone = false;
    const options = {
      columns,
      rows,
      rowsWritten: changes === 0 ? 0 : changes * (1 + this.#indexesOf(statement, prepared)),
      translate: (error: unknown) => this.#errorOf(error, statement),
      isGone: () => database.epoch !== epoch,
      guard: this.#guard,
      onDone: (rowsRead: number) => {
        isDone = true;
        if (span !== undefined) {
          describeRows(span, rowsRead, options.rowsWritten);
          span.end();
        }
        database.readers.remove(options);
        database.keepStatement(statement.text, prepared);
      },
      // Held by the cursor, and so for as long as it is.
      end: () => endCursor(cursor),
    };
    const cursor: SqlCursor = createCursor(options);
    // An open cursor would keep its table from going.
    if (isRead && !isDone) database.readers.add(options);
    return cursor;
  }

  #prepare(statement: SqlStatement): UserStatement {
    refuse(statement);
    const { database } = this.#engine;
    const { keyword } = statement;
    if (!READS.has(keyword)) {
      database.begin();
      this.#engine.touch();
    }
    if (keyword === "PRAGMA") database.pin();
    return database.takeStatement(statement.text, (connection) =>
      this.#translated(statement, () => {
        assertAllowed(statement);
        return connection.prepare(statement.text);
      }),
    );
  }

  #translated<T>(statement: SqlStatement, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.#errorOf(error, statement);
    }
  }

  #errorOf(error: unknown, statement: SqlStatement): unknown {
    if (!(error instanceof SqliteError)) return error;
    const { database } = this.#engine;
    const fault = database.fileFault(error);
    if (fault !== undefined) return fault;
    const compile = (sql: string): unknown => database.database.prepare(sql);
    return new Error(sqlErrorText(error, statement, compile));
  }

  /** How many indexes a row that the statement writes is written to as well. */
  #indexesOf(statement: SqlStatement, prepared: UserStatement): number {
    prepared.indexes ??= this.#countIndexes(statement);
    return prepared.indexes;
  }

  #countIndexes(statement: SqlStatement): number {
    const target = writtenTable(statement);
    if (target === undefined) return 0;
    const { database } = this.#engine;
    return database.system(() => {
      const rows = database.statement("SELECT name FROM pragma_index_list(?)").all(target.table);
      const { columns } = target;
      if (columns === undefined) return rows.length;
      const touched = rows.filter(([name]) =>
        database
          .statement("SELECT name FROM pragma_index_info(?)")
          .all(name as string)
          .some(([column]) => columns.has(String(column).toLowerCase())),
      );
      return touched.length;
    });
  }
}
defineInterface(SqlStorage, "SqlStorage");

/** Only its class is visible: `prepare` needs the flag `experimental`, which is not for here. */
export class SqlStorageStatement {
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}
defineInterface(SqlStorageStatement, "SqlStorageStatement");

export function createSql(engine: StorageEngine, guard: Guard): SqlStorage {
  return new SqlStorage(INTERNAL, engine, guard);
}

/** Statements that the application may not use whatever SQLite would say. */
function refuse(statement: SqlStatement): void {
  const { keyword } = statement;
  if (TRANSACTIONS.has(keyword)) throw new Error(TRANSACTION_REFUSED);
  if (keyword === "VACUUM") throw new Error(NO_VACUUM);
}

/** The table that a statement writes; `columns`: those that an UPDATE sets, in lower case. */
function writtenTable(
  statement: SqlStatement,
): { readonly table: string; readonly columns?: ReadonlySet<string> } | undefined {
  const { text, tokens } = statement;
  const words = tokens.map((token) => nameOf(text, token));
  const at = (word: string): number => words.findIndex((other) => other.toUpperCase() === word);
  switch (statement.keyword) {
    case "INSERT":
    case "REPLACE": {
      const table = words[at("INTO") + 1];
      return table === undefined ? undefined : { table };
    }
    case "DELETE": {
      const table = words[at("FROM") + 1];
      return table === undefined ? undefined : { table };
    }
    case "UPDATE": {
      const set = at("SET");
      const table = words[set - 1];
      if (set < 1 || table === undefined) return undefined;
      const columns = words.filter((_, index) => index > set && words[index + 1] === "=");
      return { table, columns: new Set(columns.map((name) => name.toLowerCase())) };
    }
    default:
      return undefined;
  }
}

/** What a JavaScript value is as a parameter (spec 15.2). */
function sqlValue(value: unknown): SqlValue {
  switch (typeof value) {
    case "number":
    case "string":
      return value;
    case "undefined":
      return null;
    case "bigint":
      throw new TypeError("Cannot convert a BigInt value to a number");
    case "symbol":
      throw new TypeError("Cannot convert a Symbol value to a string");
    default:
      if (value === null) return null;
      if (value instanceof ArrayBuffer) return new Uint8Array(value);
      if (ArrayBuffer.isView(value)) {
        return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      }
      return String(value);
  }
}

function lastEnd(sql: string, statements: readonly SqlStatement[]): number {
  const last = statements.at(-1);
  return last === undefined ? 0 : Math.min(sql.length, last.start + last.text.length);
}
