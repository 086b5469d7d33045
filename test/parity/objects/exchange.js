/*
 * npm run parity -- objects [--record]
 *
 * Durable Objects beside the real wrangler:
 * 1. what it answers to the probes is compared with answers.json, and what bytes it stores of each
 *    kind of value with bytes.json (tests hold drover to both); --record writes them;
 * 2. what drover stored is read by wrangler, and the reverse, alarms included, over one state folder.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { startDev } from "../../../dist/index.js";
import { openDatabase } from "../../../dist/storage/sqlite/database.js";
import { startWranglerDev } from "../wrangler.js";
import { askAll, storedBytes } from "./probes.js";

/** Ms until the alarms that the other one is to run; long enough to stop and start. */
const SOON = 4000;
const PATIENCE_MS = 60_000;

/**
 * @param {readonly string[]} [args]
 * @returns {Promise<number>} differences
 */
export async function objectsParity(args = []) {
  const record = args.includes("--record");
  const differences = [...(await compareProbes(record)), ...(record ? [] : await exchange())];
  for (const difference of differences) console.log(difference);
  console.log(`${differences.length} differences`);
  return differences.length;
}

/** @param {boolean} record */
async function compareProbes(record) {
  const folder = copyOf("workers");
  try {
    const dev = await startWranglerDev(folder);
    let answers;
    try {
      answers = await askAll(dev.url);
    } finally {
      await dev.stop();
    }
    return [
      ...compare("answers.json", answers, record),
      ...compare("bytes.json", storedBytes(folder, openDatabase), record),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} name of the file with what was recorded
 * @param {Record<string, unknown>} answers
 * @param {boolean} record
 */
function compare(name, answers, record) {
  const file = new URL(name, import.meta.url);
  if (record) {
    writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
    return [];
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  return Object.keys({ ...recorded, ...answers })
    .filter((probe) => !isDeepStrictEqual(recorded[probe], answers[probe]))
    .map((probe) => {
      const [now, before] = [answers[probe], recorded[probe]].map((it) => JSON.stringify(it));
      return `${probe}\n    wrangler: ${now}\n    recorded: ${before}`;
    });
}

async function exchange() {
  const folder = copyOf("exchange/workers");
  const tools = {
    drover: async () => {
      const server = await startDev({ configs: join(folder, "wrangler.json") });
      const get = async (path) => json(await server.fetch(path));
      return { get, stop: () => server.stop() };
    },
    wrangler: async () => {
      const dev = await startWranglerDev(folder);
      const get = async (path) => json(await fetch(dev.url + path));
      return { get, stop: () => dev.stop() };
    },
  };
  const differences = [];
  try {
    for (const [writer, reader] of [
      ["drover", "wrangler"],
      ["wrangler", "drover"],
    ]) {
      const written = await using(tools[writer], async ({ get }) => {
        await get(`/write?by=${writer}&soon=${SOON}`);
        return get(`/read?by=${writer}`);
      });
      const expected = ["Legacy", "Sqlite"].map((name) => [name, writer]);
      const { rang, read } = await using(tools[reader], async ({ get }) => ({
        rang: await until(expected, async () => (await get("/rang")).sort()),
        read: await get(`/read?by=${writer}`),
      }));
      if (!isDeepStrictEqual(rang, expected)) {
        differences.push(`alarms of ${writer} that ran in ${reader}: ${JSON.stringify(rang)}`);
      }
      if (!isDeepStrictEqual(read, written)) {
        const [got, want] = [read, written].map((it) => JSON.stringify(it));
        differences.push(`${writer} wrote ${want}\n    ${reader} read ${got}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return differences;
}

/** Runs `work` on what `start` starts, which is stopped whatever comes of it. */
async function using(start, work) {
  const tool = await start();
  try {
    return await work(tool);
  } finally {
    await tool.stop();
  }
}

/** @param {Response} response */
async function json(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

/** The first value that is the expected one, or the last before patience ends. */
async function until(expected, look) {
  for (const startedAt = Date.now(); ; ) {
    const value = await look();
    if (isDeepStrictEqual(value, expected) || Date.now() - startedAt > PATIENCE_MS) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {string} name */
function copyOf(name) {
  const folder = mkdtempSync(join(tmpdir(), "drover-parity-"));
  cpSync(new URL(name, import.meta.url).pathname, folder, { recursive: true });
  return folder;
}
