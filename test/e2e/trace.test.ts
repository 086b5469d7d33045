import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { connected, RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* `--trace`: what a request led to, through Workers, objects, resources and sessions. */
const project = {
  "package-lock.json": "{}",
  "api/wrangler.json": config("api", {
    kv_namespaces: [{ binding: "KV", id: "kv" }],
    d1_databases: [{ binding: "DB", database_name: "db", database_id: "db" }],
    queues: { producers: [{ binding: "JOBS", queue: "jobs" }] },
    services: [
      { binding: "AUTH", service: "auth", entrypoint: "Auth" },
      { binding: "USERS", service: "users" },
    ],
    durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
  }),
  "api/src/index.ts": `import { DurableObject, tracing } from "cloudflare:workers";
    export class Counter extends DurableObject {
      async increment() { await this.env.KV.put("seen", "1"); return 1; }
      async count() {
        const n = (await this.ctx.storage.get("n") ?? 0) + 1;
        await this.ctx.storage.put({ n });
        await this.ctx.storage.transaction(async (txn) => {
          await txn.get("n");
          await this.ctx.storage.transaction((inner) => inner.put("m", n));
        });
        this.ctx.storage.kv.put("last", n);
        this.ctx.storage.sql.exec("SELECT 1 AS one").one();
        try { this.ctx.storage.sql.exec("SELECT nope"); } catch {}
        return n;
      }
      loop() { for (let i = 0; i < 1000; i++) this.ctx.storage.kv.get("k" + i); }
    }
    export default {
      async scheduled(controller, env) { await env.KV.put("cron", controller.cron); },
      async fetch(request, env, ctx) {
        const { pathname } = new URL(request.url);
        if (pathname === "/plain") return new Response("plain");
        if (pathname === "/count") return Response.json(await env.COUNTER.getByName("c").count());
        if (pathname === "/loop") { await env.COUNTER.getByName("c").loop(); return new Response("looped"); }
        if (pathname === "/resources") {
          await env.DB.prepare("SELECT ? AS one").bind("secret").all();
          await env.DB.batch([env.DB.prepare("SELECT 2"), env.DB.prepare("SELECT 3")]);
          await env.KV.get(["a", "b"]);
          await env.JOBS.sendBatch([{ body: { secret: 1 } }]);
          return new Response("used");
        }
        if (pathname === "/call") return new Response(await env.AUTH.verify("t"));
        if (pathname === "/work") {
          return tracing.enterSpan("work", async (span) => {
            await env.KV.get("inside");
            await tracing.enterSpan("part", async () => { throw new RangeError("no part"); }).catch(() => {});
            return new Response(String(span.isTraced));
          });
        }
        if (pathname === "/fail") await env.AUTH.fail();
        if (pathname === "/lost") { void env.AUTH.never().catch(() => {}); return new Response("left"); }
        await env.AUTH.verify("t");
        await env.COUNTER.getByName("a").increment();
        await fetch("http://127.0.0.1:1/secret?key=1").catch(() => {});
        ctx.waitUntil((async () => { await env.USERS.fetch("http://users/late"); })());
        return new Response("done", { status: 201 });
      },
    };`,
  "auth/wrangler.json": config("auth", {
    kv_namespaces: [{ binding: "KV", id: "kv" }],
    services: [{ binding: "USERS", service: "users" }],
  }),
  "auth/src/index.ts": `import { WorkerEntrypoint } from "cloudflare:workers";
    export class Auth extends WorkerEntrypoint {
      fail() { throw new RangeError("no such user"); }
      never() { return new Promise(() => {}); }
      async verify(token) {
        await this.env.KV.get("session:" + token);
        return (await this.env.USERS.fetch("http://users/me?x=1")).status;
      }
    }
    export default {};`,
  "users/wrangler.json": config("users"),
  "users/src/index.ts": `export default {
    fetch(request) { return new Response("u", { status: request.url.includes("late") ? 404 : 200 }); },
  };`,
};
const [API, AUTH, USERS] = ["api/wrangler.json", "auth/wrangler.json", "users/wrangler.json"];

/** The lines of the tree that begins with `first`, without times. */
function tree(output: string, first: string): string[] {
  const lines = output.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`[drover:trace] ${first}`));
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !/^[│├└ ]/.test(line));
  return rest
    .slice(0, end === -1 ? undefined : end)
    .map((line) => line.replace(/\s+\+\S+ms\s+\S+ms {2}/, " -> "));
}

