import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/* Behaviour that is no single answer: changes while running, other Workers, faults. */

const config = (name: string, more: object = {}) =>
  JSON.stringify({ name, compatibility_date: "2026-01-01", ...more });

const COUNTER = `let requests = 0;
export default { fetch: (request) => new Response("worker " + ++requests) };`;

const assets = { directory: "./public" };

function counterProject(): Promise<TempProject> {
  return tempProject({
    "wrangler.json": config("app", { main: "index.js", assets }),
    "index.js": COUNTER,
    "public/index.html": "home",
    "public/a.txt": "one",
  });
}

test("saved, new and removed assets count at once, and no Worker is restarted", async () => {
  await using project = await counterProject();
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const textOf = async (path: string) => (await dev.fetch(path)).text();
  expect(await textOf("/count")).toBe("worker 1");
  const before = (await dev.fetch("/a.txt")).headers.get("etag");
  await project.write("public/a.txt", "two");
  // The file itself is asked, not a watcher.
  const after = await dev.fetch("/a.txt");
  expect(await after.text()).toBe("two");
  expect(after.headers.get("etag")).not.toBe(before);

  await project.write("public/new/b.txt", "b");
  await project.write("public/_redirects", "/old /a.txt 301\nbad\n");
  await dev.waitForLine(/✨ Parsed 1 valid redirect rule\.[\s\S]*public\/_redirects:2 \| bad/);
  await dev.waitForLine(/⎔ Local server updated and ready \(assets of app, 3 files\)/);
  expect(await textOf("/new/b.txt")).toBe("b");
  expect((await dev.fetch("/old", { redirect: "manual" })).status).toBe(301);

  await rm(project.path("public/a.txt"));
  expect(await textOf("/a.txt")).toMatch(/^worker/);
  expect(await textOf("/count")).toBe("worker 3");
  expect(dev.output).not.toContain("Reloading");
});

test("a directory that is removed and made again is served without a restart", async () => {
  await using project = await counterProject();
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");
  await rm(project.path("public"), { recursive: true });
  await dev.waitForLine(/assets of app, 0 files/);
  expect(await (await dev.fetch("/a.txt")).text()).toBe("worker 1");
  await mkdir(project.path("public"));
  await project.write("public/again.txt", "again");
  await eventually(async () => expect(await (await dev.fetch("/again.txt")).text()).toBe("again"));
  await project.write("public/later.txt", "later");
  await eventually(async () => expect(await (await dev.fetch("/later.txt")).text()).toBe("later"));
});

test("a file that is too large is named, and everything else is served", async () => {
  await using project = await counterProject();
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  await project.write("public/huge.bin", Buffer.alloc(26 * 1024 * 1024));
  await dev.waitForLine(
    /Asset too large\.\s+Cloudflare Workers supports assets with sizes of up to 25 MiB\. We found a file \S+huge\.bin with a size of 26 MiB\./,
  );
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");
  await project.write("public/.assetsignore", "huge.bin");
  await dev.waitForLine(/assets of app, 2 files/);
});

test.each([
  ["a file that is too large", { "public/x.txt": "" }, /Asset too large\./],
  [
    "an .assetsignore that is no text",
    { "public/.assetsignore": Buffer.from([0x61, 0xff]) },
    /The \.assetsignore file at "\S+\.assetsignore" must be UTF-8 encoded and must not contain null characters\. Save the file as UTF-8 and try again\./,
  ],
])("%s ends the start before anything listens", async (_name, files, text) => {
  await using project = await counterProject();
  for (const [path, contents] of Object.entries(files)) {
    const big = contents === "" ? Buffer.alloc(26 * 1024 * 1024) : contents;
    await project.write(path, big);
  }
  const { code, stderr, stdout } = await runDrover(["dev", "--port", "0"], { cwd: project.dir });
  expect(code).toBe(2);
  expect(stderr).toMatch(text);
  expect(stdout).not.toContain("Ready on");
});

