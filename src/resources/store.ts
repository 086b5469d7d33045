/**
 * One store of the state folder in the storage thread: its database and its values' files. The
 * connection is opened with the first use and closed after some idle seconds, so that a user may
 * delete the folder; a database that was deleted or replaced meanwhile is opened anew, and so
 * is one whose log alone was deleted.
 */
import { statSync } from "node:fs";
import { BlobFolder } from "../storage/blobs.ts";
import type { SqliteDatabase, SqliteStatement } from "../storage/sqlite/contract.ts";
import { openDatabase } from "../storage/sqlite/database.ts";
import { type StoreKind, storePaths } from "../storage/state-folder.ts";

const IDLE_MS = 5_000;
/** Looking whether a file is still there takes as long as reading a row of it. */
const TRUSTED_MS = 5;
/** SQLite's name for the log of a file. */
const LOG = "-wal";
/** The inode of what is not there. */
const NONE = -1n;

/** A store in wrangler's layout, or any database without files of values. */
type StorePlace =
  | { readonly root: string; readonly kind: StoreKind; readonly name: string }
  | { readonly database: string };

export type StoreOptions = StorePlace & {
  /** Run once per connection; must not change what is there. */
  readonly setUp: (database: SqliteDatabase) => void;
};

export class Store {
  readonly path: string;
  readonly #setUp: StoreOptions["setUp"];
  readonly #blobs: BlobFolder | undefined;
  #database: SqliteDatabase | undefined;
  /** Of the open file and its log, to notice another one in its place, or none. */
  #inode = NONE;
  #logInode = NONE;
  #lookedAt = 0;
  readonly #statements: Map<string, SqliteStatement> = new Map();
  #idle: NodeJS.Timeout | undefined;

  constructor(options: StoreOptions) {
    const { database, blobs } =
      "database" in options
        ? { database: options.database, blobs: undefined }
        : storePaths(options.root, options.kind, options.name);
    this.path = database;
    this.#setUp = options.setUp;
    this.#blobs = blobs === undefined ? undefined : new BlobFolder(blobs);
  }

  get blobs(): BlobFolder {
    if (this.#blobs === undefined) throw new Error(`${this.path} has no files of values.`);
    return this.#blobs;
  }

  /** The open connection; not to be kept over an await. */
  get database(): SqliteDatabase {
    return this.#connection(0);
  }

  /** The same for what only reads, which may take a file for a moment that has just been deleted. */
  get reader(): SqliteDatabase {
    return this.#connection(TRUSTED_MS);
  }

  /** `trustedMs`: how long ago the file may have been looked at. */
  #connection(trustedMs: number): SqliteDatabase {
    let database = this.#database;
    // For each write: what is written to a deleted file is lost. A transaction keeps its file.
    if (database !== undefined && !database.inTransaction) {
      const now = performance.now();
      if (now - this.#lookedAt >= trustedMs) {
        this.#lookedAt = now;
        if (!this.#isThere()) {
          // What is in a deleted log moves to the file, if that is still there.
          this.close();
          database = undefined;
        }
      }
    }
    if (database === undefined) {
      database = openDatabase(this.path);
      try {
        // Opens the log, whose loss is noticed from here on.
        database.prepare("PRAGMA schema_version").get();
        this.#setUp(database);
      } catch (error) {
        database.close();
        throw error;
      }
      this.#database = database;
      this.#inode = inodeOf(this.path);
      this.#logInode = inodeOf(this.path + LOG);
      this.#lookedAt = performance.now();
    }
    this.#idle ??= setTimeout(() => this.close(), IDLE_MS).unref();
    this.#idle.refresh();
    return database;
  }

  /** Whether what is written now is found by whoever opens the path later. */
  #isThere(): boolean {
    return inodeOf(this.path) === this.#inode && inodeOf(this.path + LOG) === this.#logInode;
  }

  /** Compiled once per connection: for statements of drover's own. */
  statement(sql: string): SqliteStatement {
    return this.#compiled(this.database, sql);
  }

  /** One that only reads. */
  query(sql: string): SqliteStatement {
    return this.#compiled(this.reader, sql);
  }

  #compiled(database: SqliteDatabase, sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** All or nothing, in one turn: other processes wait meanwhile. */
  transaction<T>(run: () => T): T {
    this.statement("BEGIN IMMEDIATE").run();
    try {
      const result = run();
      this.statement("COMMIT").run();
      return result;
    } catch (error) {
      // Some errors (disk full) have ended it already.
      if (this.#database?.inTransaction === true) this.statement("ROLLBACK").run();
      throw error;
    }
  }

  /** For good: also what is still to be removed is gone then. */
  async end(): Promise<void> {
    this.close();
    await this.#blobs?.settled();
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
  }
}

function inodeOf(path: string): bigint {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? NONE;
}
