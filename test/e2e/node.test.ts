import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/* What a Worker sees of Node, through a real bundle (spec/node.md). */

test("a Durable Object keeps its /tmp between calls, and shares it with no other", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "boxes",
      main: "index.js",
      compatibility_date: "2026-11-17",
      durable_objects: { bindings: [{ name: "BOX", class_name: "Box" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Box"] }],
    }),
    "index.js": `import { DurableObject } from "cloudflare:workers";
      import { readdirSync, writeFileSync } from "node:fs";
      export class Box extends DurableObject {
        put(name) { writeFileSync("/tmp/" + name, "x"); return readdirSync("/tmp"); }
      }
      export default { async fetch(request, env) {
        const [a, b] = ["a", "b"].map((name) => env.BOX.get(env.BOX.idFromName(name)));
        return Response.json([await a.put("one"), await b.put("other"), await a.put("two")]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const put = async (): Promise<unknown> => (await dev.fetch("/")).json();
  expect(await put()).toEqual([["one"], ["other"], ["one", "two"]]);
  expect(await put()).toEqual([["one", "two"], ["other"], ["one", "two"]]);
});

test("/bundle holds the Worker and its modules, read-only, and nothing of the machine", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "files",
      main: "index.ts",
      compatibility_date: "2026-11-17",
    }),
    "note.txt": "a note",
    "index.ts": `import fs from "node:fs";
      import note from "./note.txt";
      const told = (run: () => unknown) => { try { return run(); } catch (error) { return (error as Error).message; } };
      export default { fetch() {
        const [name] = fs.globSync("*-note.txt", { cwd: "/bundle" }) as string[];
        return Response.json([
          fs.readFileSync("index.js", "utf8").includes("a note that is in the source"),
          fs.readFileSync(String(name), "utf8") === note,
          told(() => fs.writeFileSync("/bundle/index.js", "")),
          told(() => fs.readFileSync("/etc/passwd")),
          fs.readdirSync("/"),
        ]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    true,
    true,
    "operation not permitted",
    "no such file or directory, readAll '/etc/passwd'",
    ["bundle", "tmp", "dev"],
  ]);
});

test("what a date lacks is emulated, as wrangler's bundles have it", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "old",
      main: "index.js",
      compatibility_date: "2025-06-01",
      compatibility_flags: ["nodejs_compat"],
      vars: { NAME: "value" },
    }),
    "index.js": `import fs from "node:fs"; import tty from "tty"; import os from "node:os";
      import { isMainThread } from "worker_threads"; import { PerformanceObserver } from "node:perf_hooks";
      import { Agent } from "http"; import { spawn } from "child_process";
      const told = (run) => { try { return run(); } catch (error) { return error.message; } };
      export default { fetch() {
        return Response.json([
          told(() => fs.mkdirSync("/x")), told(() => spawn("ls")), process.cwd(), process.version, tty.isatty(1), os.cpus().length,
          isMainThread, typeof PerformanceObserver, typeof Agent, process.env.NAME, process.platform, typeof performance.mark,
        ]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    "[unenv] fs.mkdirSync is not implemented yet!",
    "[unenv] child_process.spawn is not implemented yet!",
    "/",
    "v22.14.0",
    false,
    8,
    true,
    "function",
    "function",
    "value",
    "linux",
    "function",
  ]);
});

test("from the date of its own process on, a Worker lives in /bundle", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "newer",
      main: "index.js",
      compatibility_date: "2026-02-19",
      compatibility_flags: ["nodejs_compat"],
    }),
    "index.js": `export default { fetch: () => new Response(process.cwd()) };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).text()).toBe("/bundle");
});

