import { expect, test } from "vitest";
import { hostOf } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { STORES } from "./workers.ts";

/*
 * What a Worker was told is stored is stored, whenever the process is killed; nothing is there by
 * half. DROVER_ROUNDS=200 for a long run.
 */
const ROUNDS = Number(process.env.DROVER_ROUNDS ?? 5);
/** For hangs alone. */
const TIME_LIMIT_MS = 300_000 + ROUNDS * 20_000;

const CONFIG = {
  name: "a",
  main: "index.js",
  compatibility_date: "2026-06-01",
  ...STORES,
};

/** /write: one line per acknowledged step, until it is killed. /check: steps that are stored. */
const WORKER = `
// Every third is too large to be written at once.
const valueOf = (step) => String(step).padEnd(step % 3 === 2 ? 300_000 : 3000, "x");
async function write(env, round, tell) {
  const insert = env.DB.prepare("INSERT INTO pairs VALUES (?, ?)");
  for (let step = 0; step < 10_000; step += 1) {
    await Promise.all([
      env.KV.put(round + ":" + step, valueOf(step)),
      env.R2.put(round + ":" + step, valueOf(step)),
      env.DB.batch([insert.bind(round, step), insert.bind(round, step)]),
    ]);
    await tell(step + "\\n");
  }
}
async function check(env, round) {
  const kv = [], r2 = [], broken = [];
  for (const { name } of (await env.KV.list({ prefix: round + ":" })).keys) {
    const step = Number(name.split(":")[1]);
    if ((await env.KV.get(name)) === valueOf(step)) kv.push(step);
    else broken.push("KV " + name);
  }
  for (const { key } of (await env.R2.list({ prefix: round + ":" })).objects) {
    const step = Number(key.split(":")[1]);
    if ((await (await env.R2.get(key)).text()) === valueOf(step)) r2.push(step);
    else broken.push("R2 " + key);
  }
  const rows = await env.DB.prepare("SELECT step, count(*) AS n FROM pairs WHERE round = ? GROUP BY step").bind(round).raw();
  for (const [step, count] of rows) if (count !== 2) broken.push("D1 " + step);
  return { kv, r2, d1: rows.map(([step]) => step), broken };
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const round = searchParams.get("round");
    await env.DB.exec("CREATE TABLE IF NOT EXISTS pairs (round TEXT, step INTEGER)");
    if (pathname === "/check") return Response.json(await check(env, round));
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    void write(env, round, (line) => writer.write(encoder.encode(line)));
    return new Response(readable);
  },
};`;

test("a host that is killed while it writes loses nothing that was acknowledged", {
  timeout: TIME_LIMIT_MS,
}, async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(CONFIG),
    "index.js": WORKER,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  for (let round = 0; round < ROUNDS; round += 1) {
    const host = await hostOf(dev);
    const response = await dev.fetch(`/write?round=${round}`);
    const acknowledged = await readUntil(response.body, 3 + (round % 7), () =>
      process.kill(host, "SIGKILL"),
    );
    await check(dev, round, acknowledged);
  }
});

test("a session that is killed while it writes loses nothing that was acknowledged", {
  timeout: TIME_LIMIT_MS,
}, async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify(CONFIG),
    "index.js": WORKER,
  });
  let acknowledged: readonly number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    acknowledged = await (async () => {
      await using dev = await runDev("wrangler.json", { cwd: project.dir });
      if (round > 0) await check(dev, round - 1, acknowledged);
      const response = await dev.fetch(`/write?round=${round}`);
      return await readUntil(response.body, 3 + (round % 7), () => dev.child.kill("SIGKILL"));
    })();
  }
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  await check(dev, ROUNDS - 1, acknowledged);
});

async function check(dev: RunningDev, round: number, steps: readonly number[]): Promise<void> {
  const stored = (await (await dev.fetch(`/check?round=${round}`)).json()) as Stored;
  expect(stored.broken, `round ${round}`).toEqual([]);
  for (const kind of ["kv", "r2", "d1"] as const) {
    expect(stored[kind], `${kind} of round ${round}`).toEqual(expect.arrayContaining([...steps]));
  }
}

interface Stored {
  readonly kv: readonly number[];
  readonly r2: readonly number[];
  readonly d1: readonly number[];
  readonly broken: readonly string[];
}

/** Steps that were told until the body broke off; calls `kill` after `count` of them. */
async function readUntil(
  body: AsyncIterable<Uint8Array> | null,
  count: number,
  kill: () => void,
): Promise<number[]> {
  let text = "";
  let isKilled = false;
  try {
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (isKilled || text.split("\n").length <= count) continue;
      isKilled = true;
      kill();
    }
  } catch {
    // The connection broke with the process.
  }
  // A last line without its end was not told.
  return text.split("\n").slice(0, -1).map(Number);
}
