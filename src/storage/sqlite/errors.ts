/** What a failed statement throws, the same for both engines, and SQLite's names of result codes. */

const PRIMARY: readonly string[] =
  `OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL
  EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING`.split(
    /\s+/,
  );

/** Details of a primary code, from 1 (the number is `primary | detail << 8`). */
const DETAILS: Readonly<Record<string, readonly string[]>> = {
  ERROR: ["MISSING_COLLSEQ", "RETRY", "SNAPSHOT"],
  ABORT: ["", "ROLLBACK"],
  BUSY: ["RECOVERY", "SNAPSHOT", "TIMEOUT"],
  LOCKED: ["SHAREDCACHE", "VTAB"],
  READONLY: ["RECOVERY", "CANTLOCK", "ROLLBACK", "DBMOVED", "CANTINIT", "DIRECTORY"],
  IOERR:
    `READ SHORT_READ WRITE FSYNC DIR_FSYNC TRUNCATE FSTAT UNLOCK RDLOCK DELETE BLOCKED NOMEM ACCESS
    CHECKRESERVEDLOCK LOCK CLOSE DIR_CLOSE SHMOPEN SHMSIZE SHMLOCK SHMMAP SEEK DELETE_NOENT MMAP GETTEMPPATH CONVPATH
    VNODE AUTH BEGIN_ATOMIC COMMIT_ATOMIC ROLLBACK_ATOMIC DATA CORRUPTFS IN_PAGE`.split(/\s+/),
  CORRUPT: ["VTAB", "SEQUENCE", "INDEX"],
  CANTOPEN: ["NOTEMPDIR", "ISDIR", "FULLPATH", "CONVPATH", "DIRTYWAL", "SYMLINK"],
  CONSTRAINT:
    `CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID PINNED DATATYPE`.split(
      /\s+/,
    ),
  AUTH: ["USER"],
};

/** An error of SQLite itself; `message` is its text without any code. */
export class SqliteError extends Error {
  /** Extended result code; its low byte is the primary one. */
  readonly resultCode: number;

  constructor(message: string, resultCode: number) {
    super(message);
    this.resultCode = resultCode;
  }

  /** Such as `SQLITE_CONSTRAINT`. */
  get primaryName(): string {
    return `SQLITE_${PRIMARY[this.resultCode & 0xff] ?? "ERROR"}`;
  }

  /** Such as `SQLITE_CONSTRAINT_UNIQUE`; the primary name if there is no detail. */
  get extendedName(): string {
    const primary = this.primaryName;
    const detail = DETAILS[primary.slice("SQLITE_".length)]?.[(this.resultCode >> 8) - 1];
    return detail === undefined || detail === "" ? primary : `${primary}_${detail}`;
  }
}
SqliteError.prototype.name = "SqliteError";

/** Primary codes that are about the file, not about what was asked. */
const OF_THE_FILE: ReadonlySet<string> = new Set(
  "PERM BUSY READONLY IOERR CORRUPT FULL CANTOPEN PROTOCOL NOTADB"
    .split(" ")
    .map((name) => `SQLITE_${name}`),
);

/** True for an error of the file itself; a lock held by another process is one of the query. */
export function isOfTheFile(error: SqliteError): boolean {
  return OF_THE_FILE.has(error.primaryName);
}
