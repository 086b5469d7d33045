import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { allGone, hostOf } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { stepsQueue } from "./workers.ts";

/*
 * Whatever is killed while messages are sent: every batch whose send was acknowledged is delivered
 * whole, and no batch is delivered in part. DROVER_ROUNDS=200 for a long run.
 */
const ROUNDS = Number(process.env.DROVER_ROUNDS ?? 4);
/** For hangs alone. */
const TIME_LIMIT_MS = 300_000 + ROUNDS * 20_000;
const BATCH = 7;

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  ...stepsQueue(50),
  kv_namespaces: [{ binding: "SEEN", id: "seen" }],
};

/** /send: one line per acknowledged batch, until it is killed. /seen: parts of each batch so far. */
const WORKER = `
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const round = searchParams.get("round");
    if (pathname === "/seen") {
      const counts = {};
      let cursor;
      do {
        const page = await env.SEEN.list({ prefix: round + "-", cursor });
        for (const { name } of page.keys) {
          const [step] = name.split(":");
          counts[step] = (counts[step] ?? 0) + 1;
        }
        cursor = page.cursor;
      } while (cursor !== undefined);
      return Response.json(counts);
    }
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    (async () => {
      for (let step = 0; step < 10_000; step += 1) {
        const name = round + "-" + step;
        await env.Q.sendBatch(Array.from({ length: ${BATCH} }, (_, part) => ({ body: name + ":" + part })));
        await writer.write(encoder.encode(name + "\\n"));
      }
    })().catch(() => {});
    return new Response(readable);
  },
  async queue(batch, env) {
    for (const { body } of batch.messages) await env.SEEN.put(body, "");
  },
};`;

const project = () => tempProject({ "wrangler.json": JSON.stringify(CONFIG), "index.js": WORKER });

test("the host, while messages are sent", { timeout: TIME_LIMIT_MS }, async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  for (let round = 0; round < ROUNDS; round += 1) {
    const host = await hostOf(dev);
    const told = await sendUntil(dev, round, () => process.kill(host, "SIGKILL"));
    await expectDelivered(dev, round, told);
  }
});

test("the session, with its host behind it, while messages are sent", {
  timeout: TIME_LIMIT_MS,
}, async () => {
  await using files = await project();
  for (let round = 0; round < ROUNDS; round += 1) {
    let told: string[];
    {
      await using dev = await runDev("wrangler.json", { cwd: files.dir });
      const host = await hostOf(dev);
      told = await sendUntil(dev, round, () => dev.child.kill("SIGKILL"));
      await allGone([host]);
    }
    await using again = await runDev("wrangler.json", { cwd: files.dir });
    await expectDelivered(again, round, told);
  }
});

async function expectDelivered(
  dev: RunningDev,
  round: number,
  told: readonly string[],
): Promise<void> {
  expect(told.length).toBeGreaterThan(0);
  await eventually(async () => {
    const response = await dev.fetch(`/seen?round=${round}`);
    const seen = (await response.json()) as Record<string, number>;
    expect(told.filter((step) => seen[step] !== BATCH)).toEqual([]);
    // One whose answer was not heard may be there too, as a whole.
    expect(Object.entries(seen).filter(([, parts]) => parts !== BATCH)).toEqual([]);
  });
}

/** Batches that were acknowledged until the body broke off; calls `kill` after some of them. */
async function sendUntil(dev: RunningDev, round: number, kill: () => void): Promise<string[]> {
  const count = 3 + ((round * 5) % 17);
  let text = "";
  let isKilled = false;
  try {
    const response = await dev.fetch(`/send?round=${round}`, { method: "POST" });
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
