/**
 * What a user's SQL may do, in D1 and in `ctx.storage.sql` alike: production's authorizer
 * (spec/resources.md 6.7, spec/durable-objects.md 15.4). `sqlGuard` is for
 * SqliteDatabase.authorize; `assertAllowed` sees what SQLite's authorizer is not told.
 */
import { type Authorizer, Verdict } from "../sqlite/contract.ts";
import { SqliteError } from "../sqlite/errors.ts";
import type { SqlStatement } from "./statements.ts";
import { nameOf } from "./tokens.ts";

export const TRANSACTION_REFUSED =
  "To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer because it will automatically roll back on exceptions, and because it interacts correctly with Durable Objects' automatic atomic write coalescing.";

/**
 * Production's limits of one connection, without the length of a value or row. Programs of SQLite's
 * machine may be of any length that a statement gives (asked of the real runtime).
 */
export const SQL_LIMITS = {
  column: 100,
  exprDepth: 100,
  compoundSelect: 5,
  functionArg: 127,
  attach: 0,
  likePatternLength: 50,
  variableNumber: 100,
  triggerDepth: 10,
} as const;

/** Bytes of one statement; SQLite's own limit has another text. */
export const MAX_STATEMENT_BYTES = 100_000;

/** Action codes of sqlite3_set_authorizer. */
const Action = {
  createIndex: 1,
  createTable: 2,
  createTempIndex: 3,
  createTempTable: 4,
  createTempTrigger: 5,
  createTempView: 6,
  createTrigger: 7,
  createView: 8,
  delete: 9,
  dropIndex: 10,
  dropTable: 11,
  dropTempIndex: 12,
  dropTempTable: 13,
  dropTempTrigger: 14,
  dropTempView: 15,
  dropTrigger: 16,
  dropView: 17,
  insert: 18,
  pragma: 19,
  read: 20,
  transaction: 22,
  update: 23,
  attach: 24,
  detach: 25,
  createVirtualTable: 29,
  function: 31,
  savepoint: 32,
} as const;

const TEMPORARY: ReadonlySet<number> = new Set([
  Action.createTempIndex,
  Action.createTempTable,
  Action.createTempTrigger,
  Action.createTempView,
  Action.dropTempIndex,
  Action.dropTempTable,
  Action.dropTempTrigger,
  Action.dropTempView,
]);

const CREATES: ReadonlySet<number> = new Set([
  Action.createIndex,
  Action.createTable,
  Action.createTrigger,
  Action.createView,
  Action.createVirtualTable,
]);

/** Actions whose first detail is the name of something. */
const NAMED: ReadonlySet<number> = new Set([
  ...CREATES,
  Action.dropIndex,
  Action.dropTable,
  Action.dropTrigger,
  Action.dropView,
  Action.insert,
  Action.update,
  Action.delete,
]);

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const MODULES = words("fts5 fts5vocab rtree rtree_i32");

/** Tables that SQLite may have without being asked and production's has not. */
const ABSENT_TABLES = words(
  "dbstat sqlite_stmt bytecode tables_used generate_series sqlite_dbpage fts3tokenize completion",
);

const ABSENT_FUNCTIONS = words(
  "regexp soundex median percentile percentile_cont percentile_disc uuid uuid_str uuid_blob",
);

const FUNCTIONS = words(`
  abs changes char coalesce concat concat_ws format glob hex ifnull iif instr last_insert_rowid length like likelihood
  likely lower ltrim max min nullif octet_length printf quote random randomblob replace round rtrim sign substr
  substring total_changes trim typeof unhex unicode unlikely upper zeroblob
  date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp
  avg count group_concat string_agg sum total
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  acos acosh asin asinh atan atan2 atanh ceil cos cosh degrees exp floor ln log log2 mod pi pow radians sin sinh sqrt
  tan tanh trunc
  json json_array json_array_length json_extract -> ->> json_insert json_object json_patch json_remove json_replace
  json_set json_type json_valid json_quote json_group_array json_group_object json_each json_tree
  jsonb jsonb_array jsonb_extract jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set
  jsonb_group_array jsonb_group_object
  match highlight bm25 snippet rtreecheck
  sqlite_rename_column sqlite_rename_table sqlite_rename_test sqlite_rename_quotefix sqlite_drop_column
  sqlite_drop_constraint sqlite_add_constraint sqlite_find_constraint sqlite_fail
  load_extension`);

