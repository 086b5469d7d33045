import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/*
 * `drover d1`: texts as wrangler 4.164 prints them with `--local` (spec/resources.md 7), and data
 * that a running session sees.
 */
const TABLE = "create table t (a integer primary key, b text);\n";

async function project(migrations: Record<string, string> = {}) {
  const files = Object.entries(migrations).map(([name, text]) => [`migrations/${name}`, text]);
  return await tempProject({
    "wrangler.jsonc": JSON.stringify({
      name: "a",
      main: "index.js",
      compatibility_date: "2026-06-01",
      d1_databases: [
        { binding: "DB", database_name: "dbn", database_id: "dbid" },
        { binding: "OTHER", database_id: "other" },
      ],
    }),
    "index.js": `export default { async fetch(request, env) {
      const { results } = await env.DB.prepare(await request.text()).run();
      return Response.json(results);
    } }`,
    ...(Object.fromEntries(files) as Record<string, string>),
  });
}

const d1 = ({ dir }: TempProject, ...args: string[]) => runDrover(["d1", ...args], { cwd: dir });

test("migrations are applied once, seen by a running session, and stop at the first that fails", async () => {
  await using files = await project({
    "0001_t.sql": TABLE,
    "2_b.sql": "insert into t (b) values ('x');\ninsert into t values (1);\n",
    "10_c.sql": "insert into t (b) values ('c');\n",
    "readme.md": "none",
  });
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  const ask = async (sql: string) =>
    await (await dev.fetch("/", { method: "POST", body: sql })).json();
  expect(await ask("select 1 as one")).toEqual([{ one: 1 }]);

  const listed = await d1(files, "migrations", "list", "dbn");
  expect(listed.code).toBe(0);
  expect(listed.stdout).toBe(`Migrations to be applied:
┌────────────┐
│ Name       │
├────────────┤
│ 0001_t.sql │
├────────────┤
│ 2_b.sql    │
├────────────┤
│ 10_c.sql   │
└────────────┘
`);

  const failed = await d1(files, "migrations", "apply", "DB", "--local");
  expect(failed.code).toBe(1);
  expect(
    failed.stdout,
  ).toContain(`🌀 Executing on local database DB (dbid) from .wrangler/state/v3/d1:
🌀 To execute on your remote database, add a --remote flag to your wrangler command.
🚣 2 commands executed successfully.
┌────────────┬────────┐
│ name       │ status │
├────────────┼────────┤
│ 0001_t.sql │ ✅     │
├────────────┼────────┤
│ 2_b.sql    │ 🕒️    │`);
  expect(failed.stderr).toContain("table t has 2 columns but 1 values were supplied: SQLITE_ERROR");
  expect(failed.stderr).toContain("Migration 2_b.sql was not applied");
  expect(failed.stderr).toContain("insert into t values (1);");
  expect(await ask("select * from t")).toEqual([]);
  expect(await ask("select id, name from d1_migrations")).toEqual([{ id: 1, name: "0001_t.sql" }]);

  await files.write("migrations/2_b.sql", "insert into t (b) values ('x');\n");
  expect((await d1(files, "migrations", "apply", "DB")).code).toBe(0);
  const again = await d1(files, "migrations", "apply", "DB");
  expect([again.code, again.stdout]).toEqual([0, "✅ No migrations to apply!\n"]);
  expect(await ask("select b from t order by a")).toEqual([{ b: "x" }, { b: "c" }]);
  expect(await ask("select name from d1_migrations order by id")).toEqual([
    { name: "0001_t.sql" },
    { name: "2_b.sql" },
    { name: "10_c.sql" },
  ]);
});

test("create numbers the next migration and makes the folder", async () => {
  await using files = await project();
  const none = await d1(files, "migrations", "list", "DB");
  expect(none.code).toBe(1);
  expect(none.stderr).toContain(`No migrations present at ${files.path("migrations")}.`);
  const created = await d1(files, "migrations", "create", "DB", "first one");
  expect(created.code).toBe(0);
  expect(created.stdout).toContain("✅ Successfully created Migration '0001_first_one.sql'!");
  const text = readFileSync(files.path("migrations/0001_first_one.sql"), "utf8");
  expect(text).toMatch(/^-- Migration number: 0001 \t \d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
  await d1(files, "migrations", "create", "DB", "next");
  expect(readFileSync(files.path("migrations/0002_next.sql"), "utf8")).toContain("0002");
  const wrong = await d1(files, "migrations", "create", "DB", "a/b");
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('The migration name "a/b" contains a path separator'),
  ]);
});

