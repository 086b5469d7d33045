/*
 * npm run parity -- encodings [--record]
 *
 * What TextDecoder of the real runtime makes of bytes in every encoding (test/parity/encodings/workers/worker.js), at dates around each
 * change: compared with test/parity/encodings/answers.json, which drover is held to, or written there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SETS } from "./encodings/sets.js";
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
  const found = condense(answers);
  if (args.includes("--record")) {
    writeFileSync(file, `${JSON.stringify(found, null, 1)}\n`);
    return 0;
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  const questions = new Set([...Object.keys(recorded), ...Object.keys(found)]);
  const differing = [...questions].filter(
    (question) => JSON.stringify(recorded[question]) !== JSON.stringify(found[question]),
  );
  for (const question of differing) {
    console.log(question, "runtime", found[question], "recorded", recorded[question]);
  }
  console.log(`${differing.length} differences`);
  return differing.length;
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
