/*
 * npm run parity -- node [--record] [group]
 *
 * The cases of test/node on the real runtime: compared with test/node/recorded (which the
 * integration test holds drover to), or written there with --record.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DATE, GROUPS } from "../node/groups.js";
import { serveModules } from "./workerd.js";

const tests = new URL("../node/", import.meta.url).pathname;
const folder = join(tests, "workers");

/** @param {readonly string[]} args */
export async function nodeParity(args) {
  const record = args.includes("--record");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const names = ["worker.js", "shown.js"];
  for (const name of readdirSync(join(folder, "cases"))) names.push(`cases/${name}`);
  const workerd = await serveModules(folder, [...names, "note.txt"], DATE);
  let differences = 0;
  try {
    for (const group of GROUPS.filter((name) => wanted.length === 0 || wanted.includes(name))) {
      const answers = await (await fetch(`${workerd.url}/${group}`)).json();
      const file = join(tests, "recorded", `${group}.json`);
      if (record) {
        writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
        continue;
      }
      const recorded = JSON.parse(readFileSync(file, "utf8"));
      for (const title of new Set([...Object.keys(recorded), ...Object.keys(answers)])) {
        if (isDeepStrictEqual(answers[title], recorded[title])) continue;
        differences += 1;
        const [now, before] = [answers[title], recorded[title]].map((it) => JSON.stringify(it));
        console.log(`${group}: ${title}\n    runtime: ${now}\n    recorded: ${before}`);
      }
    }
  } finally {
    await workerd.stop();
  }
  console.log(`${differences} differences`);
  return differences;
}
