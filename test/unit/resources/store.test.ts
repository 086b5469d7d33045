import { readdirSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { Store } from "../../../src/resources/store.ts";
import { openDatabase } from "../../../src/storage/sqlite/database.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/** What somebody else finds who opens the file now. */
function rowsIn(path: string): unknown[] {
  const database = openDatabase(path, { mustExist: true });
  const rows = database.prepare("SELECT a FROM t ORDER BY a").all();
  database.close();
  return rows.flat();
}

test.each([
  { what: "nothing", gone: [], left: ["before", "later"] },
  { what: "the log", gone: ["-wal"], left: ["before", "later"] },
  { what: "the log and its index", gone: ["-wal", "-shm"], left: ["before", "later"] },
  { what: "everything", gone: ["", "-wal", "-shm"], left: ["later"] },
])(
  "what is written after $what was deleted is in the file at that path",
  async ({ gone, left }) => {
    await using project = await tempProject();
    const path = project.path("a/b.sqlite");
    const store = new Store({
      database: path,
      setUp: (database) => database.exec("CREATE TABLE IF NOT EXISTS t (a TEXT)"),
    });
    const insert = (value: string) => store.statement("INSERT INTO t VALUES (?)").run(value);
    insert("before");
    expect(readdirSync(project.path("a"))).toContain("b.sqlite-wal");
    for (const end of gone) rmSync(path + end);
    insert("later");
    expect(rowsIn(path)).toEqual(left);
    expect(store.query("SELECT a FROM t ORDER BY a").all().flat()).toEqual(left);
    store.transaction(() => insert("last"));
    await store.end();
    expect(rowsIn(path)).toEqual([...left, "last"].sort());
  },
);

test("a log that is deleted before anything was read is noticed", async () => {
  await using project = await tempProject();
  const path = project.path("b.sqlite");
  const store = new Store({ database: path, setUp: () => {} });
  expect(() => store.query("SELECT a FROM t")).toThrow("no such table");
  rmSync(`${path}-wal`);
  store.database.exec("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept')");
  expect(rowsIn(path)).toEqual(["kept"]);
  await store.end();
});
