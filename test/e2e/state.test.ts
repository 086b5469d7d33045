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

/** A Worker that runs the statement in the body of a POST, with `env` in reach. */
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
