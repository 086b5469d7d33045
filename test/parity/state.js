/*
 * npm run parity -- state [--record] [group]
 *
 * Local state beside the real wrangler, in both directions:
 * 1. the cases of test/state/workers run in `wrangler dev`; what they give is compared with
 *    test/state/recorded (which the e2e test holds drover to), or written there with --record;
 * 2. what drover wrote is read back by wrangler's own commands.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { startDev } from "../../dist/index.js";
import { GROUPS } from "../state/groups.js";
import { askPublic, PUBLIC_REQUESTS } from "../state/public-requests.js";
import { READINGS } from "../state/readings.js";
import { runWrangler, startWranglerDev } from "./wrangler.js";

const state = new URL("../state/", import.meta.url).pathname;

/** @param {readonly string[]} args */
export async function stateParity(args) {
  const record = args.includes("--record");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const groups = GROUPS.filter((group) => wanted.length === 0 || wanted.includes(group));
  const differences = [
    ...(await compare(["read"], record, join(state, "seeded"))),
    ...(await compare(groups, record)),
    ...(await comparePublic(record)),
    ...(record ? [] : await readBack()),
  ];
  for (const difference of differences) console.log(difference);
  console.log(`${differences.length} differences`);
  return differences.length;
}

/**
 * @param {readonly string[]} groups
 * @param {boolean} record
 * @param {string} [seed] state to begin with
 * @returns {Promise<string[]>}
 */
async function compare(groups, record, seed) {
  const folder = copyOfWorkers();
  if (seed !== undefined) cpSync(seed, join(folder, ".wrangler/state"), { recursive: true });
  const dev = await startWranglerDev(folder);
  const differences = [];
  try {
    for (const group of groups) {
      const answers = await (await fetch(`${dev.url}/${group}`)).json();
      const file = join(state, "recorded", `${group}.json`);
      if (record) {
        writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`);
        continue;
      }
      const recorded = JSON.parse(readFileSync(file, "utf8"));
      for (const title of new Set([...Object.keys(recorded), ...Object.keys(answers)])) {
        if (isDeepStrictEqual(answers[title], recorded[title])) continue;
        const [now, before] = [answers[title], recorded[title]].map((it) => JSON.stringify(it));
        differences.push(`${group}: ${title}\n    wrangler: ${now}\n    recorded: ${before}`);
      }
    }
  } finally {
    await dev.stop();
    rmSync(folder, { recursive: true });
  }
  return differences;
}

/**
 * Public addresses of buckets.
 * @param {boolean} record
 * @returns {Promise<string[]>}
 */
async function comparePublic(record) {
  const folder = copyOfWorkers();
  const file = join(state, "recorded", "r2-public.json");
  const dev = await startWranglerDev(folder);
  try {
    await (await fetch(`${dev.url}/public`)).text();
    const answers = [];
    for (const wanted of PUBLIC_REQUESTS) answers.push(await askPublic(dev.url, wanted));
    if (record) {
      writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`);
      return [];
    }
    const recorded = JSON.parse(readFileSync(file, "utf8"));
    return PUBLIC_REQUESTS.flatMap((wanted, index) => {
      if (isDeepStrictEqual(answers[index], recorded[index])) return [];
      const [now, before] = [answers[index], recorded[index]].map((it) => JSON.stringify(it));
      return [`${wanted.join(" ")}\n    wrangler: ${now}\n    recorded: ${before}`];
    });
  } finally {
    await dev.stop();
    rmSync(folder, { recursive: true });
  }
}

/** @returns {Promise<string[]>} */
async function readBack() {
  const folder = copyOfWorkers();
  const differences = [];
  try {
    const server = await startDev({ configs: join(folder, "wrangler.jsonc") });
    const written = await server.fetch("/write");
    if (!written.ok) differences.push(`drover could not write: ${await written.text()}`);
    const seen = await (await server.fetch("/kept")).json();
    await server.stop();
    for (const { args, expected } of READINGS) {
      const { code, stdout, stderr } = await runWrangler(folder, args);
      const [got, want] = [stdout, expected].map((text) => text.trim());
      if (code === 0 && got === want) continue;
      differences.push(
        `wrangler ${args.join(" ")}\n    got (${code}): ${got} ${stderr}\n    expected: ${want}`,
      );
    }
    const dev = await startWranglerDev(folder);
    const read = await (await fetch(`${dev.url}/kept`)).json();
    await dev.stop();
    // A window of rate limits may have ended meanwhile: 10 s.
    const isSame = isDeepStrictEqual({ ...read, limit: 0 }, { ...seen, limit: 0 });
    if (!isSame)
      differences.push(`/kept: ${JSON.stringify(read)} instead of ${JSON.stringify(seen)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return differences;
}

function copyOfWorkers() {
  const folder = mkdtempSync(join(tmpdir(), "drover-parity-"));
  cpSync(join(state, "workers"), folder, { recursive: true });
  return folder;
}