test("execute runs a text as one batch and prints its results", async () => {
  await using files = await project();
  await files.write(
    "seed.sql",
    `BEGIN TRANSACTION;\n${TABLE}insert into t values (1, 'x;y');\nCOMMIT;\n`,
  );
  const seeded = await d1(files, "execute", "DB", "--file", "seed.sql", "--json");
  expect(seeded.code).toBe(0);
  expect(JSON.parse(seeded.stdout)).toHaveLength(2);

  const read = await d1(
    files,
    "execute",
    "dbn",
    "--command",
    "select * from t; select x'0102' as b",
  );
  const [head, json] = read.stdout.split(/(?<=successfully\.)\n/);
  expect(head).toBe(`🌀 Executing on local database dbn (dbid) from .wrangler/state/v3/d1:
🌀 To execute on your remote database, add a --remote flag to your wrangler command.
🚣 2 commands executed successfully.`);
  expect(JSON.parse(json ?? "")).toEqual([
    { results: [{ a: 1, b: "x;y" }], success: true, meta: { duration: 0 } },
    { results: [{ b: "[1, 2]" }], success: true, meta: { duration: 0 } },
  ]);

  const half = "insert into t values (2, 'z'); selec";
  const failed = await d1(files, "execute", "DB", "--json", "--command", half);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toBe("");
  expect(JSON.parse(failed.stdout).error.text).toBe(
    'near "selec": syntax error at offset 0: SQLITE_ERROR',
  );
  const elsewhere = await d1(
    files,
    "execute",
    "DB",
    "--persist-to",
    "o",
    "--command",
    "select * from t",
  );
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    1,
    expect.stringContaining("no such table: t"),
  ]);

  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  const rows = await dev.fetch("/", { method: "POST", body: "select * from t" });
  expect(await rows.json()).toEqual([{ a: 1, b: "x;y" }]);
});

/* What `wrangler d1 export --local` 4.164 wrote of the same statements. */
const SCHEMA = `create table t (a integer primary key, b text, c real, d blob, "e f" any);
CREATE TABLE IF NOT EXISTS "q""t" (x);
create table auto (id integer primary key autoincrement, v);
create view vw as select a from t;
create index i1 on t (b);
create table gen (a, b generated always as (a*2) stored, c as (a+1));
create trigger tr after insert on t begin update t set c = 1 where a = 0; end;
insert into t values (1,'x',1.5,x'0102',null),(2,'line
two','9e999',x'',-1),(3,'it''s é','-1e999',zeroblob(3),1e300),(5,'',3,1e20,123456789.123456789);
insert into "q""t" values ('1'),(2),(3.0);
insert into auto (v) values ('p'),('q'); delete from auto where id = 2;
insert into gen (a) values (1);`;
const EXPORTED = String.raw`PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE t (a integer primary key, b text, c real, d blob, "e f" any);
INSERT INTO "t" ("a","b","c","d","e f") VALUES(1,'x',1.5,X'0102',NULL);
INSERT INTO "t" ("a","b","c","d","e f") VALUES(2,replace('line\ntwo','\n',char(10)),9e999,X'',-1);
INSERT INTO "t" ("a","b","c","d","e f") VALUES(3,'it''s é',-9e999,X'000000',1e+300);
INSERT INTO "t" ("a","b","c","d","e f") VALUES(5,'',3,100000000000000000000,123456789.12345679);
CREATE TABLE IF NOT EXISTS "q""t" (x);
INSERT INTO "q""t" ("x") VALUES('1');
INSERT INTO "q""t" ("x") VALUES(2);
INSERT INTO "q""t" ("x") VALUES(3);
CREATE TABLE auto (id integer primary key autoincrement, v);
INSERT INTO "auto" ("id","v") VALUES(1,'p');
CREATE TABLE gen (a, b generated always as (a*2) stored, c as (a+1));
INSERT INTO "gen" ("a") VALUES(1);
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" ("name","seq") VALUES('auto',2);
CREATE INDEX i1 on t (b);
CREATE TRIGGER tr after insert on t begin update t set c = 1 where a = 0; end;
CREATE VIEW vw as select a from t;`;

