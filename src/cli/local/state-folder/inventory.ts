/**
 * What lies in a state folder: stores by their kinds, whose they are by the configs. A store that no
 * config names is there too, by what its folder or file tells of its name.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { SqliteDatabase } from "../../../storage/sqlite/contract.ts";
import { openDatabase } from "../../../storage/sqlite/database.ts";
import {
  databaseFolder,
  STORE_KINDS,
  type StoreKind,
  storePaths,
} from "../../../storage/state-folder.ts";
import { messageOf } from "../../../util/errors.ts";
import type { LocalState } from "../state.ts";

export interface StoredThing {
  /** `kv`, `r2`, `d1`, `do`, ...: the folder of the kind. */
  readonly kind: string;
  /** Namespace id, bucket name, database id, `<Worker>-<class>`; of an unknown one its file's name. */
  readonly id: string;
  /** Other names that it has in the configs: bindings, `database_name`. */
  readonly names: readonly string[];
  /** `worker (env.KV)` of each binding to it. */
  readonly usedBy: readonly string[];
  /** Its databases; absolute. */
  readonly databases: readonly string[];
  /** Its other files: a folder, undefined for none. */
  readonly files: string | undefined;
}

/** Database files of this kind have this file beside them, which belongs to none of them. */
const METADATA = "metadata.sqlite";

/** Everything in the folder, in the order of kind and id. */
export function listStored(state: LocalState): StoredThing[] {
  const known = STORE_KINDS.flatMap((kind) => storesOfKind(state, kind));
  const others = foldersIn(state.root)
    .filter((kind) => !(STORE_KINDS as readonly string[]).includes(kind))
    .flatMap((kind) =>
      foldersIn(join(state.root, kind)).map((name) => otherThing(state.root, kind, name)),
    );
  return [...known, ...others].filter(
    ({ databases, files }) => databases.length > 0 || files !== undefined,
  );
}

function storesOfKind({ root, configs }: LocalState, kind: StoreKind): StoredThing[] {
  const configured = configs.flatMap((config) =>
    config.stores
      .filter((store) => store.kind === kind)
      .map((store) => ({ ...store, worker: config.name || basename(config.root) })),
  );
  const databases = new Set(sqliteFilesIn(databaseFolder(root, kind)));
  const found: StoredThing[] = [];
  // Folders of values tell the names of stores that no config names.
  const ids = new Set([...configured.map(({ id }) => id), ...foldersIn(join(root, kind))]);
  for (const id of [...ids].sort()) {
    const { database, blobs } = storePaths(root, kind, id);
    if (!databases.delete(database)) continue;
    const uses = configured.filter((store) => store.id === id);
    const names = uses.flatMap(({ binding, item }) => [
      binding,
      ...(typeof item.database_name === "string" ? [item.database_name] : []),
    ]);
    found.push({
      kind,
      id,
      names: [...new Set(names)],
      usedBy: uses.map(({ worker, binding }) => `${worker} (env.${binding})`),
      databases: [database],
      files: blobs !== undefined && existsSync(blobs) ? blobs : undefined,
    });
  }
  for (const database of databases) {
    const id = basename(database, ".sqlite");
    found.push({ kind, id, names: [], usedBy: [], databases: [database], files: undefined });
  }
  return found;
}

/** A Durable Object class, or what another feature (or wrangler) keeps here. */
function otherThing(root: string, kind: string, name: string): StoredThing {
  const path = join(root, kind, name);
  return {
    kind,
    id: name,
    names: [],
    usedBy: [],
    databases: sqliteFilesIn(path, true),
    files: path,
  };
}

export interface Contents {
  /** `12 keys`, `3 tables`; undefined where nothing can be said. */
  readonly entries: string | undefined;
  /** Of all its files. */
  readonly bytes: number;
}

export function contentsOf(thing: StoredThing): Contents {
  let bytes = thing.files === undefined ? 0 : sizeOf(thing.files);
  for (const database of thing.databases) {
    if (thing.files !== undefined && database.startsWith(thing.files)) continue;
    for (const suffix of ["", "-wal"]) bytes += sizeOf(database + suffix);
  }
  return { entries: entriesOf(thing), bytes };
}

const COUNTED: Readonly<Record<string, readonly [sql: string, noun: string]>> = {
  kv: ["SELECT count(*) FROM _mf_entries", "key"],
  r2: ["SELECT count(*) FROM _mf_objects", "object"],
  d1: [
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
    "table",
  ],
  cache: ["SELECT count(*) FROM _mf_entries", "response"],
  "secrets-store": ["SELECT count(*) FROM _mf_entries", "secret"],
};

function entriesOf({ kind, databases }: StoredThing): string | undefined {
  if (kind === "do") {
    return counted(databases.filter((path) => basename(path) !== METADATA).length, "object");
  }
  const [path] = databases;
  if (!Object.hasOwn(COUNTED, kind) || path === undefined) return undefined;
  const [sql, noun] = COUNTED[kind] as readonly [string, string];
  try {
    return counted(
      reading(path, (database) => Number(database.prepare(sql).get()?.[0])),
      noun,
    );
  } catch (error) {
    return messageOf(error);
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function reading<T>(path: string, run: (database: SqliteDatabase) => T): T {
  const database = openDatabase(path, { mustExist: true });
  try {
    return run(database);
  } finally {
    database.close();
  }
}

function sqliteFilesIn(folder: string, withMetadata = false): string[] {
  return entriesIn(folder)
    .filter((entry) => entry.isFile() && entry.name.endsWith(".sqlite"))
    .filter(({ name }) => withMetadata || name !== METADATA)
    .map(({ name }) => join(folder, name))
    .sort();
}

function foldersIn(folder: string): string[] {
  return entriesIn(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Throws for one that may not be read, also where a folder above hides whether it is there. */
function entriesIn(folder: string) {
  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere ? readdirSync(folder, { withFileTypes: true }) : [];
}

/** Of a file, or of all files below a folder; what vanishes meanwhile counts nothing. */
function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.size;
  // Indexes of logs are no data, and there only while a database is open.
  const names = readdirSync(path).filter((name) => !name.endsWith("-shm"));
  return names.reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
