/** What a user's SQL may do and what errors say, with either engine (src/storage/sql). */
import { afterEach, beforeEach, expect, test } from "vitest";
import { sqlErrorText } from "../../src/storage/sql/error-text.ts";
import { assertAllowed, SQL_LIMITS, sqlGuard } from "../../src/storage/sql/guard.ts";
import { splitStatements } from "../../src/storage/sql/statements.ts";
import type { SqliteDatabase } from "../../src/storage/sqlite/contract.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import type { SqliteEngine } from "../../src/storage/sqlite/engines.ts";
import { SqliteError } from "../../src/storage/sqlite/errors.ts";

export function sqlGuardContract(engine: SqliteEngine): void {
  let database: SqliteDatabase;
  beforeEach(() => {
    database = openDatabase(":memory:", {}, engine);
    database.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE TABLE u (a); CREATE TABLE _cf_KV (key, value)",
    );
    database.limit(SQL_LIMITS);
    database.authorize(sqlGuard);
  });
  afterEach(() => database.close());

  /** "ok", or the text of the error. */
  const outcome = (sql: string): string => {
    const statements = splitStatements(sql);
    for (const statement of statements) {
      try {
        assertAllowed(statement);
        const compiled = database.prepare(statement.text);
        compiled.all(...Array(compiled.parameterCount).fill(null));
      } catch (error) {
        if (!(error instanceof SqliteError)) return (error as Error).message;
        return sqlErrorText(error, statement, (text) => database.prepare(text));
      }
    }
    return "ok";
  };

  test.each([
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT sum(x) OVER () FROM n",
    "INSERT INTO t VALUES (1, 2, 3) ON CONFLICT (id) DO UPDATE SET a = excluded.a RETURNING *",
    "CREATE TABLE s (a TEXT, b TEXT AS (upper(a))) STRICT; CREATE INDEX i ON s (b); DROP INDEX i; DROP TABLE s",
    "CREATE VIEW v AS SELECT * FROM t; DROP VIEW v",
    "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; END; DROP TRIGGER g",
    "ALTER TABLE u RENAME TO w; ALTER TABLE w ADD COLUMN z; ALTER TABLE w RENAME COLUMN z TO y; ALTER TABLE w DROP COLUMN y",
    "ANALYZE; REINDEX; EXPLAIN QUERY PLAN SELECT 1",
    "SELECT name FROM sqlite_master; SELECT * FROM pragma_table_list; SELECT * FROM pragma_table_info('t')",
    "CREATE VIRTUAL TABLE ft USING fts5(x, y); INSERT INTO ft VALUES ('some words', 'z'); SELECT highlight(ft, 0, '<', '>'), bm25(ft) FROM ft('words') ORDER BY rank; DROP TABLE ft",
    "CREATE VIRTUAL TABLE r USING rtree(id, a, b); INSERT INTO r VALUES (1, 2, 3); SELECT * FROM r WHERE a > 1",
    "PRAGMA data_version; PRAGMA page_size; PRAGMA foreign_keys; PRAGMA foreign_keys = ON; PRAGMA defer_foreign_keys = true",
    "PRAGMA table_info(t); PRAGMA index_list('t'); PRAGMA foreign_key_check; PRAGMA foreign_key_check(t); PRAGMA quick_check; PRAGMA optimize",
    "SELECT value FROM json_each('[1]'); SELECT '{\"a\":1}' ->> 'a', jsonb('[]'), sqrt(2), datetime('now')",
    'SELECT "no such column" AS text',
  ])("allows %s", (sql) => {
    expect(outcome(sql)).toBe("ok");
  });

  test.each([
    "ATTACH ':memory:' AS x",
    "DETACH main",
    "CREATE TEMP TABLE x (a)",
    "CREATE TABLE temp.x (a)",
    "CREATE TEMPORARY VIEW x AS SELECT 1",
    "CREATE TABLE _cf_x (a)",
    "CREATE INDEX _CF_i ON t (a)",
    "CREATE VIEW _cf_v AS SELECT 1",
    "CREATE TRIGGER _cf_g AFTER INSERT ON t BEGIN SELECT 1; END",
    "ALTER TABLE t RENAME TO _cf_t",
    'ALTER TABLE main.t RENAME TO "_cf_t"',
    "DROP TABLE _cf_KV",
    "INSERT INTO _cf_KV VALUES (1, 2)",
    "CREATE VIRTUAL TABLE x USING fts4(a)",
    "CREATE VIRTUAL TABLE x USING dbstat",
    "PRAGMA journal_mode",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA foreign_keys = maybe",
    "PRAGMA table_info(_cf_KV)",
    "PRAGMA page_size = 512",
    "PRAGMA user_version",
    "SELECT * FROM pragma_user_version",
  ])("refuses %s", (sql) => {
    expect(outcome(sql)).toBe("not authorized: SQLITE_AUTH");
  });

  test.each(["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT a", "RELEASE a"])(
    "says what to use instead of %s",
    (sql) => {
      expect(outcome(sql)).toMatch(/^To execute a transaction, please use the state\.storage\./);
    },
  );

  test.each([
    ["SELECT key FROM _cf_KV", "access to _cf_KV.key is prohibited: SQLITE_AUTH"],
    [
      "SELECT sqlite_version()",
      "not authorized to use function: sqlite_version at offset 7: SQLITE_ERROR",
    ],
    ["SELECT log10(1)", "not authorized to use function: log10 at offset 7: SQLITE_ERROR"],
    ["SELECT soundex('x')", "no such function: soundex at offset 7: SQLITE_ERROR"],
    ["SELECT load_extension('x')", "not authorized: SQLITE_ERROR"],
    ["SELECT * FROM dbstat", "no such table: dbstat: SQLITE_ERROR"],
    ["UPDATE sqlite_master SET sql = 1", "table sqlite_master may not be modified: SQLITE_ERROR"],
    ["selec 1", 'near "selec": syntax error at offset 0: SQLITE_ERROR'],
    ["SELECT 1 FROM t WHERE FROM t", 'near "FROM": syntax error at offset 22: SQLITE_ERROR'],
    ["SELECT 'é', nope", "no such column: nope at offset 13: SQLITE_ERROR"],
    ["SELECT t.nope FROM t", "no such column: t.nope at offset 7: SQLITE_ERROR"],
    ["SELECT a FROM t, u", "ambiguous column name: a at offset 7: SQLITE_ERROR"],
    ["SELECT 'abc", `unrecognized token: "'abc" at offset 7: SQLITE_ERROR`],
    ["CREATE TABLE t (x)", "table t already exists at offset 13: SQLITE_ERROR"],
    ["SELECT", "incomplete input: SQLITE_ERROR"],
    ["SELECT * FROM nope", "no such table: nope: SQLITE_ERROR"],
    [`SELECT ${Array(101).fill("?").join()}`, "too many SQL variables at offset 207: SQLITE_ERROR"],
    [`SELECT '${"x".repeat(100_000)}'`, "statement too long: SQLITE_TOOBIG"],
    [
      "INSERT INTO t VALUES (1, 1, 1); INSERT INTO t VALUES (1, 1, 1)",
      "UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
    ],
    [
      "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6",
      "too many terms in compound SELECT: SQLITE_ERROR",
    ],
  ])("says what production says of %s", (sql, text) => {
    expect(outcome(sql)).toBe(text);
  });
}