/** So many requests within a moment, however slow the machine is: they arrive in one piece. */
async function askAtOnce({ port }: RunningDev, path: string, count: number): Promise<void> {
  const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  const socket = connect(port, "127.0.0.1");
  socket.write(`${`${head}\r\n`.repeat(count - 1)}${head}Connection: close\r\n\r\n`);
  expect((await text(socket)).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(count);
}

const WHOLE = [
  "├─ auth Auth.verify -> ok",
  '│  ├─ kv get "session:t" -> ok',
  "│  └─ users GET /me -> 200",
  "├─ Counter.increment -> ok",
  '│  └─ kv put "seen" -> ok',
  expect.stringMatching(/^├─ fetch GET http:\/\/127\.0\.0\.1:1\/secret -> ✘ \w*Error: /),
  "└─ users GET /late -> 404",
];

test("what is asked of a resource is named by its keys and statements", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev([API, AUTH, USERS], { cwd: files.dir, args: ["--trace"] });
  expect((await dev.fetch("/resources")).status).toBe(200);
  await dev.waitForLine(/└─ queue send/);
  expect(tree(dev.output, "GET /resources of api")).toEqual([
    '├─ d1 query "SELECT ? AS one" -> ok',
    '├─ d1 query "SELECT 2, SELECT 3" -> ok',
    '├─ kv getMany "a, b" -> ok',
    "└─ queue send -> ok",
  ]);
});

test("the calls of a request are a tree, whatever they went through", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev([API, AUTH, USERS], { cwd: files.dir, args: ["--trace"] });
  expect((await dev.fetch("/plain")).status).toBe(200);
  expect((await dev.fetch("/a?b=1")).status).toBe(201);
  await dev.waitForLine(/users GET \/late/);
  const root =
    /^\[drover:trace\] GET \/a of api 201 \(\d[\d.]*ms(, then \d[\d.]*ms of waitUntil)?\)$/m;
  expect(dev.output).toMatch(root);
  expect(tree(dev.output, "GET /a of api")).toEqual(WHOLE);

  expect((await dev.fetch("/fail")).status).toBe(500);
  await dev.waitForLine(/GET \/fail of api ✘ RangeError: no such user/);
  await dev.waitForLine(/└─ auth Auth\.fail .* ✘ RangeError: no such user/);
  await dev.fetch("/lost");
  await dev.waitForLine(/└─ auth Auth\.never .* canceled/);
  await dev.fetch("/cdn-cgi/local/scheduled?cron=x");
  await dev.waitForLine(/\[drover:trace\] scheduled of api ok/);
  await dev.waitForLine(/└─ kv put "cron"/);
  // Its request line says it all.
  expect(dev.output).toContain("GET /plain 200 OK");
  expect(dev.output).not.toContain("[drover:trace] GET /plain");
});

test("what an object does with its storage, and spans of the Worker's own code, are in the tree", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev([API, AUTH, USERS], { cwd: files.dir, args: ["--trace"] });
  await dev.fetch("/count");
  await dev.waitForLine(/\[drover:trace\] GET \/count/);
  await dev.waitForLine(/storage exec "SELECT nope"/);
  expect(tree(dev.output, "GET /count of api")).toEqual([
    "└─ Counter.count -> ok",
    '   ├─ storage get "n" -> ok',
    "   ├─ storage put -> ok",
    "   ├─ storage transaction -> ok",
    '   │  ├─ storage get "n" -> ok',
    "   │  └─ storage transaction -> ok",
    '   │     └─ storage put "m" -> ok',
    '   ├─ storage kv.put "last" -> ok',
    '   ├─ storage exec "SELECT 1 AS one" -> ok',
    expect.stringMatching(/^ {3}└─ storage exec "SELECT nope" -> ✘ Error: no such column: nope/),
  ]);

  expect(await (await dev.fetch("/work")).text()).toBe("true");
  await dev.waitForLine(/span part/);
  expect(tree(dev.output, "GET /work of api")).toEqual([
    "└─ span work -> ok",
    '   ├─ kv get "inside" -> ok',
    "   └─ span part -> ✘ RangeError: no part",
  ]);

  // Of a loop the first operations are recorded, and that there were more is said.
  await dev.fetch("/loop");
  await dev.waitForLine(/… and more, which is not recorded/);
  const lines = tree(dev.output, "GET /loop of api");
  expect(lines[1]).toBe('   ├─ storage kv.get "k0" -> ok');
  expect(lines.slice(-2)).toEqual([
    '   ├─ storage kv.get "k99" -> ok',
    "   └─ storage … and more, which is not recorded -> ok",
  ]);
});