test("100,000 files are served, one more ends the start before anything listens", async () => {
  await using project = await counterProject();
  // With the two that are there already, one file too many.
  const folder = project.path("public/many");
  mkdirSync(folder);
  const at = (number: number) => join(folder, String(number));
  // Names are quickly made, files are not; one file may not have all of them.
  for (let i = 0; i < 99_999; i += 1) {
    const first = i - (i % 50_000);
    if (i === first) writeFileSync(at(i), "");
    else linkSync(at(first), at(i));
  }
  const { code, stderr, stdout } = await runDrover(["dev", "--port", "0"], { cwd: project.dir });
  expect(code).toBe(2);
  const lines = stderr.split("\n").flatMap((line) => line.trim() || []);
  const title = lines.indexOf("✘ [ERROR] Maximum number of assets exceeded.");
  const directory = project.path("public");
  expect(lines.slice(title + 1, title + 3)).toEqual([
    `Cloudflare Workers supports up to 100,000 assets in a version. We found 100,001 files in the specified assets directory "${directory}".`,
    "Ensure your assets directory contains a maximum of 100,000 files, and that you have specified your assets directory correctly.",
  ]);
  expect(stdout).not.toContain("Ready on");
  rmSync(at(1));
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect((await dev.fetch("/many/99998")).headers.get("etag")).toMatch(/^"/);
  // And again while it runs: what could be read last stays.
  linkSync(at(0), at(1));
  await dev.waitForLine(/Maximum number of assets exceeded\.\s+Cloudflare .* 100,001 files/);
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");
}, 120_000);

test("without any config: --assets, or the folder alone", async () => {
  await using project = await tempProject({ "dist/index.html": "home", "dist/x.js": "x" });
  for (const args of [["--assets", "dist"], ["./dist"]]) {
    await using dev = await runDev([], { cwd: project.dir, args });
    expect(await (await dev.fetch("/")).text()).toBe("home");
    expect((await dev.fetch("/x.js")).headers.get("content-type")).toMatch("text/javascript");
    expect((await dev.fetch("/nope")).status).toBe(404);
  }
  const missing = await runDrover(["dev", "--assets", "zzz"], { cwd: project.dir });
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain(
    'The directory specified by the "--assets" command line argument does not exist:',
  );
});

const CALLER = `export default { async fetch(request, env) {
  const url = new URL(request.url);
  const target = env[url.searchParams.get("on")];
  try {
    if (url.pathname === "/rpc") return Response.json(await target.hello());
    const response = await target.fetch("http://x" + url.pathname, { method: request.method });
    return new Response(response.status + " " + await response.text());
  } catch (error) { return new Response(error.name + ": " + error.message); }
} };`;

const CALLEE = `import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  fetch(request) { return new Response("code " + new URL(request.url).pathname); }
  hello() { return "hello"; }
  assets() { return this.env.ASSETS; }
}
export class Named extends WorkerEntrypoint { fetch() { return new Response("named"); } }`;

const workers = {
  "caller/wrangler.json": config("caller", {
    main: "index.js",
    services: [
      { binding: "B", service: "callee" },
      { binding: "N", service: "callee", entrypoint: "Named" },
      { binding: "ONLY", service: "only" },
    ],
  }),
  "caller/index.js": CALLER,
  "callee/wrangler.json": config("callee", {
    main: "index.js",
    assets: { ...assets, binding: "ASSETS" },
  }),
  "callee/index.js": CALLEE,
  "callee/public/a.txt": "asset",
  "callee/public/big.txt": "0123456789".repeat(100_000),
  "only/wrangler.json": config("only", { assets: { ...assets, not_found_handling: "404-page" } }),
  "only/public/a.txt": "only",
  "only/public/404.html": "nothing here",
};

async function expectRouted(ask: (path: string) => Promise<string>): Promise<void> {
  expect(await ask("/a.txt?on=B")).toBe("200 asset");
  expect(await ask("/nope?on=B")).toBe("200 code /nope");
  expect(await ask("/rpc?on=B")).toBe('"hello"');
  expect(await ask("/a.txt?on=N")).toBe("200 named");
  expect(await ask("/a.txt?on=ONLY")).toBe("200 only");
  expect(await ask("/nope?on=ONLY")).toBe("404 nothing here");
  expect(await ask("/rpc?on=ONLY")).toBe(
    'TypeError: The RPC receiver does not implement the method "hello".',
  );
  expect(await ask("/big.txt?on=B")).toBe(`200 ${"0123456789".repeat(100_000)}`);
}

test("a binding without entrypoint passes the router, RPC and named entrypoints do not", async () => {
  await using project = await tempProject(workers);
  const configs = ["caller", "callee", "only"].map((name) => `${name}/wrangler.json`);
  await using dev = await runDev(configs, { cwd: project.dir });
  await expectRouted(async (path) => (await dev.fetch(path)).text());
});

test("the same in another session", async () => {
  await using project = await tempProject(workers);
  await using _callees = await runDev(["callee/wrangler.json", "only/wrangler.json"], {
    cwd: project.dir,
  });
  await using dev = await runDev("caller/wrangler.json", { cwd: project.dir });
  await expectRouted(async (path) => (await dev.fetch(path)).text());
});

test("an assets binding travels to another Worker", async () => {
  await using project = await tempProject({
    ...workers,
    "caller/index.js": `export default { async fetch(request, env) {
      const assets = await env.B.assets();
      const found = await assets.fetch("http://x/a.txt");
      const missing = await assets.fetch("http://x/nope");
      return new Response(await found.text() + " " + missing.status);
    } };`,
  });
  const configs = ["caller", "callee"].map((name) => `${name}/wrangler.json`);
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(await (await dev.fetch("/")).text()).toBe("asset 404");
});

test("a WebSocket to a path without asset is the Worker's, to an asset it is a request", async () => {
  await using project = await tempProject({
    "wrangler.json": config("app", { main: "index.js", assets }),
    "index.js": `export default { fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", ({ data }) => server.send("echo " + data));
      return new Response(null, { status: 101, webSocket: client });
    } };`,
    "public/a.txt": "one",
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const socket = new WebSocket(`ws://127.0.0.1:${dev.port}/ws`);
  const answer = await new Promise((resolve, reject) => {
    socket.on("open", () => socket.send("hi"));
    socket.on("message", (data) => resolve(String(data)));
    socket.on("error", reject);
  });
  expect(answer).toBe("echo hi");
  socket.close();
  const refused = new WebSocket(`ws://127.0.0.1:${dev.port}/a.txt`);
  const status = await new Promise((resolve) => {
    refused.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    refused.on("error", () => {});
  });
  expect(status).toBe(200);
});

test("assets are served while the Worker does not build, and wait for no thread", async () => {
  await using project = await counterProject();
  await project.write("index.js", "export default {");
  await using dev = await runDev("wrangler.json", { cwd: project.dir, waitForReady: false });
  await dev.waitForLine(/Listening on/);
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");
  expect((await dev.fetch("/nope")).status).toBe(500);
});

test("a page for what was not found says in the log why, and in no header", async () => {
  await using project = await tempProject({
    "wrangler.json": config("app", { assets: { ...assets, not_found_handling: "404-page" } }),
    "public/404.html": "nothing here",
    "public/a.txt": "one",
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const { status, headers } = await dev.fetch("/nope");
  expect([status, headers.get("x-mf-additional-response-log")]).toEqual([404, null]);
  await dev.waitForLine(
    /GET \/nope 404 Not Found \(\d+ms\) `Sec-Fetch-Mode: navigate` header present - using `not_found_handling` behavior/,
  );
  await dev.fetch("/a.txt");
  expect((await dev.waitForLine(/GET \/a\.txt .*/))[0]).toMatch(/ms\)$/);
});

test("large assets arrive whole, compressed or not, for fast and slow clients", async () => {
  await using project = await counterProject();
  const text = Array.from({ length: 300_000 }, (_, index) => `line ${index}\n`).join("");
  await project.write("public/big.js", text);
  await project.write("public/big.bin", text);
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  for (const path of ["/big.js", "/big.bin"]) {
    const plain = await dev.fetch(path, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-length")).toBe(String(text.length));
    expect((await plain.text()) === text).toBe(true);
    const coded = await dev.fetch(path, { headers: { "accept-encoding": "br" } });
    expect(coded.headers.get("content-encoding")).toBe(path === "/big.js" ? "br" : null);
    expect((await coded.text()) === text).toBe(true);
  }
  const slow = await dev.fetch("/big.bin");
  const reader = (slow.body as ReadableStream<Uint8Array>).getReader();
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    received += value.byteLength;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(received).toBe(text.length);
  // One that leaves in the middle costs nobody anything.
  const left = await dev.fetch("/big.bin");
  await left.body?.cancel();
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");
});

test("the code of a Pages project among the assets is a warning", async () => {
  await using project = await counterProject();
  await project.write("public/_worker.js", "export default {}");
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(dev.output).toMatch(/\[drover:warn\] public\/_worker\.js is served to everybody/);
  expect((await dev.fetch("/_worker.js")).status).toBe(200);
});

test("a touched file gets another tag, and the same content", async () => {
  await using project = await counterProject();
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const first = (await dev.fetch("/a.txt")).headers.get("etag") ?? "";
  const { atime, mtime } = await stat(project.path("public/a.txt"));
  await utimes(project.path("public/a.txt"), atime, new Date(mtime.getTime() + 1000));
  const second = await dev.fetch("/a.txt", { headers: { "if-none-match": first } });
  expect(second.status).toBe(200);
  expect(second.headers.get("etag")).toMatch(/^"[0-9a-f]{32}"$/);
});

test("a change of the config's assets counts at once", async () => {
  await using project = await counterProject();
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");
  await project.write("other/c.txt", "c");
  const more = { main: "index.js", assets: { directory: "./other", html_handling: "none" } };
  await project.write("wrangler.json", config("app", more));
  await dev.waitForLine(/assets of app, 1 file\)/);
  expect(await (await dev.fetch("/c.txt")).text()).toBe("c");
  expect(await (await dev.fetch("/a.txt")).text()).toMatch(/^worker/);
});

test("--live-reload: pages hear of changes of Workers and assets", async () => {
  await using project = await counterProject();
  await project.write(
    "index.js",
    `const page = { headers: { "content-type": "text/html" } };
    export default { fetch(request) {
      const path = new URL(request.url).pathname;
      if (path === "/stream") return new Response(new Blob(["<p>streamed"]).stream(), page);
      return path === "/page" ? new Response("<p>worker", page) : new Response("plain");
    } };`,
  );
  await using dev = await runDev("wrangler.json", { cwd: project.dir, args: ["--live-reload"] });
  const script = /\n<script defer [\s\S]*"\/cdn-cgi\/live-reload"[\s\S]*<\/script>\n$/;
  for (const [path, start] of [
    ["/page", "<p>worker"],
    ["/stream", "<p>streamed"],
    ["/", "home"],
  ] as const) {
    const text = await (await dev.fetch(path, { headers: { "accept-encoding": "gzip" } })).text();
    expect(text.startsWith(start)).toBe(true);
    expect(text).toMatch(script);
  }
  expect(await (await dev.fetch("/nope")).text()).toBe("plain");
  expect(await (await dev.fetch("/a.txt")).text()).toBe("one");

  const url = `ws://127.0.0.1:${dev.port}/cdn-cgi/live-reload`;
  const socket = new WebSocket(url, "drover-live-reload");
  let heard = 0;
  socket.on("message", () => {
    heard += 1;
  });
  await new Promise((resolve) => socket.on("open", resolve));
  await project.write("public/a.txt", "two");
  await eventually(() => expect(heard).toBeGreaterThan(0));
  const before = heard;
  await project.write("index.js", "export default { fetch: () => new Response('new') };");
  await dev.waitForLine(/updated and ready \(\d+ ms\)/);
  await eventually(() => expect(heard).toBeGreaterThan(before));
  socket.close();
  const refused = new WebSocket(url, "other");
  const status = await new Promise((resolve) => {
    refused.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    refused.on("error", () => {});
  });
  expect(status).toBe(400);
});
