import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { storePaths } from "../../src/storage/state-folder.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { GROUPS } from "../state/groups.js";
import { askPublic, PUBLIC_REQUESTS } from "../state/public-requests.js";

/*
 * Local state: what the Worker of test/state sees is what wrangler's shows it (test/state/recorded,
 * recorded by `npm run parity -- state --record`), in a folder that either may have written.
 */
const state = resolve(import.meta.dirname, "../state");

function recorded(name: string): unknown {
  return JSON.parse(readFileSync(join(state, "recorded", `${name}.json`), "utf8"));
}

async function stateProject() {
  const project = await tempProject({});
  cpSync(join(state, "workers"), project.dir, { recursive: true });
  return project;
}

const config = (name: string, bindings: object): string =>
  JSON.stringify({ name, main: "index.js", compatibility_date: "2026-06-01", ...bindings });

describe("beside wrangler", () => {
  test.each(GROUPS)("every case of %s gives what it gives there", async (group) => {
    await using project = await stateProject();
    await using dev = await runDev("wrangler.jsonc", { cwd: project.dir });
    const answers = (await (await dev.fetch(`/${group}`)).json()) as Record<string, unknown>;
    const wanted = recorded(group) as Record<string, unknown>;
    for (const title of Object.keys(wanted)) expect(answers[title], title).toEqual(wanted[title]);
    expect(Object.keys(answers)).toEqual(Object.keys(wanted));
  });

  test("public addresses of buckets answer as they do there", async () => {
    await using project = await stateProject();
    await using dev = await runDev("wrangler.jsonc", { cwd: project.dir });
    expect(await (await dev.fetch("/public")).text()).toBe("written");
    const wanted = recorded("r2-public") as object[];
    const answers: object[] = [];
    for (const request of PUBLIC_REQUESTS) answers.push(await askPublic(dev.url, request));
    const asked = (answer: object, index: number) => [PUBLIC_REQUESTS[index], answer];
    expect(answers.map(asked)).toEqual(wanted.map(asked));
  });

  test("a folder that wrangler's commands wrote is read", async () => {
    await using project = await stateProject();
    cpSync(join(state, "seeded"), join(project.dir, ".wrangler/state"), { recursive: true });
    await using dev = await runDev("wrangler.jsonc", { cwd: project.dir });
    expect(await (await dev.fetch("/read")).json()).toEqual(recorded("read"));
  });
});

const bindingsOfAll = {
  kv_namespaces: [{ binding: "KV", id: "k" }],
  d1_databases: [{ binding: "DB", database_id: "d" }],
  r2_buckets: [{ binding: "R2", bucket_name: "bucket" }],
};

