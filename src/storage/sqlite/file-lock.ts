/**
 * A lock that one connection on the machine holds at a time: SQLite's own on an empty file, which the
 * system lets go when the process ends, however it ends. In whichever thread asks; used by
 * resources/queues/delivery.ts and durable-objects/ownership.ts.
 */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../../util/folders.ts";
import { SETTINGS, sqliteEngine } from "./engines.ts";

export interface FileLock {
  /** False once the file was deleted or replaced: others lock the new one. */
  readonly isHeld: boolean;
  release(): void;
}

/**
 * Undefined if somebody else has it, and does not let it go within `waitMs`, in which nothing else happens in this
 * thread. Throws if the file cannot be made.
 */
export function lockFile(path: string, waitMs = 0): FileLock | undefined {
  makeFolder(dirname(path));
  const database = new (sqliteEngine().DatabaseSync)(path, { ...SETTINGS, timeout: waitMs });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    throw error;
  }
  const inode = inodeOf(path);
  return {
    get isHeld() {
      return inode !== undefined && inodeOf(path) === inode;
    },
    release: () => database.close(),
  };
}

/** SQLITE_BUSY. */
const BUSY = 5;

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
