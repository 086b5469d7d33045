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

test.each<[string[], number, string]>([
  [["execute", "nope", "--command", "select 1"], 2, "'nope' in your wrangler.jsonc file."],
  [["execute", "nope", "--command", "select 1"], 2, "It has: dbn (DB), OTHER"],
  [["execute", "DB", "--remote", "--command", "select 1"], 2, "wrangler d1 execute ... --remote"],
  [["execute", "DB"], 2, "Missing required option --command or --file."],
  [["execute", "DB", "--file", "no.sql"], 1, 'Unable to read SQL text file "no.sql".'],
])("%j ends with %i", async (args, code, text) => {
  await using files = await project();
  const result = await d1(files, ...args);
  expect(result.stderr).toContain(text);
  expect(result.code).toBe(code);
});
