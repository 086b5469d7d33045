/*
 * npm run parity -- encodings [--record]
 *
 * What TextDecoder of the real runtime makes of bytes in every encoding (test/parity/encodings/workers/worker.js), at dates around each
 * change: compared with test/parity/encodings/answers.json, which drover is held to, or written there.
 */
import { join } from "node:path";
import { SETS } from "./encodings/sets.js";
import { againstRecorded } from "./recorded.js";
import { serveModules } from "./workerd.js";

const folder = new URL("encodings/", import.meta.url).pathname;
const file = join(folder, "answers.json");

/** @param {readonly string[]} args */
export async function encodingsParity(args) {
  const answers = {};
  for (const [set, { date, flags }] of Object.entries(SETS)) {
    const workerd = await serveModules(folder, ["workers/worker.js"], date, flags);
    try {
      const response = await fetch(workerd.url);
      for (const [question, answer] of Object.entries(await response.json())) {
        answers[question] ??= {};
        answers[question][set] = answer;
      }
    } finally {
      await workerd.stop();
    }
  }
  return againstRecorded(file, condense(answers), args);
}

/** One answer where all dates agree. */
function condense(answers) {
  return Object.fromEntries(
    Object.entries(answers).map(([question, byDate]) => {
      const different = new Set(Object.values(byDate));
      return [question, different.size === 1 ? [...different][0] : byDate];
    }),
  );
}
