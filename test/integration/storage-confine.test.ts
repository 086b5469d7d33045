import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { confineDatabases, openDatabase } from "../../src/storage/sqlite/database.ts";

const folder = mkdtempSync(join(tmpdir(), "drover-confined-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a confined thread opens files below its folder only, and attaches nothing", () => {
  const mine = join(folder, "state");
  const other = join(folder, "other/a.sqlite");
  openDatabase(other).close();
  confineDatabases(mine);
  confineDatabases(folder);

  const database = openDatabase(join(mine, "do/a.sqlite"));
  database.exec("CREATE TABLE t(a)");
  const outside = [
    other,
    join(mine, "../other/a.sqlite"),
    relative(process.cwd(), other),
    `file://${other}`,
    `${mine}-more/a.sqlite`,
    mine,
    ":memory:",
  ];
  for (const path of outside) {
    expect(() => openDatabase(path), path).toThrow("unable to open database file");
  }
  expect(existsSync(`${mine}-more`)).toBe(false);

  database.limit({ attach: 0 });
  database.limit({ attach: 10 });
  const statements = [`ATTACH '${other}' AS other`, `VACUUM INTO '${join(folder, "copy.sqlite")}'`];
  for (const sql of statements) {
    expect(() => database.exec(sql), sql).toThrow("too many attached databases - max 0");
  }
  database.close();
});
