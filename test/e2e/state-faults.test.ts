import { join } from "node:path";
import { expect, test } from "vitest";
import { storePaths } from "../../src/storage/state-folder.ts";
import { runDev } from "../helpers/run-dev.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { STORES } from "./workers.ts";

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  ...STORES,
};

/** GET /put?n=...: a value of that size into each store. GET /get: the sizes, D1's as a number of rows. */
const WORKER = `
const outcome = (promise) => promise.then((value) => value ?? null, (error) => error.message);
export default { async fetch(request, env) {
  const { pathname, searchParams } = new URL(request.url);
  const { KV, R2, DB } = env;
  if (pathname === "/table") await DB.exec("CREATE TABLE t (a TEXT)");
  const value = "x".repeat(Number(searchParams.get("n")));
  return Response.json(await Promise.all(pathname === "/put"
    ? [KV.put("k", value), R2.put("k", value).then(() => null), DB.prepare("INSERT INTO t VALUES (?)").bind(value).run().then(() => null)].map(outcome)
    : [KV.get("k").then((it) => it?.length), R2.get("k").then((it) => it?.size), DB.prepare("SELECT count(*) AS n FROM t").first("n")].map(outcome)));
} }`;

test("a full disk fails each call alone with its path; what is there is read, and more when there is room", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(CONFIG),
    "index.js": WORKER,
  });
  const disk = await smallDisk(join(project.dir, "state"), 1024);
  try {
    await using dev = await runDev("wrangler.json", {
      cwd: project.dir,
      args: ["--persist-to", "state"],
    });
    const ask = async (path: string) => (await dev.fetch(path)).json();
    expect(await ask("/table")).toEqual([null, null, 0]);
    expect(await ask("/put?n=1000")).toEqual([null, null, null]);
    disk.fill();
    const [kv, r2, d1] = (await ask("/put?n=200000")) as string[];
    expect(kv).toMatch(/^KV PUT failed: 500 Internal Server Error: (?:ENOSPC|.*SQLITE_FULL)/);
    expect(kv).toContain(join(disk.dir, "v3/kv/"));
    expect(r2).toMatch(/^put: .*(?:ENOSPC|SQLITE_FULL)/);
    expect(r2).toContain(join(disk.dir, "v3/r2/"));
    const file = storePaths(join(disk.dir, "v3"), "d1", "d").database;
    expect(d1).toBe(`D1_ERROR: database or disk is full: SQLITE_FULL (${file})`);
    expect(await ask("/get")).toEqual([1000, 1000, 1]);
    disk.free();
    expect(await ask("/put?n=2000")).toEqual([null, null, null]);
    expect(await ask("/get")).toEqual([2000, 2000, 2]);
  } finally {
    await disk[Symbol.asyncDispose]();
  }
});
