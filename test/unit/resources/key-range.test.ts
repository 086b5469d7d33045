import { expect, test } from "vitest";
import { KEYS_OF_FIRST_PAGE, KEYS_OF_PAGE } from "../../../src/resources/key-range.ts";
import { KvNamespaceStore } from "../../../src/resources/kv/kv-namespace.ts";
import { ENTRIES_SCHEMA } from "../../../src/storage/schemas.ts";
import { openDatabase } from "../../../src/storage/sqlite/database.ts";
import { tempProject } from "../../helpers/temp-project.ts";

const LAST = "\u{10ffff}";
const KEYS = [
  "o",
  "p",
  "p%",
  "pa",
  "p\u00e9",
  "p\ud7ff",
  "p\ufffd",
  `p${LAST}`,
  `p${LAST}${LAST}`,
  "q",
];
const OF_P = KEYS.filter((key) => key.startsWith("p"));

test.each([1, 2, 3, 100])("lists every key with a prefix once, in pages of %i", async (limit) => {
  await using project = await tempProject();
  const store = new KvNamespaceStore(project.dir, "n");
  for (const key of KEYS) await store.put(key, "", { expiration: null, metadata: null });
  const found: string[] = [];
  for (let after = "", isLast = false; !isLast; ) {
    const page = store.list({ prefix: "p", limit, after });
    found.push(...page.keys.map(({ name }) => name));
    after = found.at(-1) ?? "";
    isLast = page.isLast;
  }
  expect(found).toEqual(OF_P);
  // A cursor may lie before the prefix, or behind it.
  const from = (after: string) => store.list({ prefix: "p", limit: 100, after }).keys.length;
  expect([from("a"), from("o"), from("p"), from("q")]).toEqual([9 - 1, 9 - 1, 9 - 2, 0]);
  await store.close();
});

test.each([KEYS_OF_PAGE, KEYS_OF_FIRST_PAGE])("reads no row beside the range: %s", (keys) => {
  const database = openDatabase(":memory:");
  database.exec(ENTRIES_SCHEMA);
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN SELECT key FROM _mf_entries WHERE ${keys} ORDER BY key`)
    .all("p", "");
  expect(plan.map((row) => row[3])).toEqual([
    expect.stringMatching(/^SEARCH _mf_entries USING .*\(key>\? AND key<\?\)$/),
  ]);
  database.close();
});
