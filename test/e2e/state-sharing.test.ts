import { once } from "node:events";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { STORES, stepsQueue } from "./workers.ts";

/* Stores of every kind between two sessions, under uploads that break off, and in a folder that goes. */

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  ...STORES,
  ...stepsQueue(1),
};

const WORKER = `
const handled = [];
const outcome = (promise) => promise.then((value) => value ?? null, (error) => error.message);
const cached = () => new Response("c", { headers: { "cache-control": "max-age=60" } });
async function write({ KV, R2, DB }, who) {
  const failures = [];
  for (let i = 0; i < 150; i += 1) {
    const all = [KV.put(who + i, who), R2.put(who + i, who), DB.prepare("INSERT INTO t VALUES (?)").bind(who).run()];
    for (const promise of all) await promise.catch((error) => failures.push(error.message));
  }
  return failures;
}
async function read({ KV, R2, DB }) {
  const rows = await DB.prepare("SELECT who, count(*) FROM t GROUP BY who ORDER BY who").raw();
  return [(await KV.list()).keys.length, (await R2.list()).objects.length, rows];
}
async function useAll({ KV, R2, DB, Q }) {
  const url = "http://cache.example/";
  return Promise.all([
    KV.put("k", "v").then(() => KV.get("k")),
    R2.put("k", "v").then(() => R2.get("k")).then((it) => it.text()),
    DB.prepare("CREATE TABLE IF NOT EXISTS u (a)").run().then(() => DB.prepare("INSERT INTO u VALUES (1)").run())
      .then(() => DB.prepare("SELECT count(*) AS n FROM u").first("n")),
    caches.default.put(url, cached()).then(() => caches.default.match(url)).then((it) => it.text()),
    Q.send("step").then(() => "sent"),
  ].map(outcome));
}
async function readAll({ KV, R2, DB }) {
  return Promise.all([
    KV.get("k"),
    R2.get("k").then((it) => it.text()),
    DB.prepare("SELECT count(*) AS n FROM u").first("n"),
    caches.default.match("http://cache.example/").then((it) => it.text()),
  ].map(outcome));
}
export default {
  queue(batch) { handled.push(...batch.messages.map(({ body }) => body)); },
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/table": await env.DB.exec("CREATE TABLE t (who TEXT)"); return new Response("made");
      case "/write": return Response.json(await write(env, searchParams.get("who")));
      case "/read": return Response.json(await read(env));
      case "/kept": return Response.json(await readAll(env));
      case "/all": return Response.json(await useAll(env));
      case "/handled": return new Response(String(handled.length));
      case "/put": return Response.json(await outcome(env.R2.put("big", request.body)));
      case "/part": {
        const upload = await env.R2.createMultipartUpload("big");
        return Response.json(await outcome(upload.uploadPart(1, request.body)));
      }
    }
    return Response.json(await env.R2.head("big"));
  },
};`;

const PROJECT = { "wrangler.json": JSON.stringify(CONFIG), "index.js": WORKER };

test("two sessions write to one folder at once, and nobody meets a lock", async () => {
  await using project = await tempProject(PROJECT);
  await using one = await runDev("wrangler.json", { cwd: project.dir });
  await using other = await runDev("wrangler.json", { cwd: project.dir });
  await one.fetch("/table");
  const failures = await Promise.all(
    [one, other].map(async (dev, index) => (await dev.fetch(`/write?who=${index}`)).json()),
  );
  expect(failures).toEqual([[], []]);
  for (const dev of [one, other]) {
    const rows = [
      ["0", 150],
      ["1", 150],
    ];
    expect(await (await dev.fetch("/read")).json()).toEqual([300, 300, rows]);
  }
});

test.each(["/put", "/part"])("an upload to R2 %s that breaks off leaves nothing", async (path) => {
  await using project = await tempProject(PROJECT);
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const blobs = join(project.dir, ".wrangler/state/v3/r2/bucket/blobs");
  const sizes = () => readdirSync(blobs).map((name) => statSync(join(blobs, name)).size);
  const socket = connect(dev.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n`);
  const megabyte = Buffer.alloc(1_000_000, "x");
  for (let i = 0; i < 60; i += 1) {
    await new Promise<void>((resolve) => socket.write(megabyte, () => resolve()));
  }
  await eventually(() => expect(Math.max(0, ...sizes())).toBeGreaterThan(10_000_000));
  socket.destroy();
  await eventually(() => expect(sizes()).toEqual([]));
  expect(await (await dev.fetch("/")).json()).toBeNull();
});

test("what was stored just before a save is there after it", async () => {
  await using project = await tempProject(PROJECT);
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/all")).json()).toEqual(["v", "v", 1, "c", "sent"]);
  await project.write(
    "index.js",
    WORKER.replace(
      'case "/table":',
      'case "/version": return new Response("2");\n      case "/table":',
    ),
  );
  await eventually(async () => expect(await (await dev.fetch("/version")).text()).toBe("2"));
  expect(await (await dev.fetch("/kept")).json()).toEqual(["v", "v", 1, "c"]);
});

test("a folder that is deleted while a session runs is made again by whatever is used", async () => {
  await using project = await tempProject(PROJECT);
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const useAll = async () => (await dev.fetch("/all")).json();
  expect(await useAll()).toEqual(["v", "v", 1, "c", "sent"]);
  expect(await useAll()).toEqual(["v", "v", 2, "c", "sent"]);
  await eventually(async () => expect(await (await dev.fetch("/handled")).text()).toBe("2"));
  // At once: whoever has just handled a message writes that down.
  renameSync(project.path(".wrangler/state"), project.path("gone"));
  rmSync(project.path("gone"), { recursive: true });
  expect(await useAll()).toEqual(["v", "v", 1, "c", "sent"]);
  await eventually(async () => expect(await (await dev.fetch("/handled")).text()).toBe("3"));
});
