import { renameSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { allGone, descendants } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { stepsQueue } from "./workers.ts";

/*
 * One queue, one state folder, two sessions that consume it: one of them delivers, the other takes over
 * when that ends. Without a registry: neither knows of the other but by the folder.
 */

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  ...stepsQueue(4),
  kv_namespaces: [{ binding: "SEEN", id: "seen" }],
};

/** /send: messages of these names. /seen: who got each message; a name for each delivery. */
const WORKER = `
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/send") {
      await env.Q.sendBatch(searchParams.getAll("m").map((body) => ({ body })));
      return new Response("sent");
    }
    const { keys } = await env.SEEN.list();
    return Response.json(keys.map(({ name }) => name.split(":").slice(0, 2).join(" by ")));
  },
  async queue(batch, env) {
    for (const { body } of batch.messages) await env.SEEN.put(body + ":" + env.WHO + ":" + crypto.randomUUID(), "");
  },
};`;

const WAITS = /Queue "steps" is delivered by another session with the same state folder/;

const files = () => tempProject({ "wrangler.json": JSON.stringify(CONFIG), "index.js": WORKER });
const session = (cwd: string, who: string) =>
  runDev("wrangler.json", { cwd, args: ["--var", `WHO:${who}`] });

async function send(dev: RunningDev, ...names: readonly string[]): Promise<void> {
  const query = names.map((name) => `m=${name}`).join("&");
  expect(await (await dev.fetch(`/send?${query}`)).text()).toBe("sent");
}

async function expectSeen(dev: RunningDev, expected: readonly string[]): Promise<void> {
  await eventually(async () => {
    expect(await (await dev.fetch("/seen")).json()).toEqual(expected);
  });
}

test("one of two sessions delivers, and the other one after it", async () => {
  await using project = await files();
  const seen: string[] = [];
  await using second = await (async () => {
    await using first = await session(project.dir, "first");
    const other = await session(project.dir, "second");
    await other.waitForLine(WAITS);
    for (let round = 0; round < 5; round += 1) {
      // What the second one sends wakes the first.
      await send(other, `${round}-a`, `${round}-b`);
      await send(first, `${round}-c`);
      seen.push(...["a", "b", "c"].map((name) => `${round}-${name} by first`));
      await expectSeen(first, seen);
    }
    expect(other.output).not.toContain("QUEUE steps");
    expect(first.output).toContain("QUEUE steps");
    await first.stop();
    return other;
  })();
  await send(second, "later");
  seen.push("later by second");
  await expectSeen(second, seen);
});

test("the other one takes over when the one that delivers is killed", async () => {
  await using project = await files();
  await using first = await session(project.dir, "first");
  await send(first, "a");
  await expectSeen(first, ["a by first"]);
  await using second = await session(project.dir, "second");
  await second.waitForLine(WAITS);
  const hosts = descendants(first.child.pid as number).map(({ pid }) => pid);
  for (const pid of [first.child.pid as number, ...hosts]) process.kill(pid, "SIGKILL");
  await allGone(hosts);
  await send(second, "b");
  await expectSeen(second, ["a by first", "b by second"]);
});

test("a folder that is deleted while a session delivers is delivered again", async () => {
  await using project = await files();
  await using dev = await session(project.dir, "only");
  await send(dev, "a");
  await expectSeen(dev, ["a by only"]);
  // At once: whoever has just handled a message writes that down.
  renameSync(project.path(".wrangler"), project.path("gone"));
  rmSync(project.path("gone"), { recursive: true });
  await send(dev, "b");
  await expectSeen(dev, ["b by only"]);
});