const FLAG_PRAGMAS = words(
  `case_sensitive_like foreign_keys defer_foreign_keys ignore_check_constraints legacy_alter_table recursive_triggers
  reverse_unordered_selects`,
);
const NAME_PRAGMAS = words(
  "table_info table_xinfo foreign_key_list index_info index_list index_xinfo",
);
const FLAG_VALUES = words("true false yes no on off 1 0");

/** The authorizer of a connection that runs a user's SQL. */
export const sqlGuard: Authorizer = (action, first, second, database) => {
  if (action === Action.transaction || action === Action.savepoint) {
    throw new Error(TRANSACTION_REFUSED);
  }
  if (TEMPORARY.has(action) || action === Action.attach || action === Action.detach) {
    return Verdict.deny;
  }
  if (database === "temp" && CREATES.has(action)) return Verdict.deny;
  if (NAMED.has(action) && isReserved(first)) return Verdict.deny;
  switch (action) {
    case Action.pragma:
      return isAllowedPragma(first ?? "", second) ? Verdict.allow : Verdict.deny;
    case Action.function:
      return functionVerdict(second ?? "");
    case Action.read:
      if (ABSENT_TABLES.has((first ?? "").toLowerCase())) {
        throw new SqliteError(`no such table: ${first}`, 1);
      }
      return isReserved(first) ? Verdict.deny : Verdict.allow;
    case Action.createVirtualTable:
      return MODULES.has((second ?? "").toLowerCase()) ? Verdict.allow : Verdict.deny;
    default:
      return Verdict.allow;
  }
};

/** Refuses a statement by its text: too long, or one that renames something to a reserved name. */
export function assertAllowed({ text, tokens }: SqlStatement): void {
  if (text.length > MAX_STATEMENT_BYTES / 3 && Buffer.byteLength(text) > MAX_STATEMENT_BYTES) {
    throw new SqliteError("statement too long", 18);
  }
  const names = tokens.slice(0, 8).map((token) => nameOf(text, token));
  if (names[0]?.toUpperCase() !== "ALTER") return;
  const to = names.findIndex((name) => name.toUpperCase() === "TO");
  const isTableRename = to > 0 && names[to - 1]?.toUpperCase() === "RENAME";
  if (isTableRename && isReserved(names[to + 1] ?? null)) {
    throw new SqliteError("not authorized", 23);
  }
}

function isReserved(name: string | null): boolean {
  return name !== null && /^_cf_/i.test(name);
}

function functionVerdict(name: string): Verdict {
  const lower = name.toLowerCase();
  if (ABSENT_FUNCTIONS.has(lower)) throw new SqliteError(`no such function: ${name}`, 1);
  return FUNCTIONS.has(lower) ? Verdict.allow : Verdict.deny;
}

function isAllowedPragma(name: string, value: string | null): boolean {
  const pragma = name.toLowerCase();
  if (pragma === "data_version" || pragma === "page_size" || pragma === "table_list") {
    return value === null;
  }
  if (FLAG_PRAGMAS.has(pragma)) return value === null || FLAG_VALUES.has(value.toLowerCase());
  if (NAME_PRAGMAS.has(pragma)) return value !== null && !isReserved(value);
  if (pragma === "foreign_key_check" || pragma === "quick_check") return !isReserved(value);
  return pragma === "optimize" && (value === null || /^(?:-?\d+|0x[\da-f]+)$/i.test(value));
}
