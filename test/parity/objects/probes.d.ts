import type { SqliteDatabase } from "../../../src/storage/sqlite/contract.ts";

/** Answers by `<where>/<probe>`. */
export function askAll(origin: string): Promise<Record<string, unknown>>;

/** Bytes of stored kinds in the state folder of a project, in hex. */
export function storedBytes(
  folder: string,
  openDatabase: (path: string) => SqliteDatabase,
): Record<string, string>;
