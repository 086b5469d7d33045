/**
 * `@photostructure/sqlite` gives no result code for what fails while rows are read (`all`,
 * `iterate`): a SELECT that fails half-way, an INSERT ... RETURNING. The code follows from SQLite's
 * own text. Used by database.ts.
 */
import type { NativeDatabase } from "./native.ts";

const BY_TEXT: readonly (readonly [pattern: RegExp, resultCode: number])[] = [
  [/^NOT NULL constraint failed/, 1299],
  [/^CHECK constraint failed/, 275],
  [/^FOREIGN KEY constraint failed/, 787],
  [/^cannot store \w+ value in \w+ column/, 3091],
  [/^datatype mismatch/, 20],
  [/^string or blob too big/, 18],
  [/^database is locked/, 5],
  [/^database table is locked/, 6],
  [/^database disk image is malformed/, 11],
  [/^database or disk is full/, 13],
  [/^disk I\/O error/, 10],
  [/^attempt to write a readonly database/, 8],
  [/^file is not a database/, 26],
  [/^out of memory/, 7],
  [/^interrupted/, 9],
];

const WRITES = /^(?:INSERT|REPLACE|UPDATE|DELETE)\b/i;

/** Extended result code of an error with this text that `statement` gave. */
export function resultCodeOf(message: string, statement: string, database: NativeDatabase): number {
  const known = BY_TEXT.find(([pattern]) => pattern.test(message))?.[1];
  if (known !== undefined) return known;
  // Of a pragma as a table; what load_extension() says is an ordinary error.
  if (message === "not authorized") return /load_extension/i.test(statement) ? 1 : 23;
  const unique = /^UNIQUE constraint failed: (.*)$/.exec(message);
  if (unique !== null) return isPrimaryKey(unique[1] ?? "", database) ? 1555 : 2067;
  // A text of the user's own: RAISE() in a trigger.
  return WRITES.test(statement) && !/^(?:malformed|integer overflow|bad |JSON )/.test(message)
    ? 1811
    : 1;
}

/** `columns`: such as `t.a, t.b`. */
function isPrimaryKey(columns: string, database: NativeDatabase): boolean {
  const names = columns.split(", ");
  const table = names[0]?.split(".")[0];
  if (table === undefined || names[0]?.startsWith("index '") === true) return false;
  const statement = database.prepare("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk");
  const keys = (statement.all(table) as { readonly name: string }[]).map(
    ({ name }) => `${table}.${name}`,
  );
  return keys.join(", ") === columns;
}
