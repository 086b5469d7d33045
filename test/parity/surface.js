/*
 * npm run parity -- surface [--record]
 *
 * What a Worker sees of the real runtime (test/surface/workers/surface.js): compared with
 * test/surface/recorded.json, which drover is held to, or written there with --record.
 */
import { join } from "node:path";
import { merge, SETS } from "../surface/sets.js";
import { againstRecorded } from "./recorded.js";
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
  return againstRecorded(file, merge(found), args);
}