test("export writes what wrangler's writes, and makes the same database again", async () => {
  await using files = await project();
  await files.write("schema.sql", SCHEMA);
  expect((await d1(files, "execute", "DB", "--file", "schema.sql")).code).toBe(0);
  const exported = await d1(files, "export", "dbn", "--output", "out.sql");
  expect([exported.code, exported.stdout]).toEqual([
    0,
    `🌀 Exporting local database dbn (dbid) from .wrangler/state/v3/d1:
🌀 To export your remote database, add a --remote flag to your wrangler command.
🌀 Exporting SQL to out.sql...
Done!
`,
  ]);
  const read = (name: string) => readFileSync(files.path(name), "utf8");
  expect(read("out.sql")).toBe(EXPORTED);
  const lines = EXPORTED.split("\n");
  await d1(files, "export", "DB", "--output", "rows.sql", "--no-schema");
  expect(read("rows.sql").split("\n")).toEqual(
    lines.filter((line) => /^(?:PRAGMA|INSERT)/.test(line)),
  );
  await d1(files, "export", "DB", "--output", "schema-only.sql", "--no-data");
  expect(read("schema-only.sql").split("\n")).toEqual(
    lines.filter((line) => !line.startsWith("INSERT")),
  );
  await d1(files, "export", "DB", "--output", "some.sql", "--table", "auto", "--table", "gen");
  expect(read("some.sql").split("\n")).toEqual([lines[0], ...lines.slice(10, 14)]);

  expect((await d1(files, "execute", "OTHER", "--file", "out.sql")).code).toBe(0);
  await d1(files, "export", "OTHER", "--output", "again.sql");
  expect(read("again.sql")).toBe(EXPORTED);
});

test("export refuses virtual tables and leaves the file that was there", async () => {
  await using files = await project();
  await files.write("out.sql", "before");
  await d1(files, "execute", "DB", "--command", "create virtual table ft using fts5(x)");
  const refused = await d1(files, "export", "DB", "--output", "out.sql");
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining("D1 Export error: cannot export databases with Virtual Tables (fts5)"),
  ]);
  expect(readFileSync(files.path("out.sql"), "utf8")).toBe("before");
});

test("export keeps what wrangler's export damages", async () => {
  await using files = await project();
  const text = String.raw`a NUL, a written \n and a line`;
  const value = `char(0) || '${text}' || char(10) || char(13)`;
  const sql = `create table t (i integer, s text, m text); insert into t values (9007199254740993, ${value}, '\\n' || char(10))`;
  await d1(files, "execute", "DB", "--command", sql);
  await d1(files, "export", "DB", "--output", "out.sql");
  expect((await d1(files, "execute", "OTHER", "--file", "out.sql")).code).toBe(0);
  const ask = ["--json", "--command", "select quote(i) i, hex(s) s, hex(m) m from t"];
  const [before, after] = await Promise.all(
    ["DB", "OTHER"].map((name) => d1(files, "execute", name, ...ask)),
  );
  expect(after?.stdout).toBe(before?.stdout);
  expect(after?.stdout).toContain("9007199254740993");
});

test.each<[string[], number, string]>([
  [["execute", "nope", "--command", "select 1"], 2, "'nope' in your wrangler.jsonc file."],
  [["execute", "nope", "--command", "select 1"], 2, "It has: dbn (DB), OTHER"],
  [["execute", "DB", "--remote", "--command", "select 1"], 2, "wrangler d1 execute ... --remote"],
  [["execute", "DB"], 2, "Missing required option --command or --file."],
  [["execute", "DB", "--file", "no.sql"], 1, 'Unable to read SQL text file "no.sql".'],
  [["export", "nope", "--output", "x.sql"], 2, "'nope' in your wrangler.jsonc file."],
  [["export", "DB"], 2, "Missing required argument: output"],
  [["export", "DB", "--output", "."], 2, "Please specify a file path for --output"],
  [["export", "DB", "--output", "no/x.sql"], 1, "ENOENT"],
  [["export", "DB", "--output", "x.sql", "--no-data", "--no-schema"], 2, "Cannot use --no-schema"],
  [["export", "DB", "--output", "x.sql", "--remote"], 2, "wrangler d1 export ... --remote"],
])("%j ends with %i", async (args, code, text) => {
  await using files = await project();
  const result = await d1(files, ...args);
  expect(result.stderr).toContain(text);
  expect(result.code).toBe(code);
});
