/** What D1 says of failures of SQLite (spec/resources.md 6.6); the caller adds the method's prefix. */
import { type Compile, sqlErrorText } from "../../storage/sql/error-text.ts";
import { isOfTheFile, SqliteError } from "../../storage/sqlite/errors.ts";
import type { TextStatement } from "./text.ts";

/** Runs a statement; an error of SQLite becomes an Error with production's text. */
export function runFailed<T>(
  { text, statement }: TextStatement,
  compile: Compile,
  run: () => T,
): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SqliteError) || isOfTheFile(error)) throw error;
    const lead = Buffer.byteLength(text) - Buffer.byteLength(statement.text);
    const failure = new Error(sqlErrorText(error, statement, compile, lead));
    statements.set(failure, statement.text);
    throw failure;
  }
}

/** Beside the errors, not on them: a Worker sees an error with all that is on it. */
const statements: WeakMap<object, string> = new WeakMap();

/** The statement that an error of this thread is about, if it is about one. */
export function failedStatement(error: unknown): string | undefined {
  return error instanceof Error ? statements.get(error) : undefined;
}

/** An error that no statement accounts for: of the transaction as a whole. */
export function failureText(error: unknown): unknown {
  if (!(error instanceof SqliteError)) return error;
  const { message, primaryName, extendedName } = error;
  const detail = extendedName === primaryName ? "" : ` (extended: ${extendedName})`;
  return new Error(`${message}: ${primaryName}${detail}`);
}
