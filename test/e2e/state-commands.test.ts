import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/* `drover state`: everything that is stored, beside running sessions. */
const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  kv_namespaces: [{ binding: "KV", id: "kvid" }],
  r2_buckets: [{ binding: "B", bucket_name: "buck" }],
  d1_databases: [{ binding: "DB", database_name: "dbn", database_id: "dbid" }],
};

const WORKER = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  next() {
    const value = (this.ctx.storage.kv.get("n") ?? 0) + 1;
    this.ctx.storage.kv.put("n", value);
    return value;
  }
}
export default { async fetch(request, env) {
  const { pathname } = new URL(request.url);
  if (pathname === "/count") return Response.json(await env.COUNTER.getByName("c").next());
  if (pathname === "/write") {
    await env.KV.put("k", "v");
    await env.B.put("o", "object");
    await env.DB.exec("CREATE TABLE IF NOT EXISTS t (a)");
    await env.DB.exec("INSERT INTO t VALUES (1)");
  }
  const tables = await env.DB.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 't'").first("n");
  return Response.json([
    await env.KV.get("k"),
    (await (await env.B.get("o"))?.text()) ?? null,
    tables,
  ]);
} }`;

async function project(more: object = {}) {
  return await tempProject({
    "wrangler.jsonc": JSON.stringify({ ...CONFIG, ...more }),
    "index.js": WORKER,
  });
}

const OBJECTS = {
  durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
};

const state = ({ dir }: TempProject, ...args: string[]) =>
  runDrover(["state", ...args], { cwd: dir });

test("ls says what is stored, how much and whose it is", async () => {
  await using files = await project();
  expect((await state(files, "ls")).stdout).toBe("Nothing is stored in .wrangler/state/v3.\n");
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  await dev.fetch("/write");
  const { stdout } = await state(files, "ls");
  expect(stdout).toMatch(/^kv +kvid +1 key +[\d.]+ KB +a \(env\.KV\)$/m);
  expect(stdout).toMatch(/^r2 +buck +1 object +[\d.]+ KB +a \(env\.B\)$/m);
  expect(stdout).toMatch(/^d1 +dbid +1 table +[\d.]+ KB +a \(env\.DB\)$/m);
  expect(stdout).toMatch(/ in \.wrangler\/state\/v3\n$/);
  const { root, stores } = JSON.parse((await state(files, "ls", "--json", "dbn")).stdout);
  expect(`${root}\n`).toBe((await state(files, "path")).stdout);
  expect(stores).toEqual([
    {
      kind: "d1",
      id: "dbid",
      names: ["DB", "dbn"],
      usedBy: ["a (env.DB)"],
      entries: "1 table",
      bytes: expect.any(Number),
    },
  ]);
});

test("reset empties stores under a running session, which goes on with them", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  const ask = async (path = "/") => await (await dev.fetch(path)).json();
  expect(await ask("/write")).toEqual(["v", "object", 1]);
  const some = await state(files, "reset", "KV", "-y");
  expect([some.code, some.stdout]).toEqual([0, "Deleted everything in kv/kvid.\n"]);
  expect(await ask()).toEqual([null, "object", 1]);
  await state(files, "reset");
  expect(await ask()).toEqual([null, null, 0]);
  expect(readdirSync(files.path(".wrangler/state/v3/r2/buck/blobs"))).toEqual([]);
  expect(await ask("/write")).toEqual(["v", "object", 1]);
});

test("what is exported is imported again, from beside a running session", async () => {
  await using files = await project();
  {
    await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
    await dev.fetch("/write");
    const exported = await state(files, "export", "saved");
    expect(exported.stdout).toBe("Copied kv/kvid, r2/buck, d1/dbid to saved/v3.\n");
  }
  const again = await state(files, "export", "saved");
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("Name a new folder.")]);
  await state(files, "reset", "-y");
  const imported = await state(files, "import", "saved", "kv", "d1");
  expect(imported.stdout).toContain("Copied kv/kvid, d1/dbid to .wrangler/state/v3.\n");
  {
    await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
    expect(await (await dev.fetch("/")).json()).toEqual(["v", null, 1]);
    // Open in the session: nothing is replaced, not even what could be.
    const refused = await state(files, "import", "saved", "-y");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("d1/dbid: a process has it open.");
    expect(await (await dev.fetch("/")).json()).toEqual(["v", null, 1]);
  }
  await using dev = await runDev("wrangler.jsonc", {
    cwd: files.dir,
    args: ["--persist-to", "saved"],
  });
  expect(await (await dev.fetch("/")).json()).toEqual(["v", "object", 1]);
});

test("Durable Objects of a running session are left alone; afterwards they are deleted", async () => {
  await using files = await project(OBJECTS);
  {
    await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
    await dev.fetch("/count");
    expect((await state(files, "ls", "do")).stdout).toMatch(/^do +a-Counter +1 object /m);
    const refused = await state(files, "reset", "-y");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/do\/a-Counter: (?:the session of process \d+|a process) /);
    expect(await (await dev.fetch("/count")).json()).toBe(2);
    await state(files, "export", "saved", "do");
  }
  await state(files, "reset", "-y");
  expect(existsSync(files.path(".wrangler/state/v3/do/a-Counter"))).toBe(false);
  {
    await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
    expect(await (await dev.fetch("/count")).json()).toBe(1);
  }
  await state(files, "import", "saved");
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  expect(await (await dev.fetch("/count")).json()).toBe(3);
});

test("a store whose file is no database can be reset", async () => {
  await using files = await project();
  await (async () => {
    await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
    await dev.fetch("/write");
  })();
  const folder = ".wrangler/state/v3/d1/miniflare-D1DatabaseObject";
  const [name] = readdirSync(files.path(folder)).filter((file) => file.endsWith(".sqlite"));
  await files.write(
    `${folder}/${name}`,
    "no database at all, but long enough for SQLite to see it",
  );
  expect((await state(files, "ls", "d1")).stdout).toContain("file is not a database");
  expect((await state(files, "reset", "d1", "-y")).code).toBe(0);
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  expect(await (await dev.fetch("/write")).json()).toEqual(["v", "object", 1]);
});

test.each<[string[], number, string]>([
  [["reset", "nope"], 2, 'Nothing that is stored has the name "nope".'],
  [["import", "nope"], 2, "There is no folder nope."],
  [["ls", "--remote"], 2, "wrangler d1|kv|r2 ... --remote"],
])("%j ends with %i", async (args, code, text) => {
  await using files = await project();
  const result = await state(files, ...args);
  expect(result.stderr).toContain(text);
  expect(result.code).toBe(code);
});
