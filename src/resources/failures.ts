/**
 * What goes wrong with files and databases themselves: told with the path, so that the user knows
 * which file is full, read-only, corrupt or locked (issue 10, "Faults"). The one call fails, the
 * storage thread lives on.
 */

import { isOfTheFile, SqliteError } from "../storage/sqlite/errors.ts";
import { messageOf } from "../util/errors.ts";

/** An error that names the store's file; undefined if `error` is not about files. */
export function fileFailure(error: unknown, database: string): Error | undefined {
  if (error instanceof SqliteError) {
    if (!isOfTheFile(error)) return undefined;
    return new Error(`${error.message}: ${error.primaryName} (${database})`);
  }
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  // Node's own texts name the path in most cases, those of open files do not.
  const text = messageOf(error);
  return new Error("path" in error ? text : `${text} (${database})`);
}

/** Runs `run`; failures of the file become an Error `<prefix><text with the path>`. */
export function naming<T>(database: string, prefix: string, run: () => T): T {
  try {
    const result = run();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw named(error, database, prefix);
    }) as T;
  } catch (error) {
    throw named(error, database, prefix);
  }
}

function named(error: unknown, database: string, prefix: string): unknown {
  const failure = fileFailure(error, database);
  return failure === undefined ? error : new Error(prefix + failure.message);
}
