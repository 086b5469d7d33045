/**
 * A database as SQL text, statement by statement, as wrangler's `d1 export` writes it (spec/resources.md
 * 7.2): what `d1 execute --file` makes the same database of. Values that wrangler would damage
 * (integers beyond 2^53, text with NUL or with a written `\n`) are exact here. Called by the command, in
 * its process, within a transaction that the caller holds.
 */
import type { SqliteDatabase, SqlValue } from "../../storage/sqlite/contract.ts";

export interface ExportOptions {
  /** Only these; undefined for all, and for indexes, triggers and views too. */
  readonly tables: readonly string[] | undefined;
  readonly schema: boolean;
  readonly data: boolean;
}

interface Table {
  readonly name: string;
  /** Its CREATE. */
  readonly sql: string;
}

/** What AUTOINCREMENT counts in. */
const SEQUENCE = "sqlite_sequence";

/** One statement after the other. @throws Error at once for virtual tables, which D1 does not export */
export function exportSql(database: SqliteDatabase, options: ExportOptions): Iterable<string> {
  const { tables } = options;
  const isWanted = (name: string): boolean =>
    tables === undefined ? !/^(?:sqlite_|_cf_)/i.test(name) : tables.includes(name);
  const found = tablesOf(database);
  const wanted = found.filter(({ name }) => isWanted(name));
  for (const { sql } of wanted) assertNotVirtual(sql);
  const sequence = found.filter(
    ({ name }) => name === SEQUENCE && (tables === undefined || isWanted(name)),
  );
  return statements(
    database,
    [...wanted.filter(({ name }) => name !== SEQUENCE), ...sequence],
    options,
  );
}

function* statements(
  database: SqliteDatabase,
  ordered: readonly Table[],
  { tables, schema, data }: ExportOptions,
): Generator<string, void, void> {
  yield "PRAGMA defer_foreign_keys=TRUE;";
  for (const { name, sql } of ordered) {
    if (schema && name === SEQUENCE) yield `DELETE FROM ${SEQUENCE};`;
    else if (schema)
      yield `${sql.replace(/^CREATE TABLE (?=['"])/i, "CREATE TABLE IF NOT EXISTS ")};`;
    if (data) yield* rowsOf(database, name);
  }
  if (!schema || tables !== undefined) return;
  const others = database.prepare(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('index', 'trigger', 'view') ORDER BY type, rowid",
  );
  for (const [sql] of others.all()) yield `${sql as string};`;
}

function tablesOf(database: SqliteDatabase): Table[] {
  return database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    .all()
    .map(([name, sql]) => ({ name: name as string, sql: sql as string }));
}

function assertNotVirtual(sql: string): void {
  const [, module] = /^CREATE\s+VIRTUAL\s+TABLE\s[\s\S]*?\sUSING\s+(\w+)/i.exec(sql) ?? [];
  if (module === undefined) return;
  throw new Error(`D1 Export error: cannot export databases with Virtual Tables (${module})`);
}

function* rowsOf(database: SqliteDatabase, table: string): Generator<string, void, void> {
  const columns = database
    .prepare(`PRAGMA table_xinfo(${quoted(table)})`)
    .all()
    // What is generated or hidden takes no value.
    .filter((row) => row[6] === 0)
    .map((row) => quoted(row[1] as string));
  // Text as bytes, with its type beside it: one of the engines cuts text at a NUL.
  const values = columns.map(
    (column) =>
      `typeof(${column}), iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), ${column})`,
  );
  const head = `INSERT INTO ${quoted(table)} (${columns.join(",")}) VALUES(`;
  const rows = database.prepare(`SELECT ${values.join(", ")} FROM ${quoted(table)}`).withBigInts();
  for (const row of rows.iterate()) {
    const literals = columns.map((_column, index) =>
      literalOf(row[index * 2] as string, row[index * 2 + 1] ?? null),
    );
    yield `${head}${literals.join(",")});`;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @param type SQLite's name of it; text comes as bytes */
function literalOf(type: string, value: SqlValue): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return realLiteral(value);
  if (!(value instanceof Uint8Array)) return String(value);
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return type === "text" ? textLiteral(bytes) : `X'${bytes.toString("hex")}'`;
}

function realLiteral(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "9e999" : "-9e999";
}

function textLiteral(bytes: Buffer): string {
  const text = bytes.toString();
  // In the middle of a statement a NUL would be its end.
  if (bytes.includes(0) || !Buffer.from(text).equals(bytes)) {
    return `CAST(X'${bytes.toString("hex")}' AS TEXT)`;
  }
  let literal = `'${text.replaceAll("'", "''")}'`;
  for (const [character, code, marks] of LINE_BREAKS) {
    if (!text.includes(character)) continue;
    const mark = unusedMark(text, marks);
    literal = `replace(${literal.replaceAll(character, mark)},'${mark}',char(${code}))`;
  }
  return literal;
}

/** What stands for a line break, as in dumps of the sqlite3 shell: the first that is not in the text. */
const LINE_BREAKS = [
  ["\r", 13, ["\\r", "\\015"]],
  ["\n", 10, ["\\n", "\\012"]],
] as const;

function unusedMark(text: string, [first, second]: readonly [string, string]): string {
  if (!text.includes(first)) return first;
  for (let mark = second, count = 0; ; mark = `(${first}${count})`, count += 1) {
    if (!text.includes(mark)) return mark;
  }
}