describe("what wrangler has no answer for", () => {
  test("a D1 batch that fails with its commit tells why, and leaves nothing", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", { d1_databases: [{ binding: "DB", database_id: "d" }] }),
      "index.js": `export default { async fetch(request, env) {
        const run = (...list) => env.DB.batch(list.map((sql) => env.DB.prepare(sql))).catch((error) => error.message);
        await run("CREATE TABLE parent (id INTEGER PRIMARY KEY)", "CREATE TABLE child (p REFERENCES parent(id))");
        const failed = await run("PRAGMA defer_foreign_keys = on", "INSERT INTO child VALUES (1)");
        return Response.json([failed, await env.DB.prepare("SELECT * FROM child").raw()]);
      } }`,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(await (await dev.fetch("/")).json()).toEqual([
      "D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)",
      [],
    ]);
  });

  test("a D1 result beyond production's memory fails its call, and no more than that", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", bindingsOfAll),
      "index.js": `export default { async fetch(request, env) {
        const sql = "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c LIMIT 1000000) SELECT printf('%.*c', 10000, 'x') FROM c";
        const failed = await env.DB.prepare(sql).all().catch((error) => error.message);
        return Response.json([failed, await env.DB.prepare("SELECT 1 AS one").first("one")]);
      } }`,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(await (await dev.fetch("/")).json()).toEqual([
      "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
      1,
    ]);
  });

  test("where nobody may write each call says so with the path, and reads find nothing", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", bindingsOfAll),
      "index.js": `export default { async fetch(request, env) {
        const outcome = (promise) => promise.then(() => "ok", (error) => error.message);
        return Response.json([
          await outcome(env.DB.prepare("CREATE TABLE t (a)").run()),
          await outcome(env.KV.put("a", "b")),
          await outcome(env.R2.put("a", "b")),
        ]);
      } }`,
    });
    // Not even root may write there.
    const args = ["--persist-to", "/sys/drover"];
    await using dev = await runDev("wrangler.json", { cwd: project.dir, args });
    for (let i = 0; i < 2; i += 1) {
      const answers = (await (await dev.fetch("/")).json()) as string[];
      for (const text of answers) expect(text).toContain("/sys/drover");
    }
    expect(dev.output).not.toContain("storage ended");
  });

  test("a corrupt file fails the calls to it with its path; other stores and the session go on", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", {
        d1_databases: [{ binding: "DB", database_id: "d" }],
        kv_namespaces: [
          { binding: "KV", id: "k" },
          { binding: "OTHER", id: "o" },
        ],
      }),
      "index.js": `export default { async fetch(request, env) {
        const outcome = (promise) => promise.then(() => "ok", (error) => error.message);
        return Response.json([
          await outcome(env.DB.prepare("CREATE TABLE IF NOT EXISTS t (a)").run()),
          await outcome(env.KV.put("a", "b")),
          await outcome(env.OTHER.put("a", "b")),
        ]);
      } }`,
    });
    const root = join(project.dir, ".wrangler/state/v3");
    const files = [storePaths(root, "d1", "d").database, storePaths(root, "kv", "k").database];
    for (const file of files) {
      await project.write(relative(project.dir, file), "no database at all, but long enough");
    }
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    const answer = await (await dev.fetch("/")).json();
    expect(answer).toEqual([
      `D1_ERROR: file is not a database: SQLITE_NOTADB (${files[0]})`,
      `KV PUT failed: 500 Internal Server Error: file is not a database: SQLITE_NOTADB (${files[1]})`,
      "ok",
    ]);
    for (const file of files) rmSync(file);
    expect(await (await dev.fetch("/")).json()).toEqual(["ok", "ok", "ok"]);
  });
});

