import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { createTestHarness, startDev } from "drover";
import { expect, test, vi } from "vitest";
import { tempProject } from "../../helpers/temp-project.ts";

/* `createTestHarness` with wrangler's names and texts (spec/devtools-types.md 15 and 17, 36-38). */
const config = (name: string, more: object = {}) =>
  JSON.stringify({ name, main: "index.js", compatibility_date: "2026-06-01", ...more });

const files = {
  "api/wrangler.json": config("api", {
    vars: { MODE: "config", KEPT: "kept" },
    routes: ["api.test/*"],
    kv_namespaces: [{ binding: "KV", id: "kv" }],
  }),
  "api/index.js": `import { WorkerEntrypoint } from "cloudflare:workers";
    let requests = 0;
    export class Admin extends WorkerEntrypoint { add(a, b) { return a + b; } }
    export default {
      async scheduled(controller, env) { await env.KV.put("cron", controller.cron); },
      async fetch(request, env) {
        const { pathname } = new URL(request.url);
        console.log("asked for", pathname);
        if (pathname === "/throw") throw new RangeError("boom");
        if (pathname === "/500") return new Response("own", { status: 500 });
        if (pathname === "/env") return Response.json([env.MODE, env.KEPT, env.SECRET, await env.MOCK.hello()]);
        return new Response(["api", new URL(request.url).host, [...request.headers.keys()].filter((name) => name.includes("drover")), ++requests].join(" "));
      },
    };`,
  "web/wrangler.json": config("web", { routes: ["web.test/*"] }),
  "web/index.js": `export default { fetch: (request) => new Response("web " + new URL(request.url).host) };`,
};

test("requests by path and by route, handles, logs, errors as they were thrown", async () => {
  await using project = await tempProject(files);
  await using server = createTestHarness({
    root: project.dir,
    workers: [
      {
        configPath: "api/wrangler.json",
        vars: { MODE: "test" },
        secrets: { SECRET: "s" },
        bindingOverrides: { MOCK: { hello: () => "from the test" } },
      },
      { configPath: "web/wrangler.json" },
    ],
  });
  const notStarted =
    "Server has not been started. Start it with server.listen() before calling this method.";
  await expect(server.fetch("/")).rejects.toMatchObject({
    name: "AssertionError",
    message: notStarted,
  });
  const { url } = await server.listen();
  expect((await server.listen()).url.href).toBe(url.href);
  expect(await (await server.fetch("/")).text()).toMatch(/^api \S+ {2}1$/);
  expect(await (await server.fetch("http://web.test/x")).text()).toBe("web web.test");
  expect(await (await server.fetch("http://api.test/x")).text()).toBe("api api.test  2");
  expect(await (await server.fetch(url)).text()).toMatch(/^api .* 3$/);
  expect(await (await server.fetch("/env")).json()).toEqual(["test", "kept", "s", "from the test"]);

  await expect(server.fetch("/throw")).rejects.toMatchObject({
    name: "RangeError",
    message: "boom",
    stack: expect.stringMatching(/at .*api\/index\.js:9:\d+/),
  });
  const own = await server.fetch("/500");
  expect([own.status, await own.text()]).toEqual([500, "own"]);

  const api = server.getWorker();
  await expect(api.fetch("/throw")).rejects.toThrow("boom");
  expect(await api.scheduled({ cron: "* * * * *" })).toEqual({ outcome: "ok", noRetry: false });
  const env = await api.getEnv<{ KV: { get(key: string): Promise<string | null> } }>();
  expect(await env.KV.get("cron")).toBe("* * * * *");
  expect(await api.getExport("Admin").add?.(1, 2)).toBe(3);
  expect(await (await server.getWorker("web").fetch("/")).text()).toMatch(/^web /);
  expect(() => server.getWorker("nope")).toThrow(
    new TypeError('Worker "nope" does not exist in this server.'),
  );

  await expect(api.introspectWorkflow("FLOW")).rejects.toThrow(
    'introspectWorkflow("FLOW") of the Worker "api" does nothing: drover does not run Workflows yet',
  );
  await expect(api.introspectWorkflowInstance("FLOW", "1")).rejects.toThrow("Workflows");

  expect(server.getLogs()).toContainEqual({
    timestamp: expect.any(Number),
    level: "log",
    message: "asked for /env",
  });
  server.clearLogs();
  expect(server.getLogs()).toEqual([]);

  await server.reset();
  expect(await env.KV.get("cron")).toBeNull();
  expect(await (await server.fetch("/")).text()).toMatch(/ 1$/);
  await server.close();
  await expect(server.fetch("/")).rejects.toThrow(notStarted);
});