test("the store of an AsyncLocalStorage comes along to fetch, net and the HTTP client", async () => {
  const server = createServer((_request, response) => response.end("answer"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "stores",
      main: "index.js",
      compatibility_date: "2026-11-17",
      vars: { PORT: String(port) },
    }),
    "index.js": `import { AsyncLocalStorage } from "node:async_hooks";
      import http from "node:http"; import net from "node:net";
      const store = new AsyncLocalStorage();
      const seen = () => store.getStore();
      const byFetch = async (url) => { await (await fetch(url)).text(); return [seen()]; };
      const byHttp = (url) => new Promise((resolve, reject) => {
        http.get(url, (response) => {
          const stores = [seen()];
          response.on("data", () => stores.push(seen())).on("end", () => resolve([...stores, seen()]));
        }).on("error", reject);
      });
      const byNet = (port) => new Promise((resolve, reject) => {
        const stores = [];
        const socket = net.connect(port, "127.0.0.1", () => {
          stores.push(seen());
          socket.write("GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n");
        });
        socket.once("data", () => stores.push(seen())).on("error", reject).on("close", () => resolve([...stores, seen()]));
      });
      export default { async fetch(request, { PORT }) {
        const url = "http://127.0.0.1:" + PORT + "/";
        const run = (name, way, to) => store.run(name, () => way(to));
        return Response.json(await Promise.all([run("a", byFetch, url), run("b", byHttp, url), run("c", byNet, PORT)]));
      } };`,
  });
  try {
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    expect(await (await dev.fetch("/")).json()).toEqual([["a"], ["b", "b", "b"], ["c", "c", "c"]]);
  } finally {
    server.close();
  }
});

test("all code of a bundle shares a module's default export; built-ins win over packages and browser maps", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "shared",
      main: "index.js",
      compatibility_date: "2026-11-17",
    }),
    "node_modules/events/index.js": `export default "a package named events";`,
    "node_modules/dep/package.json": `{ "browser": { "fs": false, "path": "./path.js" } }`,
    "node_modules/dep/path.js": `module.exports = "own path";`,
    "node_modules/dep/index.js": `exports.fs = require("fs"); exports.path = require("node:path");
      exports.dynamic = () => { const r = require; return r("fs"); };`,
    "index.js": `import fs from "fs"; import events from "events"; import dep from "dep";
      const told = (run) => { try { return run(); } catch (error) { return error.message; } };
      dep.fs.existsSync = () => "patched";
      export default { async fetch() {
        return Response.json([dep.fs === fs, dep.fs === (await import("node:fs")).default, fs.existsSync("/"), typeof events,
          dep.path.join("a", "b"), told(dep.dynamic), typeof __dirname]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    true,
    true,
    "patched",
    "function",
    "a/b",
    'Dynamic require of "fs" is not supported',
    "undefined",
  ]);
});

test("without Node compatibility node: modules warn with their importers, and the start fails", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "plain",
      main: "index.js",
      compatibility_date: "2026-08-03",
    }),
    "index.js": `import fs from "node:fs"; export default { fetch: () => new Response(typeof fs) };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir, waitForReady: false });
  await dev.waitForLine(
    /The package "node:fs" wasn't found on the file system but is built into node\./,
  );
  await dev.waitForLine(/Imported from:\s+- index\.js/);
  await dev.waitForLine(/No such module "node:fs"\./);
});

/* What Nitro's preset cloudflare_module makes of a project that asks for no Node compatibility. Asked of wrangler 4.164. */
test("node:timers has immediates where they are no globals", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "nitro",
      main: "index.js",
      compatibility_date: "2026-11-16",
      compatibility_flags: ["no_nodejs_compat_v2"],
    }),
    "index.js": `import timers from "node:timers";
      import { setImmediate as later } from "node:timers/promises";
      export default { async fetch() {
        const cleared = timers.setImmediate(() => { throw new Error("cleared"); });
        timers.clearImmediate(cleared);
        const value = await new Promise((resolve) => timers.setImmediate(resolve, "value"));
        return Response.json([
          typeof setImmediate, typeof clearImmediate, cleared.constructor.name, value, await later("later"),
        ]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    ...["undefined", "undefined", "Immediate", "value", "later"],
  ]);
});
