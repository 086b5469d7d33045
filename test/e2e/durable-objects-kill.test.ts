import { expect, test } from "vitest";
import { allGone, hostOf } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/*
 * Whatever is killed while objects write many keys at once: every step that was acknowledged is
 * there with all of its keys, and no step is there with some (spec/durable-objects.md 26.35).
 * DROVER_ROUNDS=200 for a long run.
 */
const ROUNDS = Number(process.env.DROVER_ROUNDS ?? 6);

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  durable_objects: { bindings: [{ name: "WRITER", class_name: "Writer" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Writer"] }],
  limits: { cpu_ms: 300 },
};

/** /write: one line per acknowledged step of each object, until it is killed. /check: what is stored. */
const WORKER = `
import { DurableObject } from "cloudflare:workers";
const OBJECTS = ["0", "1", "2"];
const KEYS = Array.from({ length: 40 }, (_, index) => "k" + index);
export class Writer extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS steps (step TEXT)");
  }
  async step(step) {
    const entry = (key) => step + ":" + key;
    const { storage } = this.ctx;
    // One turn, by every API: all of it or nothing.
    storage.put(Object.fromEntries(KEYS.slice(0, 20).map((key) => [entry(key), step.padEnd(500, "x")])));
    for (const key of KEYS.slice(20, 30)) await storage.put(entry(key), step);
    for (const key of KEYS.slice(30)) storage.kv.put(entry(key), step);
    storage.sql.exec("INSERT INTO steps VALUES (?)", step);
  }
  async stepAndLoop(step) {
    await this.step(step);
    /^(a+)+$/.test("a".repeat(100) + "b");
  }
  async check(round) {
    const counts = {};
    for (const key of (await this.ctx.storage.list({ prefix: round + "-" })).keys()) {
      const [step] = key.split(":");
      counts[step] = (counts[step] ?? 0) + 1;
    }
    const rows = this.ctx.storage.sql.exec("SELECT step FROM steps WHERE step LIKE ?", round + "-%");
    for (const [step] of rows.raw()) counts[step] += 1;
    return counts;
  }
}
async function write(stub, object, round, tell) {
  for (let step = 0; step < 10_000; step += 1) {
    await stub.step(round + "-" + step);
    await tell(object + " " + round + "-" + step + "\\n");
  }
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const round = searchParams.get("round");
    const stubs = OBJECTS.map((name) => env.WRITER.getByName(name));
    if (pathname === "/loop") return Response.json(await stubs[0].stepAndLoop(round + "-lost"));
    if (pathname === "/check") return Response.json(await Promise.all(stubs.map((stub) => stub.check(round))));
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    const tell = (line) => writer.write(encoder.encode(line));
    for (const [index, stub] of stubs.entries()) write(stub, index, round, tell).catch(() => {});
    return new Response(readable);
  },
};`;

/** Keys and row of one step. */
const WHOLE = 41;

const project = () => tempProject({ "wrangler.json": JSON.stringify(CONFIG), "index.js": WORKER });

test("the host, while objects write", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  for (let round = 0; round < ROUNDS; round += 1) {
    const host = await hostOf(dev);
    const told = await writeUntil(dev, round, () => process.kill(host, "SIGKILL"));
    await expectWhole(dev, round, told);
  }
}, 600_000);

test("the session, with its host behind it, while objects write", async () => {
  await using files = await project();
  for (let round = 0; round < ROUNDS; round += 1) {
    let told: string[];
    {
      await using dev = await runDev("wrangler.json", { cwd: files.dir });
      const host = await hostOf(dev);
      told = await writeUntil(dev, round, () => dev.child.kill("SIGKILL"));
      await allGone([host]);
    }
    await using again = await runDev("wrangler.json", { cwd: files.dir });
    await expectWhole(again, round, told);
  }
}, 600_000);

test("the thread, in the turn that has written", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  for (let round = 0; round < ROUNDS; round += 1) {
    const told = await writeUntil(dev, round, () => {
      void dev
        .fetch(`/loop?round=${round}`, { method: "POST" })
        .then((response) => response.text());
    });
    const stored = await expectWhole(dev, round, told);
    expect(stored[0]).not.toHaveProperty(`${round}-lost`);
  }
}, 600_000);

type Stored = readonly Readonly<Record<string, number>>[];

async function expectWhole(
  dev: RunningDev,
  round: number,
  told: readonly string[],
): Promise<Stored> {
  const response = await dev.fetch(`/check?round=${round}`);
  const stored = (await response.json()) as Stored;
  const broken = stored.flatMap((counts) =>
    Object.entries(counts).filter(([, count]) => count !== WHOLE),
  );
  expect(broken, `round ${round}`).toEqual([]);
  const missing = told.filter((line) => {
    const [object, step] = line.split(" ");
    return stored[Number(object)]?.[step as string] === undefined;
  });
  expect(missing, `round ${round}`).toEqual([]);
  expect(told.length).toBeGreaterThan(0);
  return stored;
}

/** Steps that were told until the body broke off; calls `kill` after some of them. */
async function writeUntil(dev: RunningDev, round: number, kill: () => void): Promise<string[]> {
  const count = 3 + ((round * 5) % 17);
  let text = "";
  let isKilled = false;
  try {
    const response = await dev.fetch(`/write?round=${round}`, { method: "POST" });
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (isKilled || text.split("\n").length <= count) continue;
      isKilled = true;
      kill();
    }
  } catch {
    // The connection broke with the process.
  }
  expect(isKilled).toBe(true);
  // A last line without its end was not told.
  return text.split("\n").slice(0, -1);
}
