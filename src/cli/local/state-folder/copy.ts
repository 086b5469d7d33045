/**
 * Copies stores from one state folder to another. Each database is copied as it stands at one moment,
 * whoever writes to it meanwhile; what was in the other folder is replaced.
 */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { naming } from "../../../resources/failures.ts";
import { makeFolder } from "../../../util/folders.ts";
import { reading, type StoredThing } from "./inventory.ts";

/** A value may be replaced between its row and its file: then all is read again, so many times. */
const ATTEMPTS = 5;

/** Copies `thing` of the folder `from` to the same place in the folder `to`. */
export function copyStore(thing: StoredThing, from: string, to: string): void {
  const target = (path: string): string => join(to, relative(from, path));
  const { files, databases } = thing;
  if (files !== undefined && databases.every((path) => path.startsWith(files))) {
    rmSync(target(files), { recursive: true, force: true });
    copyFiles(files, target(files));
    for (const path of databases) replaceDatabase(path, target(path), () => true);
    return;
  }
  const before = files === undefined ? [] : listFiles(target(files));
  for (const path of databases) {
    replaceDatabase(
      path,
      target(path),
      (copy) => files === undefined || copyBlobs(copy, files, target(files)),
    );
  }
  if (files === undefined) return;
  // Files of values have names of their own: the new ones are none of these.
  const isKept = new Set(listFiles(files));
  for (const name of before)
    if (!isKept.has(name)) rmSync(join(target(files), name), { force: true });
}

/** `finish` false: the copy is no good, once more. */
function replaceDatabase(from: string, to: string, finish: (copy: string) => boolean): void {
  const copy = `${to}.copy`;
  makeFolder(dirname(to));
  try {
    for (let attempt = 1; ; attempt += 1) {
      rmSync(copy, { force: true });
      naming(from, "", () =>
        reading(from, (database) => database.prepare("VACUUM INTO ?").run(copy)),
      );
      if (finish(copy) || attempt === ATTEMPTS) break;
    }
    for (const suffix of ["", "-wal", "-shm"]) rmSync(to + suffix, { force: true });
    renameSync(copy, to);
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(copy + suffix, { force: true });
  }
}

/** The files that the rows of `copy` name. False if one is gone. */
function copyBlobs(copy: string, from: string, to: string): boolean {
  makeFolder(to);
  let isWhole = true;
  for (const blob of blobsOf(copy)) {
    const target = join(to, blob);
    if (existsSync(target)) continue;
    if (existsSync(join(from, blob))) copyFileSync(join(from, blob), target);
    else isWhole = false;
  }
  return isWhole;
}

function blobsOf(path: string): string[] {
  return reading(path, (database) => {
    const tables = database
      .prepare(
        "SELECT s.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table' AND c.name = 'blob_id'",
      )
      .all();
    return tables.flatMap(([table]) =>
      database
        .prepare(`SELECT blob_id FROM ${table as string} WHERE blob_id NOTNULL`)
        .all()
        .map(([blob]) => blob as string),
    );
  });
}

/** All but databases and their logs. */
function copyFiles(from: string, to: string): void {
  makeFolder(to);
  for (const name of readdirSync(from)) {
    if (/\.sqlite(?:-wal|-shm)?$/.test(name)) continue;
    const path = join(from, name);
    if (statSync(path).isDirectory()) copyFiles(path, join(to, name));
    else copyFileSync(path, join(to, name));
  }
}

function listFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
