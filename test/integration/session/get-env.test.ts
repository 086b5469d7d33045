import { type StartDevOptions, startDev } from "drover";
import { expect, test } from "vitest";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";

/* `getEnv()` and `bindings` of the test API: bindings from the process of a test, and in it. */
const files = {
  "api/wrangler.json": JSON.stringify({
    name: "api",
    main: "index.js",
    compatibility_date: "2026-06-01",
    vars: { MODE: "dev", LIMITS: { max: 3 } },
    kv_namespaces: [{ binding: "KV", id: "kv" }],
    r2_buckets: [{ binding: "BUCKET", bucket_name: "bucket" }],
    d1_databases: [{ binding: "DB", database_name: "db", database_id: "db" }],
    durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    services: [{ binding: "AUTH", service: "auth" }],
  }),
  "api/index.js": `
    import { DurableObject } from "cloudflare:workers";
    export class Room extends DurableObject {
      async count(by = 1) {
        const n = (await this.ctx.storage.get("n") ?? 0) + by;
        await this.ctx.storage.put("n", n);
        return n;
      }
      async fetch(request) { return new Response(this.ctx.id.name + " " + new URL(request.url).pathname); }
    }
    export default {
      async fetch(request, env) {
        const { pathname } = new URL(request.url);
        if (pathname === "/ai") {
          const { text } = await env.AI.run("model", { prompt: "hello" });
          return Response.json([text, env.LIMIT, env.MODE, typeof env.KV.get]);
        }
        return new Response(await env.KV.get(pathname));
      },
    };`,
  "auth/wrangler.json": JSON.stringify({
    name: "auth",
    main: "index.js",
    compatibility_date: "2026-06-01",
  }),
  "auth/index.js": `import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      verify(token) { return { ok: token === "good" }; }
      fail() { throw new RangeError("no"); }
      fetch(request) { return new Response("auth " + new URL(request.url).pathname, { status: 202 }); }
    }`,
};

interface Env {
  readonly MODE: string;
  readonly LIMITS: { readonly max: number };
  readonly KV: {
    get(key: string, type?: "arrayBuffer" | "stream"): Promise<unknown>;
    put(key: string, value: string | Uint8Array): Promise<void>;
    getWithMetadata(key: string): Promise<{ value: string | null }>;
    list(): Promise<{ keys: { name: string }[] }>;
  };
  readonly BUCKET: {
    put(key: string, value: string, options?: object): Promise<{ key: string; size: number }>;
    get(key: string): Promise<{
      readonly size: number;
      readonly customMetadata: Record<string, string>;
      readonly uploaded: Date;
      text(): Promise<string>;
    } | null>;
    list(): Promise<{ objects: { key: string }[] }>;
  };
  readonly DB: {
    exec(sql: string): Promise<{ count: number }>;
    prepare(sql: string): Statement;
    batch(statements: readonly Statement[]): Promise<{ results: unknown[] }[]>;
  };
  readonly ROOM: Rooms;
  readonly AUTH: {
    verify(token: string): Promise<{ ok: boolean }>;
    fail(): Promise<never>;
    fetch(url: string): Promise<Response>;
  };
}
interface Id {
  readonly name?: string;
  readonly jurisdiction?: string;
  equals(other: Id): boolean;
}
interface Rooms {
  getByName(name: string): Room;
  idFromName(name: string): Id;
  idFromString(text: string): Id;
  newUniqueId(options?: { readonly jurisdiction: string }): Id;
  get(id: Id): Room;
  jurisdiction(name: string): Rooms;
}
interface Statement {
  bind(...values: unknown[]): Statement;
  all(): Promise<{ results: unknown[] }>;
  first(column?: string): Promise<unknown>;
  run(): Promise<{ success: boolean }>;
}
interface Room {
  readonly id: Id;
  readonly name: string | undefined;
  count(by?: number): Promise<number>;
  fetch(url: string): Promise<Response>;
}

const start = (project: TempProject, more: Partial<StartDevOptions> = {}) =>
  startDev({
    configs: ["api/wrangler.json", "auth/wrangler.json"],
    cwd: project.dir,
    persist: false,
    ...more,
  });

