import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { queueStore, storePaths } from "../../src/storage/state-folder.ts";
import { allGone, hostOf } from "../helpers/process-tree.ts";
import { runDev } from "../helpers/run-dev.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { STORES, stepsQueue } from "./workers.ts";

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

const ALL = { ...CONFIG, ...stepsQueue(1) };

/** GET /put: a value into each store. GET /get: what is in it; the queue's as its backlog. */
const ALL_WORKER = `
const outcome = (promise) => promise.then((value) => value ?? null, (error) => error.message);
const KEY = "https://cache.example/k";
export default {
  async fetch(request, { KV, R2, DB, Q }) {
    const cached = () => new Response("v", { headers: { "cache-control": "max-age=60" } });
    return Response.json(await Promise.all((new URL(request.url).pathname === "/put"
      ? [KV.put("k", "v"), R2.put("k", "v").then(() => null), DB.exec("CREATE TABLE IF NOT EXISTS t (a)").then(() => null),
         caches.default.put(KEY, cached()), Q.send("m").then(() => null)]
      : [KV.get("k"), R2.get("k").then((it) => it?.text()), DB.prepare("SELECT count(*) AS n FROM t").first("n"),
         caches.default.match(KEY).then((it) => it?.text()), Q.metrics().then((it) => it.backlogCount)]).map(outcome)));
  },
  async queue() {},
};`;

/** Their files, in the order of the answers. */
const filesOf = (root: string): string[] => [
  storePaths(root, "kv", "k").database,
  storePaths(root, "r2", "bucket").database,
  storePaths(root, "d1", "d").database,
  storePaths(root, "cache", "default").database,
  queueStore(root).database,
];
const STORED = [null, null, null, null, null];

test("on a disk that nobody may write to each call fails with its path; the session goes on", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(ALL),
    "index.js": ALL_WORKER,
  });
  const disk = await smallDisk(join(project.dir, "state"), 2048);
  try {
    const start = () =>
      runDev("wrangler.json", { cwd: project.dir, args: ["--persist-to", "state"] });
    {
      await using dev = await start();
      expect(await (await dev.fetch("/put")).json()).toEqual(STORED);
    }
    await disk.lock();
    await using dev = await start();
    const folders = ["kv", "r2", "d1", "cache", "queues"].map((kind) => join(disk.dir, "v3", kind));
    for (const path of ["/put", "/get", "/put"]) {
      const texts = await (await dev.fetch(path)).json();
      expect(texts).toEqual(folders.map((folder) => expect.stringContaining(`${folder}/`)));
    }
    expect(dev.output).not.toMatch(/storage ended|process died/);
  } finally {
    await disk[Symbol.asyncDispose]();
  }
});

test("a folder of data that nobody may write to is said at the start, with what to do", async () => {
  const files = { "wrangler.json": JSON.stringify(CONFIG), "index.js": WORKER };
  await using project = await tempProject(files);
  await using disk = await smallDisk(join(project.dir, "disk"), 256);
  await disk.lock();
  const start = (folder: string) =>
    runDev("wrangler.json", { cwd: project.dir, args: ["--persist-to", folder] });
  {
    await using dev = await start("disk/state");
    expect(dev.output).toContain(
      "[WARNING] Local data cannot be stored in disk/state/v3: no right to write to disk (EROFS).\n\n" +
        "  Change its owner or its mode, or name another folder with --persist-to.\n",
    );
  }
  await using other = await start("state");
  expect(other.output).not.toContain("Local data cannot be stored");
});

test("a corrupt file fails the calls to its store with its path; the store is new once it is gone", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(ALL),
    "index.js": ALL_WORKER,
  });
  const files = filesOf(join(project.dir, ".wrangler/state/v3"));
  for (const file of files) {
    await project.write(relative(project.dir, file), "no database at all, but long enough");
  }
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const wrong = files.map((file) =>
    expect.stringContaining(`file is not a database: SQLITE_NOTADB (${file})`),
  );
  expect(await (await dev.fetch("/put")).json()).toEqual(wrong);
  expect(await (await dev.fetch("/get")).json()).toEqual(wrong);
  for (const file of files) rmSync(file);
  expect(await (await dev.fetch("/put")).json()).toEqual(STORED);
  expect(await (await dev.fetch("/get")).json()).toEqual(["v", "v", 0, "v", expect.any(Number)]);
  expect(dev.output).not.toMatch(/storage ended|process died/);
});

test("a log that is deleted while its database is open takes nothing along, also of a session that is killed", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(ALL),
    "index.js": ALL_WORKER,
  });
  {
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(await (await dev.fetch("/get")).json()).toEqual([
      null,
      null,
      expect.any(String),
      null,
      0,
    ]);
    for (const file of filesOf(join(project.dir, ".wrangler/state/v3"))) rmSync(`${file}-wal`);
    expect(await (await dev.fetch("/put")).json()).toEqual(STORED);
    const host = await hostOf(dev);
    dev.child.kill("SIGKILL");
    process.kill(host, "SIGKILL");
    await allGone([host]);
  }
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/get")).json()).toEqual(["v", "v", 0, "v", expect.any(Number)]);
});
