/*
 * npm run parity -- surface [--record]
 *
 * What a Worker sees of the real runtime (test/surface/workers/surface.js): compared with
 * test/surface/recorded.json, which drover is held to, or written there with --record.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { merge, SETS } from "../surface/sets.js";
import { serveModules } from "./workerd.js";

const folder = new URL("../surface/", import.meta.url).pathname;
const file = join(folder, "recorded.json");

/** @param {readonly string[]} args */
export async function surfaceParity(args) {
  const found = [];
  for (const { date, flags } of SETS) {
    const workerd = await serveModules(folder, ["workers/surface.js"], date, flags);
    try {
      const response = await fetch(workerd.url);
      found.push(await response.json());
    } finally {
      await workerd.stop();
    }
  }
  const merged = merge(found);
  if (args.includes("--record")) {
    writeFileSync(file, `${JSON.stringify(merged, null, 1)}\n`);
    return 0;
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  let differences = 0;
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(merged)])) {
    if (isDeepStrictEqual(merged[name], recorded[name])) continue;
    differences += 1;
    const [now, before] = [merged[name], recorded[name]].map((it) => JSON.stringify(it));
    console.log(`${name}\n    runtime: ${now}\n    recorded: ${before}`);
  }
  console.log(`${differences} differences`);
  return differences;
}