test("other sessions tell what they did, traced themselves or not", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(project);
  const { dir: cwd } = files;
  await using users = await home.dev(USERS, { cwd });
  await using auth = await home.dev(AUTH, { cwd, args: ["--trace"] });
  await connected(auth, "USERS");
  await using api = await home.dev(API, { cwd, args: ["--trace"] });
  await connected(api, "AUTH");
  expect((await api.fetch("/a")).status).toBe(201);
  await api.waitForLine(/users GET \/late/);
  expect(tree(api.output, "GET /a of api")).toEqual(WHOLE);
  // Whoever traces it prints it.
  expect(auth.output).not.toContain("[drover:trace]");
  await api.stop();
  await users.stop();
});

test("as JSON a tree is one line, and all lines have the trace id of the client", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev([API, AUTH, USERS], {
    cwd: files.dir,
    args: ["--trace", "--log-format=json", "--log-dir=logs"],
    waitForReady: false,
  });
  await dev.waitForLine(/"event":"ready"/);
  const { port } = JSON.parse(
    dev.output.split("\n").find((line) => line.includes('"event":"ready"')) ?? "",
  ) as { port: number };
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  await fetch(`http://127.0.0.1:${port}/fail`, { headers });
  await dev.waitForLine(/"type":"trace"/);
  const lines = dev.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const of = (type: string) => lines.filter((line) => line.type === type);
  const [line] = of("trace");
  const call = {
    kind: "rpc",
    worker: "api",
    service: "auth",
    name: "Auth.fail",
    outcome: "exception",
    error: "RangeError: no such user",
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    atMs: expect.any(Number),
    durationMs: expect.any(Number),
    calls: [],
  };
  expect(line).toMatchObject({
    level: "error",
    worker: "api",
    message: "GET /fail of api: exception",
    kind: "request",
    outcome: "exception",
    traceId,
    requestId: of("request")[0]?.requestId,
    calls: [call],
  });
  const said = [...of("exception"), ...of("request"), ...of("trace")];
  expect(said.map(({ worker }) => worker)).toEqual(expect.arrayContaining(["api", "auth"]));
  for (const each of said) expect(each.traceId).toBe(traceId);
  await dev.stop();
  expect(readFileSync(files.path("logs/api.log"), "utf8")).toContain('"type":"trace"');
});

test("of very many requests some are traced, and the others counted", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev([API, AUTH, USERS], { cwd: files.dir, args: ["--trace"] });
  await dev.fetch("/lost");
  await dev.waitForLine(/\[drover:trace\] GET \/lost/);
  await askAtOnce(dev, "/plain", 300);
  await dev.waitForLine(/\[drover:trace\] \d+ more requests of api were not traced/);
});

test("what a request that was passed over leads to begins no tree of its own", async () => {
  await using files = await tempProject(project);
  await using dev = await runDev([API, AUTH, USERS], { cwd: files.dir, args: ["--trace"] });
  await askAtOnce(dev, "/call", 300);
  // Each is told or counted, whenever it ends.
  await eventually(() => {
    const trees = dev.output.match(/\[drover:trace\] GET \/call of api/g) ?? [];
    const counts = [...dev.output.matchAll(/\[drover:trace\] (\d+) more requests of api/g)];
    const counted = counts.reduce((sum, [, count]) => sum + Number(count), 0);
    expect(counted).toBeGreaterThan(0);
    expect(trees.length + counted).toBe(300);
  });
  // All else that is known is told at the end.
  await dev.stop();
  const roots = [...dev.output.matchAll(/\[drover:trace\] (.*?) (?:200|ok)/g)].map(
    ([, name]) => name,
  );
  expect(new Set(roots)).toEqual(new Set(["GET /call of api"]));
  expect(dev.output).not.toMatch(/more requests of (auth|users) were not traced/);
});
