import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { RegistryHome } from "../../e2e/registry-home.ts";
import { bin } from "../../helpers/run-dev.ts";
import { tempProject } from "../../helpers/temp-project.ts";

/*
 * `getPlatformProxy` and `unstable_dev` in programs of their own, beside what wrangler 4.164 answers to the same programs
 * (test/data/platform-proxy.json).
 */
const { proxy, dev } = JSON.parse(
  readFileSync(resolve("test/data/platform-proxy.json"), "utf8"),
) as Record<string, Record<string, unknown>>;

const files = {
  "wrangler.json": JSON.stringify({
    name: "rec",
    main: "src/index.js",
    compatibility_date: "2026-06-01",
    vars: { MODE: "dev", N: 3, OBJ: { a: [1] } },
    kv_namespaces: [{ binding: "KV", id: "kv" }],
    r2_buckets: [{ binding: "B", bucket_name: "buck" }],
    d1_databases: [{ binding: "DB", database_name: "db", database_id: "db" }],
    durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
    services: [{ binding: "HB", service: "hb" }],
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    // Nobody wants it built for its bindings.
    build: { command: "exit 1" },
  }),
  ".dev.vars": "SECRET=s",
  "src/index.js": "this is not JavaScript",
  "dev.json": JSON.stringify({
    name: "rec",
    main: "src/other.js",
    compatibility_date: "2026-06-01",
    vars: { MODE: "dev", N: 3, OBJ: { a: [1] } },
    kv_namespaces: [{ binding: "KV", id: "kv" }],
  }),
  "src/dev.js": `export default { async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/kv") return new Response(await env.KV.get("k"));
    if (url.pathname === "/throw") throw new RangeError("boom");
    console.log("hit", url.pathname);
    return Response.json([env.MODE, request.url, request.headers.get("host")]);
  } };`,
};

const drover = JSON.stringify(resolve("dist/index.js"));

/** Runs it to its end; what it printed as JSON. */
function run(
  cwd: string,
  program: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): { readonly answers: unknown; readonly output: string } {
  const env = { ...process.env, ...variables };
  const script = `${program}
    console.log(JSON.stringify(answers));`;
  const stdout = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd,
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { answers: JSON.parse(stdout.trim().split("\n").at(-1) ?? ""), output: stdout };
}

const helpers = `const answers = {};
  const attempt = async (label, fn) => {
    try { answers[label] = (await fn()) ?? null; } catch (error) { answers[label] = "! " + error.name + ": " + error.message; }
  };`;

test("getPlatformProxy gives the bindings of a config, on the data of dev, without its Worker", async () => {
  await using project = await tempProject(files);
  const { answers } = run(
    project.dir,
    `import { getPlatformProxy, unstable_dev } from ${drover};
    ${helpers}
    const p = await getPlatformProxy({ configPath: "wrangler.json" });
    await attempt("keys", () => Object.keys(p));
    await attempt("env keys", () => Object.keys(p.env).sort());
    await attempt("vars", () => [p.env.MODE, p.env.N, p.env.OBJ, p.env.SECRET]);
    await attempt("cf", () => [typeof p.cf.colo, typeof p.cf.asn, typeof p.cf.tlsClientAuth]);
    await attempt("ctx", () => p.ctx.constructor.name + JSON.stringify(p.ctx));
    await attempt("ctx names", () => Object.getOwnPropertyNames(Object.getPrototypeOf(p.ctx)).sort());
    await attempt("waitUntil", () => p.ctx.waitUntil(Promise.resolve()));
    await attempt("waitUntil detached", () => { const { waitUntil } = p.ctx; return waitUntil(Promise.resolve()); });
    await attempt("passThrough", () => p.ctx.passThroughOnException());
    await attempt("cache", async () => { const c = p.caches.default; return [await c.put("http://a.test/", new Response("x", { headers: { "cache-control": "max-age=60" } })), await c.match("http://a.test/"), await c.delete("http://a.test/")]; });
    await attempt("cache open", async () => typeof (await p.caches.open("x")).match);
    await attempt("kv", async () => { await p.env.KV.put("k", "from-proxy"); return await p.env.KV.get("k"); });
    await attempt("kv list", async () => (await p.env.KV.list()).keys);
    await attempt("kv stream", async () => (await p.env.KV.get("k", "stream")) instanceof ReadableStream);
    await attempt("r2", async () => { const o = await p.env.B.put("o", "x"); const g = await p.env.B.get("o"); return [o.key, await g.text(), g.size, g.httpMetadata]; });
    await attempt("d1", async () => { await p.env.DB.exec("CREATE TABLE IF NOT EXISTS q (x)"); return await p.env.DB.prepare("SELECT ? AS a").bind(1).first(); });
    await attempt("service fetch", async () => (await p.env.HB.fetch("http://hb/")).status);
    await attempt("dispose", () => p.dispose());
    await attempt("no config", () => getPlatformProxy({ configPath: "nope.json" }).catch((error) => { throw new Error(error.message.includes("nope.json")); }));
    await attempt("persist false", async () => { const q = await getPlatformProxy({ configPath: "wrangler.json", persist: false }); const v = await q.env.KV.get("k"); await q.dispose(); return v; });
    await attempt("object", async () => { const q = await getPlatformProxy({ configPath: "wrangler.json", persist: { path: ".wrangler/state/v3" } }); try { return await q.env.ROOM.getByName("a").count(); } finally { await q.dispose(); } });
    await attempt("place", () => getPlatformProxy({ persist: { path: "elsewhere" } }));
    const d = await unstable_dev("src/dev.js", { config: "dev.json" });
    await attempt("what dev reads", async () => (await d.fetch("/kv")).text());
    await d.stop();`,
    { DROVER_REGISTRY: "off" },
  );
  expect(answers).toEqual({
    ...proxy,
    // Its own, and more than wrangler says.
    "no config": "! Error: true",
    object:
      '! Error: Durable Object class "Room" belongs to the Worker itself, which getPlatformProxy() does not run.',
    place:
      '! TypeError: Expected persist.path to end in "v3", as ".wrangler/state/v3" does, but got "elsewhere".',
    "what dev reads": "from-proxy",
  });
});