test("bindings of a Worker are used from the test's process", async () => {
  await using project = await tempProject(files);
  await using dev = await start(project);
  const env = await dev.worker("api").getEnv<Env>();
  expect([env.MODE, env.LIMITS]).toEqual(["dev", { max: 3 }]);

  await env.KV.put("/a", "from the test");
  expect(await (await dev.fetch("/a")).text()).toBe("from the test");
  await env.KV.put("bytes", new Uint8Array([1, 2]));
  expect(new Uint8Array((await env.KV.get("bytes", "arrayBuffer")) as ArrayBuffer)).toEqual(
    new Uint8Array([1, 2]),
  );
  const stream = (await env.KV.get("/a", "stream")) as ReadableStream;
  expect(await new Response(stream).text()).toBe("from the test");
  expect(await env.KV.get("none")).toBeNull();
  expect((await env.KV.getWithMetadata("/a")).value).toBe("from the test");
  expect((await env.KV.list()).keys.map(({ name }) => name)).toEqual(["/a", "bytes"]);

  expect(await env.BUCKET.put("x", "12345", { customMetadata: { a: "b" } })).toMatchObject({
    key: "x",
    size: 5,
  });
  const object = await env.BUCKET.get("x");
  expect([object?.size, object?.customMetadata]).toEqual([5, { a: "b" }]);
  expect(object?.uploaded).toBeInstanceOf(Date);
  expect(await object?.text()).toBe("12345");
  expect(await env.BUCKET.get("y")).toBeNull();
  expect((await env.BUCKET.list()).objects.map(({ key }) => key)).toEqual(["x"]);

  await env.DB.exec("CREATE TABLE t (a INTEGER, b TEXT)");
  const insert = env.DB.prepare("INSERT INTO t VALUES (?, ?)");
  expect((await insert.bind(1, "one").run()).success).toBe(true);
  await env.DB.batch([insert.bind(2, "two"), insert.bind(3, "three")]);
  const rows = env.DB.prepare("SELECT b FROM t WHERE a > ? ORDER BY a");
  expect((await rows.bind(1).all()).results).toEqual([{ b: "two" }, { b: "three" }]);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM t").first("n")).toBe(3);
  await expect(env.DB.prepare("SELECT nope").all()).rejects.toThrow(/no such column/);

  expect(await env.ROOM.getByName("a").count()).toBe(1);
  expect(await env.ROOM.get(env.ROOM.idFromName("a")).count(2)).toBe(3);
  // As it had to be written once.
  const id = await env.ROOM.idFromName("a");
  expect(await env.ROOM.get(id).count()).toBe(4);
  expect(await (await env.ROOM.getByName("b").fetch("http://x/path")).text()).toBe("b /path");

  expect(await env.AUTH.verify("good")).toMatchObject({ ok: true });
  await expect(env.AUTH.fail()).rejects.toThrow("no");
  const response = await env.AUTH.fetch("http://auth/login");
  expect([response.status, await response.text()]).toEqual([202, "auth /login"]);
  expect(await dev.worker("auth").getEnv()).toEqual({});

  await dev.reset();
  expect(await env.KV.get("/a")).toBeNull();
  expect(await env.ROOM.getByName("a").count()).toBe(1);
});

test("ids of Durable Objects are there at once, the same as in the Worker", async () => {
  await using project = await tempProject(files);
  await using dev = await start(project);
  const { ROOM } = await dev.worker("api").getEnv<Env>();
  const id = ROOM.idFromName("a");
  expect([String(id), id.name]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), "a"]);
  expect(id.equals(ROOM.idFromString(String(id)))).toBe(true);
  expect(id.equals(ROOM.idFromName("b"))).toBe(false);
  expect(() => ROOM.idFromString("zz")).toThrow("Invalid Durable Object ID: must be 64 hex digits");
  expect(() => id.equals({} as Id)).toThrow("parameter 1 is not of type 'DurableObjectId'");

  // The object that the Worker's own namespace finds under the name.
  expect(await ROOM.getByName("a").count()).toBe(1);
  expect(await ROOM.get(id).count()).toBe(2);
  expect(await ROOM.get(ROOM.idFromString(String(id))).count()).toBe(3);
  expect(await dev.worker("api").listDurableObjectIds("ROOM")).toEqual([String(id)]);
  const stub = ROOM.get(id);
  expect([String(stub.id), stub.name]).toEqual([String(id), "a"]);
  expect(ROOM.getByName("b").id.equals(ROOM.idFromName("b"))).toBe(true);
  expect(await (await stub.fetch("http://x/path")).text()).toBe("a /path");

  const unique = ROOM.newUniqueId();
  expect(unique.name).toBeUndefined();
  expect(await ROOM.get(unique).count()).toBe(1);
  expect(await ROOM.get(unique).count()).toBe(2);
  const european = ROOM.jurisdiction("eu").idFromName("a");
  expect([european.jurisdiction, european.equals(id)]).toEqual(["eu", false]);
  expect(await ROOM.jurisdiction("eu").get(european).count()).toBe(1);
  expect(await ROOM.get(ROOM.newUniqueId({ jurisdiction: "eu" })).count()).toBe(1);
  expect(() => ROOM.jurisdiction("moon")).toThrow('Unknown jurisdiction "moon"');
});

test("the test plays bindings, and sets others", async () => {
  await using project = await tempProject(files);
  const asked: unknown[] = [];
  const run = (...args: unknown[]) => {
    asked.push(args);
    return { text: "hi" };
  };
  await using dev = await start(project, {
    bindings: { "api:AI": { run }, LIMIT: 3, "auth:MODE": "auth's", "api:MODE": "test" },
  });
  expect(await (await dev.fetch("/ai")).json()).toEqual(["hi", 3, "test", "function"]);
  expect(asked).toEqual([["model", { prompt: "hello" }]]);
  expect(await dev.worker("auth").getEnv()).toEqual({ LIMIT: 3, MODE: "auth's" });
});
