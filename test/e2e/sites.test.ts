import { describe, expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/* Workers Sites (spec/assets.md 19): `site` of the config, and --site. */
const WORKER = `import manifest from "__STATIC_CONTENT_MANIFEST";
const outcome = (promise) => promise.then((value) => value ?? null, (error) => error.message);
export default { async fetch(request, env) {
  const KV = env.__STATIC_CONTENT;
  const keys = JSON.parse(manifest);
  const { pathname } = new URL(request.url);
  if (pathname !== "/") return new Response(await KV.get(keys[pathname.slice(1)], "stream"));
  const { keys: listed, list_complete } = await KV.list();
  return Response.json({
    keys,
    listed: [listed.map(({ name }) => name), list_complete],
    byKey: await KV.get(keys["img/a b.svg"]),
    byPath: await KV.get("index.html"),
    other: await KV.get("secret.txt"),
    outside: await KV.get("../wrangler.json"),
    missing: await KV.getWithMetadata("nope"),
    many: [...(await KV.get(["index.html", "nope"]))],
    put: await outcome(KV.put("index.html", "x")),
    delete: await outcome(KV.delete("index.html")),
    shape: KV.constructor.name,
  });
} }`;

const FILES = {
  "index.js": WORKER,
  "public/index.html": "<p>index",
  "public/img/a b.svg": "<svg>",
  "public/secret.txt": "no",
};
const config = (site?: object): string =>
  JSON.stringify({
    name: "a",
    main: "index.js",
    compatibility_date: "2026-06-01",
    ...(site && { site }),
  });

const KEYS = {
  "img/a b.svg": "$__MINIFLARE_SITES__$/img%2Fa%20b.svg",
  "index.html": "$__MINIFLARE_SITES__$/index.html",
};
const ANSWER = {
  keys: KEYS,
  listed: [["$__MINIFLARE_SITES__$/img%2Fa%20b.svg", "$__MINIFLARE_SITES__$/index.html"], true],
  byKey: "<svg>",
  byPath: "<p>index",
  other: null,
  outside: null,
  missing: { value: null, metadata: null, cacheStatus: null },
  many: [
    ["index.html", "<p>index"],
    ["nope", null],
  ],
  put: "KV PUT failed: 405 Cannot put() with Workers Sites namespace",
  delete: "KV DELETE failed: 405 Cannot delete() with Workers Sites namespace",
  shape: "KvNamespace",
};

describe("Workers Sites", () => {
  test("are served from the bucket of the config, without what is excluded", async () => {
    await using project = await tempProject({
      "wrangler.json": config({ bucket: "./public", exclude: ["*.txt"] }),
      ...FILES,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(await (await dev.fetch("/")).json()).toEqual(ANSWER);
    expect(await (await dev.fetch("/index.html")).text()).toBe("<p>index");
    expect(dev.output).not.toMatch(/__STATIC_CONTENT|not served/);
    dev.mark();
    await project.write("public/new.html", "<p>new");
    await project.write("index.js", `${WORKER} // saved`);
    await dev.waitForLine(/Local server updated and ready/);
    expect(await (await dev.fetch("/new.html")).text()).toBe("<p>new");
  });

  test("are served from the folder of --site, with what is included only", async () => {
    await using project = await tempProject({ "wrangler.json": config(), ...FILES });
    await using dev = await runDev("wrangler.json", {
      cwd: project.dir,
      args: ["--site", "public", "--site-include", "*.html", "--site-include", "img"],
    });
    expect(await (await dev.fetch("/")).json()).toEqual(ANSWER);
  });

  test("start from workers-site without main, have globals in service-worker format, and edits show through a cache", async () => {
    const script = `addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
async function answer({ url }) {
  const { origin, pathname } = new URL(url);
  const key = JSON.parse(__STATIC_CONTENT_MANIFEST)[pathname.slice(1)];
  const cached = await caches.default.match(origin + "/" + key);
  if (cached) return cached;
  const response = new Response(await __STATIC_CONTENT.get(key), { headers: { "cache-control": "max-age=100" } });
  await caches.default.put(origin + "/" + key, response.clone());
  return response;
}`;
    await using project = await tempProject({
      "wrangler.json": JSON.stringify({
        name: "a",
        compatibility_date: "2022-05-03",
        site: { bucket: "./public" },
      }),
      "workers-site/index.js": script,
      "public/a.css": "one",
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(dev.output).toContain(
      'we\'re defaulting to "workers-site" for the deprecated `site.entry-point` field.',
    );
    expect(await (await dev.fetch("/a.css")).text()).toBe("one");
    await project.write("public/a.css", "two");
    expect(await (await dev.fetch("/a.css")).text()).toBe("two");
  });

  test.each([
    ["workers-site", "workers-site/index.js"],
    ["worker/main.js", "worker/main.js"],
  ])("start from site.entry-point: %s", async (entry, main) => {
    await using project = await tempProject({
      "wrangler.toml": `name = "a"\ncompatibility_date = "2022-05-03"\n[site]\nbucket = "."\nentry-point = "${entry}"\n`,
      [main]: "addEventListener('fetch', (event) => event.respondWith(new Response('hello')));",
    });
    await using dev = await runDev("wrangler.toml", { cwd: project.dir });
    expect(await (await dev.fetch("/")).text()).toBe("hello");
    expect(dev.output).toContain('Deprecation: "site.entry-point":');
    expect(dev.output).toContain(`main = "${main}"`);
  });

  test("have one script", async () => {
    await using project = await tempProject({
      "wrangler.json": config({ bucket: "./public", "entry-point": "workers-site" }),
      ...FILES,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir, waitForReady: false });
    expect((await dev.exited).code).toBe(2);
    expect(dev.output).toContain("Don't define both the `main` and `site.entry-point` fields");
  });

  test("need a bucket", async () => {
    await using project = await tempProject({ "wrangler.json": config({}), ...FILES });
    await using dev = await runDev("wrangler.json", { cwd: project.dir, waitForReady: false });
    expect((await dev.exited).code).toBe(2);
    expect(dev.output).toContain('"site.bucket" is a required field.');
  });
});
