/*
 * npm run parity -- tail | tail-stream | queues | mail | loaders | kept-sockets [--record]
 *
 * Asks the Workers in test/parity/<group>/workers in `wrangler dev`, and compares what they say with
 * answers.json beside them (which an e2e test holds drover to), or writes it there with --record.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CONFIGS as KEPT, play as playKept } from "./kept-sockets/exchanges.js";
import { askAll } from "./loaders/exchanges.js";
import { play as playMail } from "./mail/exchanges.js";
import { play as playTail } from "./tail/exchanges.js";
import { play as playTailStream } from "./tail-stream/exchanges.js";
import { startWranglerDev } from "./wrangler.js";

const PRODUCER = ["producer.json", "consumer.json"];

/** The configs of a group, default its folder's own, and how its Workers are asked. */
const GROUPS = {
  tail: { configs: PRODUCER, ask: (origin) => playTail(from(origin)) },
  "tail-stream": { configs: PRODUCER, ask: (origin) => playTailStream(origin) },
  queues: { configs: [], ask: async (origin) => (await fetch(origin)).json() },
  mail: { configs: [], ask: (origin) => playMail(from(origin)) },
  loaders: { configs: [], ask: (origin) => askAll(from(origin)) },
  "kept-sockets": { configs: KEPT, ask: (origin) => playKept(from(origin)) },
};

export const ANSWER_GROUPS = Object.keys(GROUPS);

const from = (origin) => (path, init) => fetch(new URL(path, origin), init);

/**
 * @param {string} group
 * @param {readonly string[]} args
 * @returns {Promise<number>} how many answers differ
 */
export async function answersParity(group, args) {
  const { configs, ask } = GROUPS[group];
  const folder = mkdtempSync(join(tmpdir(), "drover-parity-"));
  try {
    cpSync(new URL(`${group}/workers`, import.meta.url), folder, { recursive: true });
    const dev = await startWranglerDev(folder, configs);
    try {
      return compare(group, await ask(dev.url), args.includes("--record"));
    } finally {
      await dev.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(group, answers, isRecorded) {
  const file = new URL(`${group}/answers.json`, import.meta.url);
  if (isRecorded) {
    writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
    return 0;
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  // What JSON does not keep is not compared.
  const now = JSON.parse(JSON.stringify(answers));
  let differences = 0;
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(now)])) {
    if (isDeepStrictEqual(now[name], recorded[name])) continue;
    differences += 1;
    const [said, before] = [now[name], recorded[name]].map((it) => JSON.stringify(it));
    console.log(`${group}: ${name}\n    wrangler: ${said}\n    recorded: ${before}`);
  }
  console.log(`${differences} differences`);
  return differences;
}