test("getPlatformProxy of a project that was built gives its assets, which answer for nothing else", async () => {
  const config = (assets: object) =>
    JSON.stringify({
      name: "built",
      main: "dist/_worker.js",
      compatibility_date: "2026-06-01",
      assets,
    });
  await using project = await tempProject({
    "bound.json": config({ directory: "dist", binding: "ASSETS", not_found_handling: "404-page" }),
    "unbound.json": config({ directory: "dist" }),
    "early.json": config({ directory: "not-yet", binding: "ASSETS" }),
    "dist/index.html": "<h1>home</h1>",
    "dist/404.html": "<h1>nothing</h1>",
    "dist/_worker.js": "this is not JavaScript",
    "dist/.assetsignore": "_worker.js",
  });
  const { answers } = run(
    project.dir,
    `import { getPlatformProxy } from ${drover};
    ${helpers}
    for (const name of ["bound", "unbound", "early"]) {
      const p = await getPlatformProxy({ configPath: name + ".json" });
      await attempt(name, async () => [typeof p.cf.colo, (await p.env.ASSETS?.fetch("http://x/")?.then((r) => r.text())) ?? null]);
      await p.dispose();
    }`,
  );
  expect(answers).toEqual({
    bound: ["string", "<h1>home</h1>"],
    unbound: ["string", null],
    early: ["string", null],
  });
});

test("service bindings of getPlatformProxy reach Workers of running sessions, which do not see it", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...files,
    "hb/wrangler.json": JSON.stringify({
      name: "hb",
      main: "i.js",
      compatibility_date: "2026-06-01",
    }),
    "hb/i.js": `export default { fetch: () => new Response("from hb"), hello: (name) => "hello " + name };`,
  });
  await using _hb = await home.dev("hb/wrangler.json", { cwd: project.dir });
  const { answers } = run(
    project.dir,
    `import { execFileSync } from "node:child_process";
    import { getPlatformProxy } from ${drover};
    ${helpers}
    const p = await getPlatformProxy();
    await attempt("fetch", async () => (await p.env.HB.fetch("http://hb/")).text());
    await attempt("rpc", () => p.env.HB.hello("Ada"));
    const names = execFileSync(process.execPath, [${JSON.stringify(bin)}, "registry", "--json"], { encoding: "utf8" });
    await attempt("seen", () => JSON.parse(names).workers.map(({ name }) => name));
    await p.dispose();`,
    home.env,
  );
  expect(answers).toEqual({ fetch: "from hb", rpc: "hello Ada", seen: ["hb"] });
});

test("unstable_dev runs a script with a config, and ends", async () => {
  await using project = await tempProject(files);
  const { answers, output } = run(
    project.dir,
    `import { unstable_dev } from ${drover};
    ${helpers}
    const d = await unstable_dev("src/dev.js", { config: "dev.json", vars: { MODE: "ud" }, persist: false, experimental: { disableExperimentalWarning: true } });
    await attempt("keys", () => Object.keys(d).sort());
    await attempt("place", () => [typeof d.port, d.address]);
    await attempt("fetch", async () => (await d.fetch("/")).json());
    await attempt("fetch nothing", async () => (await d.fetch()).json());
    await attempt("fetch absolute", async () => (await d.fetch("http://other.test/x?y")).json());
    await attempt("throw", async () => (await d.fetch("/throw")).status);
    const exit = d.waitUntilExit();
    await attempt("stop", () => d.stop());
    await attempt("exit", () => exit);
    await attempt("no script", () => unstable_dev("src/nope.js", { config: "dev.json" }).catch((error) => { throw new Error(error.message.match(/The entry-point file at .*? was not found\\./)?.[0]); }));`,
  );
  expect(answers).toEqual({ ...dev });
  expect(output).toContain("hit /x\n");
});
