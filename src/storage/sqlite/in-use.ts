/** Whether anybody has a database open, in this process or another: before its file is replaced. */
import { openDatabase } from "./database.ts";
import { SqliteError } from "./errors.ts";

/**
 * True while somebody has a connection to it. Only the last connection may leave WAL mode: SQLite
 * itself tells. Also merges the log into the file; a file that is no database is in nobody's use.
 */
export function isInUse(path: string): boolean {
  try {
    const database = openDatabase(path, { mustExist: true });
    try {
      database.exec("PRAGMA busy_timeout = 0");
      const mode = database.prepare("PRAGMA journal_mode = DELETE").get()?.[0];
      if (mode !== "delete") return true;
      database.exec("PRAGMA journal_mode = WAL");
      return false;
    } finally {
      database.close();
    }
  } catch (error) {
    return error instanceof SqliteError && /^SQLITE_(?:BUSY|LOCKED)$/.test(error.primaryName);
  }
}
