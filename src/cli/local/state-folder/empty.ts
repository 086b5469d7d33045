/**
 * Makes stores empty. What drover and wrangler open by a known schema is emptied in its file, in one
 * transaction: safe beside running sessions, which see it with their next read. All else is deleted.
 */
import { rmSync } from "node:fs";
import { BlobFolder } from "../../../storage/blobs.ts";
import type { SqliteDatabase, SqlRow } from "../../../storage/sqlite/contract.ts";
import { SqliteError } from "../../../storage/sqlite/errors.ts";
import { reading, type StoredThing } from "./inventory.ts";

/** Statements that empty a file of a kind; what they return are names of files of values. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  kv: ["_mf_entries"],
  r2: ["_mf_multipart_parts", "_mf_objects", "_mf_multipart_uploads"],
  cache: ["_mf_entries"],
  "secrets-store": ["_mf_entries"],
  images: ["_mf_entries"],
  ratelimit: ["_mf_ratelimit_buckets"],
};

/** True: `emptyStore` leaves its files in place, so that sessions may run. */
export function isEmptiedInPlace({ kind }: StoredThing): boolean {
  return kind === "d1" || Object.hasOwn(TABLES, kind);
}

export async function emptyStore(thing: StoredThing): Promise<void> {
  const [path] = thing.databases;
  if (!isEmptiedInPlace(thing) || path === undefined) {
    if (thing.files !== undefined) rmSync(thing.files, { recursive: true, force: true });
    return;
  }
  try {
    const garbage = reading(path, (database) =>
      thing.kind === "d1" ? dropAll(database) : deleteRows(database, TABLES[thing.kind] ?? []),
    );
    if (thing.files === undefined) return;
    const blobs = new BlobFolder(thing.files);
    for (const blob of garbage) blobs.remove(blob);
    await blobs.settled();
  } catch (error) {
    if (!(error instanceof SqliteError) || !isBroken(error)) throw error;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    if (thing.files !== undefined) rmSync(thing.files, { recursive: true, force: true });
  }
}

/** No database any more: nobody can use it, there is nothing to lose. */
function isBroken({ primaryName }: SqliteError): boolean {
  return primaryName === "SQLITE_NOTADB" || primaryName === "SQLITE_CORRUPT";
}

function deleteRows(database: SqliteDatabase, tables: readonly string[]): string[] {
  const garbage: string[] = [];
  transaction(database, () => {
    const present = new Set(names(database, "type = 'table'"));
    for (const table of tables.filter((name) => present.has(name))) {
      const hasBlobs = database
        .prepare(`PRAGMA table_info(${table})`)
        .all()
        .some((row) => row[1] === "blob_id");
      if (hasBlobs) {
        const rows = database.prepare(`SELECT blob_id FROM ${table} WHERE blob_id NOTNULL`).all();
        garbage.push(...rows.map(([blob]: SqlRow) => blob as string));
      }
      database.exec(`DELETE FROM ${table}`);
    }
  });
  return garbage;
}

/** All tables and views of the user; drover's record of bookmarks goes on. */
function dropAll(database: SqliteDatabase): string[] {
  database.exec("PRAGMA foreign_keys = off");
  const own = String.raw`name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_cf\_%' ESCAPE '\'`;
  const drop = (what: string, where: string): void => {
    for (const name of names(database, where)) {
      database.exec(`DROP ${what} IF EXISTS "${name.replaceAll('"', '""')}"`);
    }
  };
  transaction(database, () => {
    drop("TRIGGER", "type = 'trigger'");
    drop("VIEW", "type = 'view'");
    // With their own tables, which are gone from the list then.
    drop("TABLE", `type = 'table' AND sql LIKE 'CREATE VIRTUAL%' AND ${own}`);
    drop("TABLE", `type = 'table' AND ${own}`);
    for (const name of names(database, "name = 'sqlite_sequence'")) {
      database.exec(`DELETE FROM ${name}`);
    }
  });
  return [];
}

function names(database: SqliteDatabase, where: string): string[] {
  return database
    .prepare(`SELECT name FROM sqlite_schema WHERE ${where}`)
    .all()
    .map(([name]) => name as string);
}

function transaction(database: SqliteDatabase, run: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    run();
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
