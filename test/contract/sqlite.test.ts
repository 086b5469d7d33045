import { describe, expect, test } from "vitest";
import {
  loadNodeEngine,
  loadPackageEngine,
  type SqliteEngine,
  sqliteEngine,
} from "../../src/storage/sqlite/engines.ts";
import { sqlGuardContract } from "./sql-guard.ts";
import { sqliteContract } from "./sqlite.ts";

const engines: SqliteEngine[] = [loadNodeEngine(), loadPackageEngine()].filter(
  (engine) => engine !== undefined,
);

describe.each(engines)("SQLite engine $name", (engine) => {
  sqliteContract(engine);
  describe("a user's SQL", () => sqlGuardContract(engine));
});

test("Node's own engine is taken where it can do everything", () => {
  expect(sqliteEngine().name).toBe(engines[0]?.name);
  const major = Number(process.versions.node.split(".")[0]);
  expect(engines.length, "both engines are tested from Node 24 on").toBe(major >= 24 ? 2 : 1);
});
