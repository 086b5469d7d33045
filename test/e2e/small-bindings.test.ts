import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/*
 * Bindings of spec/resources.md 10, 12 and 14 at the boundary. What single calls give is in
 * test/state/workers/src/small.js, beside wrangler's answers.
 */
const config = (name: string, bindings: object): string =>
  JSON.stringify({ name, main: "index.js", compatibility_date: "2026-06-01", ...bindings });

const outcome = `const outcome = (run) => Promise.resolve().then(run).then((value) => value, (error) => error.message);`;

describe("what needs Cloudflare's network", () => {
  const bindings = {
    ai: { binding: "AI" },
    vectorize: [{ binding: "VEC", index_name: "v" }],
    browser: { binding: "BROWSER" },
    mtls_certificates: [{ binding: "CERT", certificate_id: "c" }],
    dispatch_namespaces: [{ binding: "DISPATCH", namespace: "n" }],
    kv_namespaces: [{ binding: "KV", id: "k", remote: true }],
  };
  const worker = `${outcome}
    export default { async fetch(request, env) {
      await env.KV.put("k", "stored here");
      return Response.json([
        await outcome(() => env.AI.run("model", { prompt: "x" })),
        await outcome(() => env.AI.gateway("g").getUrl("openai")),
        await outcome(() => env.VEC.query([1, 2])),
        await outcome(() => env.BROWSER.fetch("https://example.com/")),
        await outcome(() => env.CERT.fetch("https://example.com/")),
        await outcome(() => env.DISPATCH.get("worker").fetch("https://example.com/")),
        await env.KV.get("k"),
        [env.AI.constructor.name, env.VEC.constructor.name, typeof env.AI.run, String(await outcome(() => env.AI) === env.AI)],
      ]);
    } }`;

  test("starts, is shown as not supported, and fails with wrangler's text when it is used", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", bindings),
      "index.js": worker,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(await (await dev.fetch("/")).json()).toEqual([
      "Binding AI needs to be run remotely",
      "Binding AI needs to be run remotely",
      "Binding VEC needs to be run remotely",
      "Binding BROWSER needs to be run remotely",
      "Binding CERT needs to be run remotely",
      "Binding DISPATCH needs to be run remotely",
      "stored here",
      ["Ai", "VectorizeIndexImpl", "function", "true"],
    ]);
    for (const row of [
      /env\.AI +AI +not supported\n/,
      /env\.VEC \(v\) +Vectorize Index +not supported\n/,
      /env\.DISPATCH \(n\) +Dispatch Namespace +not supported\n/,
      /env\.KV \(k\) +KV Namespace +local\n/,
    ]) {
      expect(dev.output).toMatch(row);
    }
    expect(dev.output).toContain("AI needs Cloudflare's network");
    expect(dev.output).toContain("Remote bindings are not supported: the local store is used.");
  });

  test("is refused by --strict", async () => {
    await using project = await tempProject({
      "wrangler.json": config("a", { ai: { binding: "AI" } }),
      "index.js": worker,
    });
    await using dev = await runDev("wrangler.json", {
      cwd: project.dir,
      args: ["--strict"],
      waitForReady: false,
    });
    expect((await dev.exited).code).toBe(2);
    expect(dev.output).toContain("ai (AI): AI needs Cloudflare's network");
  });
});

test("with --log-level debug the start says where data lies", async () => {
  await using project = await tempProject({
    "wrangler.json": config("a", {
      kv_namespaces: [{ binding: "KV", id: "kv-id-1" }],
      secrets_store_secrets: [{ binding: "SECRET", store_id: "s", secret_name: "n" }],
      analytics_engine_datasets: [{ binding: "AE" }],
    }),
    "index.js": 'export default { fetch: () => new Response("x") }',
  });
  await using dev = await runDev("wrangler.json", {
    cwd: project.dir,
    args: ["--log-level", "debug"],
  });
  const root = ".wrangler/state/v3";
  // The name of spec/resources.md 2.2.
  const file = "71d455f3a96bd01da5b82e52d26a44c158d7068052cd8113390c308e4af7da67.sqlite";
  expect(dev.output).toContain(`env.KV: ${root}/kv/miniflare-KVNamespaceObject/${file}\n`);
  expect(dev.output).toMatch(/env\.SECRET: \.wrangler\/state\/v3\/secrets-store\/\S+\.sqlite\n/);
  expect(dev.output).toContain(`env.AE: ${root}/analytics-engine/AE.sqlite\n`);
});

