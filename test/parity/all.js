/*
 * npm run parity -- all
 *
 * Every group, one after the other, each in a process of its own; at the end a line for each. About
 * ten minutes. Node 24 or newer: wrangler wants 22, and `sockets` reads TypeScript.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ANSWER_GROUPS } from "./answers.js";
import { RECORDERS } from "./recorders.js";

const GROUPS = [
  "",
  "surface",
  "sockets",
  "modules",
  "encodings",
  "node",
  "state",
  "objects",
  "projects",
  ...ANSWER_GROUPS,
  ...RECORDERS,
  "vscode",
];

/** @returns {number} how many groups differ */
export function allParity() {
  const run = join(import.meta.dirname, "run.js");
  const results = GROUPS.map((group) => {
    console.log(`\n== ${group === "" ? "conformance cases" : group}`);
    const args = group === "" ? [run] : [run, group];
    const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
    return { group, isEqual: status === 0 };
  });
  console.log("");
  for (const { group, isEqual } of results) {
    console.log(
      `${isEqual ? "same     " : "DIFFERENT"} ${group === "" ? "conformance cases" : group}`,
    );
  }
  return results.filter(({ isEqual }) => !isEqual).length;
}