test("no value that a Worker passes ends a storage thread", async () => {
  const strange = String.raw`[undefined, null, true, 0, -0, NaN, Infinity, -1.5, 2 ** 60, 10n, "", "\0", "\ud800", "é😀",
    "x".repeat(2000), Symbol("s"), {}, [], [1, 2], [300], ["a"], [[1]], () => 1, class {}, new Date(0), /r/, new Map(), new Set([1]),
    new Error("e"), new Uint8Array([1]), new Uint16Array([300]), new DataView(new ArrayBuffer(2)), new ArrayBuffer(3),
    new Blob(["b"]), new Headers(), new Request("http://x"), new Response("r"), new ReadableStream({ start(c) { c.close(); } }),
    new WeakMap(), Promise.resolve(1), new Proxy({}, { get() { throw new Error("trap"); } }), Object.create(null),
    { toString() { throw new Error("no text"); } }, { valueOf() { return 5; } }, env, ctx, globalThis]`;
  const calls: Readonly<Record<string, string>> = {
    "D1 parameters": "env.DB.prepare('SELECT ? AS v').bind(value).all()",
    "D1 statements": "env.DB.prepare(value).all()",
    "D1 exec": "env.DB.exec(value)",
    "D1 batches": "env.DB.batch([value])",
    "KV keys":
      "env.KV.put(value, 'v').then(() => env.KV.get(value)).then(() => env.KV.delete(value))",
    "KV values": "env.KV.put('k', value)",
    "KV metadata": "env.KV.put('k', 'v', { metadata: value })",
    "KV options":
      "env.KV.put('k', 'v', value).then(() => env.KV.list(value)).then(() => env.KV.get('k', value))",
    "R2 names":
      "env.R2.put(value, 'v').then(() => env.R2.get(value)).then(() => env.R2.delete(value))",
    "R2 values": "env.R2.put('k', value)",
    "R2 options":
      "env.R2.put('k', 'v', value).then(() => env.R2.list(value)).then(() => env.R2.get('k', value))",
    "R2 metadata": "env.R2.put('k', 'v', { customMetadata: value, httpMetadata: value })",
  };
  const cases = Object.entries(calls).map(
    ([title, call]) => `${JSON.stringify(title)}: (value, env) => ${call}`,
  );
  await using project = await tempProject({
    "wrangler.json": config("a", bindingsOfAll),
    "index.js": `const cases = { ${cases.join(", ")} };
      export default { async fetch(request, env, ctx) {
        const odd = [];
        for (const [title, run] of Object.entries(cases)) {
          for (const value of ${strange}) {
            try { await run(value, env); } catch (error) { if (!(error instanceof Error)) odd.push(title); }
          }
          await env.DB.prepare("SELECT 1").first();
          await env.KV.put("a", "b");
          await env.R2.put("a", "b");
        }
        return Response.json({ odd });
      } }`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual({ odd: [] });
  expect(dev.output).not.toMatch(/storage ended|process died/);
});

describe("the state folder", () => {
  const bindings = { kv_namespaces: [{ binding: "KV", id: "shared" }] };
  const worker = `export default { async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/put") await env.KV.put("k", searchParams.get("v"));
    return new Response(await env.KV.get("k"));
  } }`;

  test("is the primary's for all Workers of a session; ids make the stores", async () => {
    await using project = await tempProject({
      "a/wrangler.json": config("a", bindings),
      "a/index.js": worker,
      "b/wrangler.json": config("b", bindings),
      "b/index.js": worker,
      "c/wrangler.json": config("c", { kv_namespaces: [{ binding: "KV", id: "own" }] }),
      "c/index.js": worker,
    });
    const configs = ["a/wrangler.json", "b/wrangler.json", "c/wrangler.json"];
    await using dev = await runDev(configs, { cwd: project.dir });
    await dev.fetch("/put?v=1", { worker: "b" });
    expect(await (await dev.fetch("/")).text()).toBe("1");
    expect(await (await dev.fetch("/", { worker: "c" })).text()).toBe("");
    expect(readdirSync(join(project.dir, "a/.wrangler/state/v3"))).toEqual(["kv"]);
    expect(existsSync(join(project.dir, "b/.wrangler/state"))).toBe(false);
  });

  test("of another Worker of the session is named, since it is not read", async () => {
    await using project = await tempProject({
      "a/wrangler.json": config("a", bindings),
      "a/index.js": worker,
      "b/wrangler.json": config("b", bindings),
      "b/index.js": worker,
      "b/.wrangler/state/v3/kv/x": "data",
      "c/wrangler.json": config("c", {}),
      "c/index.js": worker,
      "c/.wrangler/state/v3/kv/x": "data",
    });
    const configs = ["a/wrangler.json", "b/wrangler.json", "c/wrangler.json"];
    await using dev = await runDev(configs, { cwd: project.dir });
    expect(dev.output).toContain("b/.wrangler/state/v3 is not read");
    expect(dev.output).not.toContain("c/.wrangler/state/v3");
    await using apart = await runDev(configs, { cwd: project.dir, args: ["--persist-to", "one"] });
    expect(apart.output).not.toContain("is not read");
  });

  test("outlives reloads and sessions, and lies where --persist-to says", async () => {
    await using project = await tempProject({
      "a/wrangler.json": config("a", bindings),
      "a/index.js": worker,
    });
    const options = { cwd: project.dir, args: ["--persist-to", "data"] };
    {
      await using dev = await runDev("a/wrangler.json", options);
      await dev.fetch("/put?v=kept");
      dev.mark();
      await project.write("a/index.js", worker.replace("/put", "/set"));
      await dev.waitForLine(/Local server updated and ready/);
      expect(await (await dev.fetch("/put?v=other")).text()).toBe("kept");
    }
    await using dev = await runDev("a/wrangler.json", options);
    expect(await (await dev.fetch("/")).text()).toBe("kept");
    expect(readdirSync(project.dir).sort()).toEqual(["a", "data"]);
    expect(existsSync(join(project.dir, "data/v3/kv/shared/blobs"))).toBe(true);
  });

  test("may be deleted while a session runs: its stores are empty then", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", bindings),
      "index.js": worker,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    await dev.fetch("/put?v=1");
    rmSync(join(project.dir, ".wrangler"), { recursive: true });
    await expect.poll(async () => (await dev.fetch("/")).text()).toBe("");
    await dev.fetch("/put?v=2");
    expect(await (await dev.fetch("/")).text()).toBe("2");
    expect(existsSync(join(project.dir, ".wrangler/state/v3/kv"))).toBe(true);
  });

  test("is not made by a Worker that uses none", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", bindings),
      "index.js": 'export default { fetch: () => new Response("x") }',
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    await dev.fetch("/");
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
    expect(dev.output).toMatch(/env\.KV \(shared\) +KV Namespace +local\n/);
  });
});