test("what is wrong with the options is told", async () => {
  await expect(createTestHarness().listen()).rejects.toThrow(
    "Test harness options have not been configured.",
  );
  await expect(createTestHarness({ workers: [] }).listen()).rejects.toThrow(
    "Test harness requires at least one worker.",
  );
  await expect(
    createTestHarness({ workers: [{ configPath: "/nowhere/wrangler.json" }] }).listen(),
  ).rejects.toThrow("/nowhere/wrangler.json");
});

test("Durable Objects and databases from outside, in wrangler's words", async () => {
  await using project = await tempProject({
    "rec/wrangler.json": config("rec", {
      d1_databases: [{ binding: "DB", database_id: "db", migrations_dir: "sql" }],
      durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    }),
    "rec/sql/0001_users.sql":
      "CREATE TABLE users (name TEXT); -- ;\nINSERT INTO users VALUES ('a;b');",
    "rec/index.js": `import { DurableObject } from "cloudflare:workers";
      export class Room extends DurableObject {
        n = 0;
        count() {
          this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (n INTEGER)");
          this.ctx.storage.sql.exec("INSERT INTO t VALUES (1)");
          return ++this.n;
        }
      }
      export default { fetch: async (request, env) => Response.json(await env.ROOM.getByName("a").count()) };`,
  });
  await using server = createTestHarness({
    root: project.dir,
    workers: [{ configPath: "rec/wrangler.json" }],
  });
  await server.listen();
  const rec = server.getWorker();
  const count = async () => await (await server.fetch("/")).json();
  expect(await count()).toBe(1);
  const id = "6504187c2cf4dec746b29026a140b2e92ddf18b86d15bcaa8b2028d38a7f7764";
  expect(await rec.listDurableObjectIds("Room")).toEqual([id]);
  expect(await rec.listDurableObjectIds("ROOM")).toEqual([id]);
  await expect(rec.listDurableObjectIds("Nope")).rejects.toThrow(
    new TypeError(
      'No Durable Object class or namespace binding named "Nope" found in "rec" worker.',
    ),
  );
  const storage = await rec.getDurableObjectStorage("ROOM", { name: "a" });
  expect(await storage.exec("SELECT count(*) AS c FROM t")).toEqual([{ c: 1 }]);
  expect(await storage.exec("SELECT ? AS c", 5)).toEqual([{ c: 5 }]);
  await expect(storage.exec("SELECT nope")).rejects.toThrow(
    "no such column: nope at offset 7: SQLITE_ERROR",
  );
  expect(await count()).toBe(2);
  await rec.evictDurableObject("Room", { id });
  expect(await count()).toBe(1);
  await expect(rec.evictDurableObject("Room", { name: "zzz" })).rejects.toThrow(
    "Cannot evict Durable Object: it is not currently running.",
  );
  expect(await rec.runDurableObjectAlarm("Room", { id })).toBe(false);

  const users = async () => {
    const env = await rec.getEnv<{
      DB: { prepare(sql: string): { all(): Promise<{ results: unknown }> } };
    }>();
    return (await env.DB.prepare("SELECT name FROM users").all()).results;
  };
  await rec.applyD1Migrations("DB");
  await rec.applyD1Migrations("DB");
  expect(await users()).toEqual([{ name: "a;b" }]);
  await project.write("rec/sql/0002_more.sql", "INSERT INTO users VALUES ('c'); nonsense;");
  await expect(rec.applyD1Migrations("DB")).rejects.toThrow(/near "nonsense": syntax error/);
  expect(await users()).toEqual([{ name: "a;b" }]);
  await expect(rec.applyD1Migrations("NOPE")).rejects.toThrow(
    new TypeError('No D1 database binding named "NOPE" found in "rec" worker.'),
  );
});

