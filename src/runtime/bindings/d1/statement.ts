/**
 * `env.DB.prepare(...)`: a statement with its parameters (spec/resources.md 6.1, 6.2). Written like
 * production's own, which is JavaScript too: what misuse says follows from the code.
 */
import type { OpenSpan } from "../../../isolate/spans.ts";
import { inQuerySpan } from "./spans.ts";
import type { QueryResult, SqlValue } from "./values.ts";
import { bound, type D1Parameter, shown } from "./values.ts";

/** Sends statements as one transaction; rejects with `D1_ERROR: ...`. */
export type Send = (
  statements: readonly SentStatement[],
  span: OpenSpan | undefined,
) => Promise<readonly QueryResult[]>;

export type SentStatement = Pick<D1PreparedStatement, "statement" | "params">;

type Row = Record<string, unknown>;

let sendOf: (statement: D1PreparedStatement) => Send;

export class D1PreparedStatement {
  readonly #send: Send;
  readonly statement: string;
  readonly params: readonly D1Parameter[];

  constructor(send: Send, statement: string, params: readonly D1Parameter[] = []) {
    this.#send = send;
    this.statement = statement;
    this.params = params;
  }

  static {
    sendOf = (statement) => statement.#send;
  }

  bind(...values: readonly unknown[]): D1PreparedStatement {
    const params = values.map((value) => bound(value));
    return new D1PreparedStatement(this.#send, this.statement, params);
  }

  async first(colName?: string): Promise<unknown> {
    return one(this, "d1_first", "first", ({ columns, rows }) => {
      const [row] = rows;
      if (row === undefined) return null;
      const first = objectOf(columns, row);
      if (colName === undefined) return first;
      if (first[colName] === undefined) {
        throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${colName})`, {
          cause: new Error("Column not found"),
        });
      }
      return first[colName];
    });
  }

  async run(): Promise<object> {
    return one(this, "d1_run", "run", resultOf);
  }

  async all(): Promise<object> {
    return one(this, "d1_all", "all", resultOf);
  }

  async raw(options?: { readonly columnNames?: boolean }): Promise<unknown[][]> {
    return one(this, "d1_all", "raw", ({ columns, rows }) => {
      const found = rows.map((row) => row.map(shown));
      return options?.columnNames === true ? [[...columns], ...found] : found;
    });
  }
}
// The build may have renamed a class that names itself.
Object.defineProperty(D1PreparedStatement, "name", { value: "D1PreparedStatement" });

/** What `all`, `run` and `batch` resolve with. */
export function resultOf({ columns, rows, meta }: QueryResult): object {
  return {
    success: true,
    meta: {
      served_by: "miniflare.db",
      served_by_primary: true,
      total_attempts: 1,
      timings: { sql_duration_ms: meta.durationMs },
      duration: meta.durationMs,
      changes: meta.changes,
      last_row_id: meta.lastRowId,
      changed_db: meta.changedDb,
      size_after: meta.sizeAfter,
      rows_read: meta.rowsRead,
      rows_written: meta.rowsWritten,
    },
    results: rows.map((row) => objectOf(columns, row)),
  };
}

function one<T>(
  statement: D1PreparedStatement,
  spanName: string,
  operation: string,
  read: (result: QueryResult) => T,
): Promise<T> {
  // Read first: of `undefined` it is this name that the error tells.
  const sql = statement.statement;
  const send = sendOf(statement);
  const query = () => ({ operation, texts: [sql] });
  return inQuerySpan(spanName, query, async (span) => {
    const [result] = await send([{ statement: sql, params: statement.params }], span);
    return read(result as QueryResult);
  });
}

/** Of columns with the same name the last one wins. */
function objectOf(columns: readonly string[], row: readonly SqlValue[]): Row {
  const object: Row = {};
  for (const [index, column] of columns.entries()) {
    const value = shown(row[index] as SqlValue);
    if (column === "__proto__") {
      Object.defineProperty(object, column, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else {
      object[column] = value;
    }
  }
  return object;
}
