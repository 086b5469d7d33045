import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { stepsQueue } from "./workers.ts";

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  ...stepsQueue(1),
};

/** Sends its path; the consumer waits for GET /go. */
const WORKER = `
const go = Promise.withResolvers();
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/go") { go.resolve(); return new Response("gone"); }
    try {
      await env.Q.send(pathname + (pathname === "/large" ? "x".repeat(100_000) : ""));
      return new Response("sent");
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
  async queue({ messages: [message] }) {
    console.log("begins: " + message.body);
    await go.promise;
    console.log("handled: " + message.body);
  },
};`;

test("a full disk fails the one send, and a batch that was handled is not delivered again", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(CONFIG),
    "index.js": WORKER,
  });
  const disk = await smallDisk(join(project.dir, "state"), 512);
  try {
    await using dev = await runDev("wrangler.json", {
      cwd: project.dir,
      args: ["--persist-to", "state"],
    });
    const get = async (path: string) => (await dev.fetch(path)).text();
    expect(await get("/first")).toBe("sent");
    await dev.waitForLine(/begins: \/first/);
    disk.fill();
    expect(await get("/large")).toMatch(/database or disk is full: SQLITE_FULL \(.*\.sqlite\)$/);
    // The row of what is handled now cannot be deleted.
    await get("/go");
    await dev.waitForLine(/Queue "steps": database or disk is full: SQLITE_FULL \(.*\.sqlite\)/);
    expect(await get("/large")).toContain("SQLITE_FULL");
    disk.free();
    expect(await get("/second")).toBe("sent");
    await dev.waitForLine(/handled: \/second/);
    await eventually(async () => expect(dev.output.match(/QUEUE steps 1\/1/g)).toHaveLength(2));
    expect(dev.output.match(/handled: \/first/g)).toHaveLength(1);
    expect(dev.output.match(/disk is full/g)).toHaveLength(1);
  } finally {
    await disk[Symbol.asyncDispose]();
  }
});