test("SQL on an object from outside waits for its critical sections and sees no half of one", async () => {
  await using project = await tempProject({
    "wrangler.json": config("api", {
      durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    }),
    "index.js": `import { DurableObject } from "cloudflare:workers";
      export class Room extends DurableObject {
        async pair() {
          this.ctx.storage.sql.exec("CREATE TABLE t (n INTEGER)");
          await this.ctx.blockConcurrencyWhile(async () => {
            this.ctx.storage.sql.exec("INSERT INTO t VALUES (1)");
            await fetch("http://gate.test/");
            this.ctx.storage.sql.exec("INSERT INTO t VALUES (2)");
          });
        }
      }
      export default { fetch: async (request, env) => { await env.ROOM.getByName("a").pair(); return new Response("done"); } };`,
  });
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  await using dev = await startDev({
    configs: project.path("wrangler.json"),
    persist: false,
    outbound: async () => {
      reach();
      await opened;
      return new Response("open");
    },
  });
  const api = dev.worker("api");
  const answer = dev.fetch("/");
  await reached;
  const storage = await api.getDurableObjectStorage("ROOM", { name: "a" });
  const count = storage.exec("SELECT count(*) AS c FROM t");
  // Goes the same way behind it: the query has arrived.
  expect(await api.listDurableObjectIds("ROOM")).toHaveLength(1);
  open();
  expect(await count).toEqual([{ c: 2 }]);
  expect(await (await answer).text()).toBe("done");
});

test("update begins anew with other options, at the same address and with the same data", async () => {
  await using project = await tempProject(files);
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  await using server = createTestHarness();
  const worker = { configPath: "api/wrangler.json", bindingOverrides: { MOCK: {} } };
  await server.update({ root: project.dir, workers: [worker] });
  const { url } = await server.listen();
  const api = server.getWorker();
  await api.scheduled({ cron: "kept" });
  await expect(api.fetch("/throw")).rejects.toThrow("boom");
  server.debug();
  write.mockRestore();
  expect(written.join("").replaceAll(/^\d+-\d+-\d+ \d+:\d+:\d+ /gm, "")).toMatch(
    /^-{15} debug logs -{15}\n(?:.*\n)*\[server\] \[api\] fetch - GET \/throw - started\n(?:.*\n)*\[server\] \[api\] fetch - GET \/throw - failed\n/,
  );
  await server.update((now) => ({
    ...now,
    workers: [
      {
        ...worker,
        vars: { MODE: "updated" },
        secrets: { SECRET: "s" },
        bindingOverrides: { MOCK: { hello: () => "hi" } },
      },
    ],
  }));
  expect((await server.listen()).url.href).toBe(url.href);
  expect(await (await api.fetch("/env")).json()).toEqual(["updated", "kept", "s", "hi"]);
  const env = await api.getEnv<{ KV: { get(key: string): Promise<string | null> } }>();
  expect(await env.KV.get("cron")).toBe("kept");
  await expect(server.update({ root: project.dir, workers: [worker, worker] })).rejects.toThrow(
    "Updating the number of workers running in the server is not supported.",
  );
});

test("after close the process ends by itself", async () => {
  await using project = await tempProject({
    ...files,
    "run.mjs": `import { createTestHarness } from ${JSON.stringify(resolve("dist/index.js"))};
      const server = createTestHarness({ workers: [{ configPath: "web/wrangler.json" }] });
      await server.listen();
      console.log(await (await server.fetch("http://web.test/")).text());
      await server.close();`,
  });
  const output = execFileSync(process.execPath, ["run.mjs"], {
    cwd: project.dir,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(output).toBe("web web.test\n");
});