test("rate limits of one namespace are shared by Workers, and kept over restarts", async () => {
  const limit = (namespace: string) => ({
    ratelimits: [{ name: "LIMIT", namespace_id: namespace, simple: { limit: 3, period: 60 } }],
  });
  const worker = `export default { async fetch(request, env) {
    return Response.json((await env.LIMIT.limit({ key: new URL(request.url).pathname })).success);
  } }`;
  await using project = await tempProject({
    "a/wrangler.json": config("a", limit("1")),
    "a/index.js": worker,
    "b/wrangler.json": config("b", limit("1")),
    "b/index.js": worker,
    "c/wrangler.json": config("c", limit("2")),
    "c/index.js": worker,
  });
  const configs = ["a/wrangler.json", "b/wrangler.json", "c/wrangler.json"];
  const key = `/${Math.floor(Date.now() / 60_000)}`;
  const answers: unknown[] = [];
  {
    await using dev = await runDev(configs, { cwd: project.dir });
    for (const worker of ["a", "b"]) answers.push(await (await dev.fetch(key, { worker })).json());
    expect(await (await dev.fetch(key, { worker: "c" })).json()).toBe(true);
  }
  await using dev = await runDev(configs, { cwd: project.dir });
  for (const worker of ["a", "b", "a"]) {
    answers.push(await (await dev.fetch(key, { worker })).json());
  }
  const isSameWindow = key === `/${Math.floor(Date.now() / 60_000)}`;
  // With the turn of a minute between two calls there are up to two more.
  expect(isSameWindow ? [3] : [3, 4, 5]).toContain(answers.filter(Boolean).length);
  expect(readdirSync(join(project.dir, "a/.wrangler/state/v3/ratelimit"))).toEqual([
    "miniflare-RateLimiterObject",
  ]);
});

test("data points of Analytics Engine are rows of a table, and what production refuses is said", async () => {
  await using project = await tempProject({
    "wrangler.json": config("a", {
      analytics_engine_datasets: [{ binding: "AE", dataset: "page views" }],
    }),
    "index.js": `export default { async fetch(request, env) {
      env.AE.writeDataPoint({ indexes: ["i"], blobs: ["a", null, "c"], doubles: [1.5, 2] });
      env.AE.writeDataPoint({ indexes: ["i", "j"], blobs: Array(21).fill("b") });
      env.AE.writeDataPoint();
      return new Response("written");
    } }`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  await dev.fetch("/");
  await dev.waitForLine(/Maximum of 1 indexes supported\. Production throws a TypeError\./);
  await dev.waitForLine(/Maximum of 20 blobs supported\./);
  const file = join(project.dir, ".wrangler/state/v3/analytics-engine/page views.sqlite");
  await expect.poll(() => existsSync(file)).toBe(true);
  const database = openDatabase(file);
  try {
    const rows = () =>
      database
        .prepare('SELECT index1, blob1, blob2, blob3, blob20, double1, double3 FROM "page views"')
        .all();
    await expect.poll(() => rows().length).toBe(3);
    expect(rows()).toEqual([
      ["i", "a", "", "c", "", 1.5, 0],
      ["i", "b", "b", "b", "b", 0, 0],
      ["", "", "", "", "", 0, 0],
    ]);
  } finally {
    database.close();
  }
});

describe("Hyperdrive", () => {
  const worker = `import { connect } from "cloudflare:sockets";
    const talk = async (socket) => {
      const writer = socket.writable.getWriter();
      await writer.write(new TextEncoder().encode("ping"));
      const { value } = await socket.readable.getReader().read();
      await socket.close();
      return new TextDecoder().decode(value);
    };
    export default { async fetch(request, { HD }) {
      const url = new URL(HD.connectionString);
      return Response.json([
        await talk(HD.connect()),
        await talk(connect({ hostname: HD.host, port: HD.port })),
        await talk(connect(HD.ip + ":" + HD.port)),
        [url.protocol, url.hostname === HD.host, url.port, decodeURIComponent(url.username), url.pathname, url.search],
        [HD.user, HD.password, HD.database],
      ]);
    } }`;

  test("leads to the local database by every name that it gives", async () => {
    const database = createServer((socket) => {
      socket.on("data", (data) => socket.end(`${data} pong`));
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => database.listen(0, "127.0.0.1", resolve));
    const { port } = database.address() as { port: number };
    try {
      await using project = await tempProject({
        "wrangler.json": config("a", { hyperdrive: [{ binding: "HD", id: "h" }] }),
        "index.js": worker,
      });
      await using dev = await runDev("wrangler.json", {
        cwd: project.dir,
        env: {
          CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HD: `postgresql://me%40home:p%2Fw@127.0.0.1:${port}/db`,
        },
      });
      expect(await (await dev.fetch("/")).json()).toEqual([
        "ping pong",
        "ping pong",
        "ping pong",
        ["postgres:", true, "5432", "me@home", "/db", "?sslmode=disable"],
        ["me@home", "p/w", "db"],
      ]);
    } finally {
      database.close();
    }
  });
});
