import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { stateRoot, storePaths } from "../../src/storage/state-folder.ts";
import { allGone, descendants } from "../helpers/process-tree.ts";
import { bin, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/* Statements that never end, and those that might not: one database waits for them, nothing else. */

const CONFIG = JSON.stringify({
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  kv_namespaces: [{ binding: "KV", id: "k" }],
  d1_databases: [
    { binding: "DB", database_name: "first", database_id: "first" },
    { binding: "OTHER", database_id: "other" },
  ],
});

const ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
const TIMED_OUT =
  "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.";

/** Runs `code` with `run(sql, ...)`: results of statements that were begun together, or their errors. */
const worker = (code: string): string => `
const settled = (promise) => promise.then(({ results, meta }) => ({ results, changes: meta.changes, last: meta.last_row_id }), (error) => error.message);
export default { async fetch(request, env) {
  const run = (...list) => Promise.all(list.map((sql) => settled(env.DB.prepare(sql).all())));
  ${code}
} }`;

test("an endless statement fails with whatever waits behind it, and leaves nothing", async () => {
  await using project = await tempProject({
    "wrangler.json": CONFIG,
    "index.js": worker(`
      await run("CREATE TABLE IF NOT EXISTS t (n INTEGER)", "INSERT INTO t VALUES (1)");
      const read = await run("${ENDLESS} SELECT count(*) FROM c", "SELECT 'waits'");
      const write = await run("INSERT INTO t ${ENDLESS} SELECT x FROM c");
      const product = await run("CREATE TABLE many (n INTEGER)", "INSERT INTO many ${ENDLESS} SELECT x FROM c LIMIT 3000",
        "SELECT count(*) FROM many a, many b, many c, many d");
      const after = await run("INSERT INTO t VALUES (2)", "SELECT n FROM t", "SELECT count(*) AS n FROM many");
      return Response.json([read, write, product[2], after.map((it) => it.results)]);`),
  });
  await using dev = await runDev("wrangler.json", {
    cwd: project.dir,
    env: { DROVER_D1_LIMIT_MS: "1500" },
  });
  expect(await (await dev.fetch("/")).json()).toEqual([
    [TIMED_OUT, TIMED_OUT],
    [TIMED_OUT],
    TIMED_OUT,
    [[], [{ n: 1 }, { n: 2 }], [{ n: 3000 }]],
  ]);
});

test("a recursive statement that ends gives what any other one gives", async () => {
  await using project = await tempProject({
    "wrangler.json": CONFIG,
    "index.js": worker(`
      return Response.json(await run("CREATE TABLE t (n INTEGER, b BLOB)", "INSERT INTO t VALUES (7, x'0102')",
        "INSERT INTO t (n) ${ENDLESS} SELECT x FROM c LIMIT 3", "SELECT max(rowid) AS last FROM t",
        "WITH c(x) AS (SELECT n FROM t WHERE n = 7 UNION ALL SELECT x + 1 FROM c WHERE x < 9) SELECT x, b FROM c, t WHERE t.n = 7",
        "WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT * FROM nowhere", "SELECT 1 AS one"));`),
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const b = [1, 2];
  expect(await (await dev.fetch("/")).json()).toEqual([
    { results: [], changes: 0, last: 0 },
    { results: [], changes: 1, last: 1 },
    { results: [], changes: 3, last: 4 },
    { results: [{ last: 4 }], changes: 0, last: 4 },
    { results: [7, 8, 9].map((x) => ({ x, b })), changes: 0, last: 4 },
    "D1_ERROR: no such table: nowhere: SQLITE_ERROR",
    { results: [{ one: 1 }], changes: 0, last: 4 },
  ]);
});

test("other databases and stores do not wait, and the session ends with all its processes", async () => {
  await using project = await tempProject({
    "wrangler.json": CONFIG,
    "index.js": worker(`
      if (new URL(request.url).pathname === "/endless") return Response.json(await run("${ENDLESS} SELECT count(*) FROM c"));
      await env.KV.put("key", "value");
      return Response.json([await env.KV.get("key"), await env.OTHER.prepare("SELECT 1").first("1")]);`),
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const endless = dev.fetch("/endless").then(
    async (response) => response.text(),
    () => "broken off",
  );
  const ofStatement = () =>
    descendants(dev.child.pid as number).filter(({ command }) =>
      command.includes("statement-process"),
    );
  await expect.poll(() => ofStatement().length).toBe(1);
  expect(await (await dev.fetch("/")).json()).toEqual(["value", 1]);
  const processes = ofStatement().map(({ pid }) => pid);
  expect(processes).toHaveLength(1);
  expect(await dev.stop()).toEqual({ code: 0, signal: null });
  await allGone(processes);
  expect(await endless).not.toContain("count");
});

test("the process goes with a host that is killed", async () => {
  await using project = await tempProject({
    "wrangler.json": CONFIG,
    "index.js": worker(`return Response.json(await run("${ENDLESS} SELECT count(*) FROM c"));`),
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  void dev.fetch("/").catch(() => {});
  const find = (name: string) =>
    descendants(dev.child.pid as number).find(({ command }) => command.includes(name))?.pid;
  await expect.poll(() => find("statement-process")).toBeDefined();
  const pid = find("statement-process") as number;
  process.kill(find("programs/host.cjs") as number, "SIGKILL");
  await allGone([pid]);
});

test("Ctrl-C ends drover d1 execute in the middle of a statement", async () => {
  await using project = await tempProject({ "wrangler.json": CONFIG, "index.js": "" });
  const args = [bin, "d1", "execute", "first", "--local", "--command"];
  const child = spawn(process.execPath, [...args, `${ENDLESS} SELECT count(*) FROM c`], {
    cwd: project.dir,
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    const root = stateRoot({ configFolder: project.dir, cwd: project.dir, persistTo: undefined });
    // The first statement makes the file.
    await expect.poll(() => existsSync(storePaths(root, "d1", "first").database)).toBe(true);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
  } finally {
    child.kill("SIGKILL");
  }
});
