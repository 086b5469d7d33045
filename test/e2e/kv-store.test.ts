import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { KvNamespaceStore } from "../../src/resources/kv/kv-namespace.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { stateRoot, storePaths } from "../../src/storage/state-folder.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/*
 * A KV namespace and a D1 database as files: what is on the disk, and what others do with it at the same
 * time. What single calls give is in test/state/workers/src/kv.js, beside wrangler's answers.
 */

const CONFIG = JSON.stringify({
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  kv_namespaces: [{ binding: "KV", id: "k" }],
  d1_databases: [{ binding: "DB", database_id: "d" }],
});

const WORKER = `
const steps = {
  fill: async ({ KV }) => { for (let i = 0; i < 2500; i += 1) await KV.put("key" + i, ""); },
  pages: async ({ KV }) => {
    const pages = [];
    let cursor;
    do {
      const page = await KV.list({ cursor });
      pages.push(page.keys.map(({ name }) => name));
      cursor = page.cursor;
      if (page.list_complete === (cursor !== undefined)) throw new Error("list_complete and cursor differ");
    } while (cursor !== undefined);
    return pages;
  },
  expire: ({ KV }) => Promise.all(["met", "listed"].map((key) => KV.put(key, "value", { expirationTtl: 60 }))),
  get: ({ KV }) => KV.get("met"),
  list: async ({ KV }) => (await KV.list()).keys.map(({ name }) => name),
  large: ({ KV }) => {
    let left = 25 * 1024 * 1024 + 1;
    const chunk = new Uint8Array(1024 * 1024);
    return KV.put("large", new ReadableStream({ type: "bytes", pull(controller) {
      const size = Math.min(left, chunk.byteLength);
      left -= size;
      if (size === 0) controller.close(); else controller.enqueue(chunk.slice(0, size));
    } }));
  },
  mixed: async ({ KV, DB }) => {
    const insert = DB.prepare("INSERT INTO t VALUES (?)");
    for (let i = 0; i < 500; i += 1) await Promise.all([insert.bind("worker").run(), KV.put("worker" + i, "x")]);
  },
  table: ({ DB }) => DB.exec("CREATE TABLE t (who TEXT)"),
  count: async ({ KV, DB }) => [await DB.prepare("SELECT count(*) AS n FROM t").first("n"), (await KV.list()).keys.length],
};
export default { async fetch(request, env) {
  const step = steps[new URL(request.url).pathname.slice(1)];
  try {
    return Response.json((await step(env)) ?? null);
  } catch (error) {
    return Response.json({ error: error.message });
  }
} }`;

const project = () => tempProject({ "wrangler.json": CONFIG, "index.js": WORKER });
const rootOf = (dir: string) => stateRoot({ configFolder: dir, cwd: dir, persistTo: undefined });
const filesOf = (dir: string) => readdirSync(storePaths(rootOf(dir), "kv", "k").blobs as string);
const step = async (dev: RunningDev, name: string) => (await dev.fetch(`/${name}`)).json();

test("pages give each of 2,500 keys once, in order", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  await step(dev, "fill");
  const pages = (await step(dev, "pages")) as string[][];
  expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 500]);
  const names = Array.from({ length: 2500 }, (_, index) => `key${index}`).sort();
  expect(pages.flat()).toEqual(names);
});

test("an expired entry is gone when it is met, with its file", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  await step(dev, "expire");
  expect(filesOf(files.dir)).toHaveLength(2);
  // Its time is over, without a minute's wait.
  const database = openDatabase(storePaths(rootOf(files.dir), "kv", "k").database);
  const expire = (key: string) =>
    database.prepare("UPDATE _mf_entries SET expiration = 1 WHERE key = ?").run(key);
  expire("met");
  expect(await step(dev, "list")).toEqual(["listed"]);
  await expect.poll(() => filesOf(files.dir)).toHaveLength(1);
  expire("listed");
  expect(await step(dev, "list")).toEqual([]);
  database.close();
  await step(dev, "expire");
  expect(await step(dev, "get")).toBe("value");
  const again = openDatabase(storePaths(rootOf(files.dir), "kv", "k").database);
  again.exec("UPDATE _mf_entries SET expiration = 1");
  again.close();
  expect(await step(dev, "get")).toBeNull();
  await expect.poll(() => filesOf(files.dir)).toEqual([]);
});

test("a value that is too large leaves nothing behind", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  await step(dev, "expire");
  expect(await step(dev, "large")).toEqual({
    error: "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.",
  });
  expect(filesOf(files.dir)).toHaveLength(2);
});

test("another process writes to the same stores at the same time, and nobody meets a lock", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  await step(dev, "table");
  const root = rootOf(files.dir);
  const database = openDatabase(storePaths(root, "d1", "d").database);
  const namespace = new KvNamespaceStore(root, "k");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  const mixed = step(dev, "mixed");
  for (let i = 0; i < 499; i += 1) {
    insert.run("other");
    await namespace.put(`other${i}`, "x", { expiration: null, metadata: null });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await mixed).toBeNull();
  await namespace.close();
  database.close();
  expect(await step(dev, "count")).toEqual([999, 999]);
});
