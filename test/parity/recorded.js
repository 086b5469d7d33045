/* What the real runtime answered, by name, beside what is recorded of it: for groups of one question and answer each. */
import { readFileSync, writeFileSync } from "node:fs";

/**
 * With `--record` in `args` writes `found` to `file`; else prints each name whose answer is another one there.
 * @param {string} file
 * @param {Readonly<Record<string, unknown>>} found
 * @param {readonly string[]} args
 * @returns {number} how many differ
 */
export function againstRecorded(file, found, args) {
  if (args.includes("--record")) {
    writeFileSync(file, `${JSON.stringify(found, null, 1)}\n`);
    return 0;
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  let differences = 0;
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(found)])) {
    const [now, before] = [found[name], recorded[name]].map((it) => JSON.stringify(it));
    if (now === before) continue;
    differences += 1;
    console.log(`${name}\n    runtime: ${now}\n    recorded: ${before}`);
  }
  console.log(`${differences} differences`);
  return differences;
}
