/**
 * The one narrow SQLite driver: what drover needs of a database, the same over both engines
 * (engines.ts) and in every thread. Synchronous. Implemented by database.ts, held to it by
 * test/contract/sqlite.ts.
 */

/** What a column holds. INTEGER is a number (beyond 2^53 rounded), or a BigInt on request. */
export type SqlValue = null | number | bigint | string | Uint8Array;

export type SqlRow = readonly SqlValue[];

/** Settings of one connection; both engines know these names and no others. */
export interface SqliteLimits {
  /** Bytes of a string, blob or row. */
  readonly length: number;
  readonly sqlLength: number;
  readonly column: number;
  readonly exprDepth: number;
  readonly compoundSelect: number;
  readonly vdbeOp: number;
  readonly functionArg: number;
  readonly attach: number;
  readonly likePatternLength: number;
  readonly variableNumber: number;
  readonly triggerDepth: number;
}

/** Codes of SQLite's authorizer that a guard answers with. */
export const Verdict = { allow: 0, deny: 1, ignore: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/**
 * Asked while a statement is prepared, with SQLite's action code and its two details, the database
 * name (`main`, `temp`) and the trigger or view that the access comes from. What it throws is what
 * `prepare` throws.
 */
export type Authorizer = (
  action: number,
  first: string | null,
  second: string | null,
  database: string | null,
  source: string | null,
) => Verdict;

export interface OpenOptions {
  /** Fail instead of creating the file. Default: create it and its folder. */
  readonly mustExist?: boolean;
  /**
   * Default true. False: nothing waits for the disk. What was committed survives the end of the
   * process, but may not survive that of the machine; files are made and closed ten times faster.
   */
  readonly waitsForDisk?: boolean;
}

/** An open connection. Not for use after `close`. */
export interface SqliteDatabase {
  readonly isOpen: boolean;
  readonly inTransaction: boolean;
  /** Runs any number of statements without parameters. */
  exec(sql: string): void;
  /**
   * Compiles the first statement of `sql`; what follows it is not looked at.
   * @throws SqliteError, what the authorizer threw, or an Error if there is no statement.
   */
  prepare(sql: string): SqliteStatement;
  /** Asks `authorizer` about every statement from now on; undefined: nobody. */
  authorize(authorizer: Authorizer | undefined): void;
  /** Runs `run` without asking the authorizer: statements of drover's own. */
  asSystem<T>(run: () => T): T;
  /** Lowers limits of the connection; a higher value than that of an earlier call is ignored. */
  limit(limits: Partial<SqliteLimits>): void;
  /** Rows that were changed since the connection was opened, also by triggers. */
  totalChanges(): number;
  lastInsertRowid(): number;
  close(): void;
}

/**
 * A compiled statement. Parameters are positional: named ones count in the order of their first
 * appearance, `?3` makes three. A number is bound as REAL (column affinity makes INTEGER of it), a
 * BigInt as INTEGER, NaN as NULL, bytes as BLOB. A wrong number of parameters throws an Error
 * `Wrong number of parameter bindings for SQL query.`
 */
export interface SqliteStatement {
  /** Names of the result's columns; empty for a statement without result. */
  readonly columns: readonly string[];
  readonly parameterCount: number;
  run(...parameters: readonly SqlValue[]): void;
  get(...parameters: readonly SqlValue[]): SqlRow | undefined;
  all(...parameters: readonly SqlValue[]): SqlRow[];
  /**
   * Runs row by row; `return()` ends it. Other statements may run meanwhile, this one may not: each
   * run of a statement ends the one before.
   */
  iterate(...parameters: readonly SqlValue[]): IterableIterator<SqlRow>;
  /** Same statement, with integers as BigInt. */
  withBigInts(): SqliteStatement;
}
