import { afterAll, beforeAll, expect, test } from "vitest";
import { D1Store } from "../../../src/resources/d1/database.ts";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";

/* Which statements get a process of their own, because they may run without end (or as long). */

let project: TempProject;
let store: D1Store;

beforeAll(async () => {
  project = await tempProject({});
  store = new D1Store(project.dir, "d");
  const schema = [
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT)",
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, tag TEXT)",
    "CREATE INDEX posts_user ON posts (user_id)",
    "CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER)",
    "CREATE TABLE log (a)",
    "CREATE TRIGGER simple AFTER INSERT ON users BEGIN INSERT INTO log VALUES (new.id); END",
    "CREATE TRIGGER reads AFTER UPDATE ON posts BEGIN UPDATE users SET name = (SELECT count(*) FROM posts) WHERE id = 1; END",
    "CREATE VIEW counted AS SELECT u.id, count(p.id) AS n FROM users u LEFT JOIN posts p ON p.user_id = u.id GROUP BY u.id",
    "CREATE VIEW product AS SELECT a.id FROM users a, users b",
  ];
  store.query(
    schema.map((sql) => ({ sql, params: [] })),
    false,
  );
});

afterAll(async () => {
  store.close();
  await project[Symbol.asyncDispose]();
});

const mayTakeLong = (sql: string): boolean => store.mayTakeLong([{ sql, params: [] }]);

test.each([
  "SELECT * FROM users WHERE id = ?",
  "SELECT * FROM users ORDER BY name LIMIT 10",
  "SELECT * FROM posts p LEFT JOIN users u ON u.id = p.user_id LEFT JOIN comments c ON c.post_id = p.id",
  "SELECT id, (SELECT count(*) FROM posts WHERE user_id = u.id) FROM users u",
  "SELECT * FROM users WHERE id IN (SELECT user_id FROM posts)",
  "SELECT id FROM users UNION ALL SELECT id FROM posts",
  "WITH x AS (SELECT user_id, count(*) AS n FROM posts GROUP BY 1) SELECT * FROM users u JOIN x ON x.user_id = u.id",
  "SELECT * FROM counted",
  "SELECT * FROM json_each(?) a, json_each(?) b",
  "INSERT INTO users (email) VALUES (?)",
  "PRAGMA foreign_keys",
  "EXPLAIN QUERY PLAN SELECT * FROM users a, users b",
  "-- nothing",
  "SELECT * FROM nowhere",
  "SELEC 1",
])("%s ends by itself", (sql) => {
  expect(mayTakeLong(sql)).toBe(false);
});

test.each([
  "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT * FROM c",
  "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) INSERT INTO log SELECT x FROM c",
  "CREATE TABLE made AS WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
  "SELECT 1; WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT * FROM c",
  "SELECT * FROM users a, users b",
  "SELECT * FROM product",
  "SELECT id, (SELECT count(*) FROM comments WHERE post_id = p.id) FROM posts p",
  "UPDATE posts SET tag = 'x'",
  // Its table may be made by the statement before.
  "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) INSERT INTO nowhere SELECT x FROM c",
])("%s may take long", (sql) => {
  expect(mayTakeLong(sql)).toBe(true);
});

test("asking changes nothing, not even what a pragma would", () => {
  expect(mayTakeLong("PRAGMA foreign_keys = OFF")).toBe(false);
  const { results } = store.query([{ sql: "PRAGMA foreign_keys", params: [] }], false);
  expect(results[0]?.rows).toEqual([[1]]);
});
