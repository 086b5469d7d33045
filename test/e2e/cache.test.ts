import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { storePaths } from "../../src/storage/state-folder.ts";
import { runDev } from "../helpers/run-dev.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { tempProject } from "../helpers/temp-project.ts";

/*
 * The Cache API across Workers, reloads, sessions and faults. What single calls give is in
 * test/state/workers/src/cache*.js, beside wrangler's answers.
 */
const config = (name: string): string =>
  JSON.stringify({ name, main: "index.js", compatibility_date: "2026-06-01" });

/** `?max-age=..` puts the body of a POST, GET reads, DELETE deletes; all with the path as key. */
const WORKER = `const shown = (error) => new Response(error.message, { status: 500 });
export default { async fetch(request) {
  const { pathname, searchParams } = new URL(request.url);
  const key = "https://cache.example" + pathname;
  try {
    if (request.method === "DELETE") return Response.json(await caches.default.delete(key));
    if (request.method === "POST") {
      const headers = { "cache-control": "max-age=" + searchParams.get("max-age") };
      const coding = searchParams.get("coding");
      if (coding) headers["content-encoding"] = coding;
      await caches.default.put(key, new Response(request.body, { headers }));
      return new Response("put");
    }
    const hit = await caches.default.match(new Request(key, { headers: request.headers }));
    if (searchParams.has("read")) return new Response((await hit.text()).slice(0, 20));
    return hit ?? new Response("miss");
  } catch (error) {
    return shown(error);
  }
} }`;

const post = (body: string | Uint8Array) => ({ method: "POST", body }) as const;

describe("the Cache API", () => {
  test("is one store for all Workers of a session, over reloads and restarts", async () => {
    await using project = await tempProject({
      "a/wrangler.json": config("a"),
      "a/index.js": WORKER,
      "b/wrangler.json": config("b"),
      "b/index.js": WORKER,
    });
    const configs = ["a/wrangler.json", "b/wrangler.json"];
    {
      await using dev = await runDev(configs, { cwd: project.dir });
      expect(existsSync(join(project.dir, "a/.wrangler"))).toBe(false);
      await dev.fetch("/k?max-age=60", post("kept"));
      expect(await (await dev.fetch("/k", { worker: "b" })).text()).toBe("kept");
      dev.mark();
      await project.write("a/index.js", WORKER.replace('"miss"', '"none"'));
      await dev.waitForLine(/Local server updated and ready/);
      expect(await (await dev.fetch("/k")).text()).toBe("kept");
      expect(await (await dev.fetch("/other")).text()).toBe("none");
    }
    await using dev = await runDev(configs, { cwd: project.dir });
    const hit = await dev.fetch("/k");
    expect([hit.headers.get("cf-cache-status"), await hit.text()]).toEqual(["HIT", "kept"]);
    expect(await (await dev.fetch("/k", { method: "DELETE" })).json()).toBe(true);
    expect(await (await dev.fetch("/k", { method: "DELETE" })).json()).toBe(false);
    expect(readdirSync(join(project.dir, "a/.wrangler/state/v3"))).toEqual(["cache"]);
  });

  test("forgets a response when its time is over", async () => {
    await using project = await tempProject({ "wrangler.json": config("a"), "index.js": WORKER });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    const blobs = (): string[] =>
      readdirSync(join(project.dir, ".wrangler/state/v3/cache/default/blobs"));
    const get = async (path: string) => (await dev.fetch(path)).text();
    await dev.fetch("/long?max-age=600", post("long"));
    // Its second may be over before it is asked for, on a slow machine: the file tells that it was kept.
    await dev.fetch("/k?max-age=1", post("short"));
    expect(blobs()).toHaveLength(2);
    await expect.poll(() => get("/k")).toBe("miss");
    await expect.poll(blobs).toHaveLength(1);
    expect(await get("/long")).toBe("long");
  });

  test("keeps large bodies as they are, and encoded ones are read decoded", async () => {
    await using project = await tempProject({ "wrangler.json": config("a"), "index.js": WORKER });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    const large = new Uint8Array(20_000_000).fill(7);
    await dev.fetch("/large?max-age=60", post(large));
    const whole = new Uint8Array(await (await dev.fetch("/large")).arrayBuffer());
    expect(Buffer.compare(whole, large)).toBe(0);
    const part = await dev.fetch("/large", { headers: { range: "bytes=19999990-" } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 10]);
    await dev.fetch("/coded?max-age=60&coding=gzip", post("text in gzip"));
    expect(await (await dev.fetch("/coded?read")).text()).toBe("text in gzip");
    const passed = await dev.fetch("/coded", { headers: { "accept-encoding": "gzip" } });
    expect(await passed.text()).toBe("text in gzip");
  });

  test("fails the one call with the path, for a corrupt file and a full disk; the session lives", async () => {
    await using project = await tempProject({ "wrangler.json": config("a"), "index.js": WORKER });
    const disk = await smallDisk(join(project.dir, "state"), 512);
    try {
      const file = storePaths(join(disk.dir, "v3"), "cache", "default").database;
      await project.write(file.slice(project.dir.length + 1), "no database, but long enough");
      await using dev = await runDev("wrangler.json", {
        cwd: project.dir,
        args: ["--persist-to", "state"],
      });
      expect(await (await dev.fetch("/k")).text()).toBe(
        `Cache match failed: file is not a database: SQLITE_NOTADB (${file})`,
      );
      rmSync(file);
      await dev.fetch("/k?max-age=60", post("before"));
      disk.fill();
      const full = await dev.fetch("/new?max-age=60", post(new Uint8Array(100_000)));
      const text = await full.text();
      expect([full.status, text]).toEqual([500, expect.stringContaining(disk.dir)]);
      expect(text).toMatch(/^Cache put failed: (?:ENOSPC|.*SQLITE_FULL)/);
      expect(await (await dev.fetch("/k")).text()).toBe("before");
      disk.free();
      await dev.fetch("/new?max-age=60", post("after"));
      expect(await (await dev.fetch("/new")).text()).toBe("after");
      rmSync(join(disk.dir, "v3"), { recursive: true });
      await expect.poll(async () => (await dev.fetch("/new")).text()).toBe("miss");
    } finally {
      await disk[Symbol.asyncDispose]();
    }
  });
});
