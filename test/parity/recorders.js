/*
 * npm run parity -- assets | types [--record] [project...]
 *
 * What the real wrangler answers to test/parity/<group>/cases.js, by that folder's record.js, compared
 * with answers.json; with --record that is written.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { wranglerCommand } from "./wrangler.js";

export const RECORDERS = ["assets", "types"];

/**
 * @param {string} group
 * @param {readonly string[]} args
 * @returns {number} how many projects differ
 */
export function recorderParity(group, args) {
  const folder = join(import.meta.dirname, group);
  const file = join(folder, "answers.json");
  const before = readFileSync(file, "utf8");
  const projects = args.filter((arg) => !arg.startsWith("--"));
  const record = [join(folder, "record.js"), wranglerCommand().join(" "), ...projects];
  const { status } = spawnSync(process.execPath, record, { stdio: "inherit" });
  if (args.includes("--record")) return status === 0 ? 0 : 1;
  const now = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, before);
  const recorded = JSON.parse(before);
  const different = Object.keys(recorded).filter(
    (project) => !isDeepStrictEqual(now[project], recorded[project]),
  );
  for (const project of different) {
    const [said, known] = [now[project], recorded[project]].map((it) => JSON.stringify(it));
    console.log(`${group}: ${project}\n    wrangler: ${said}\n    recorded: ${known}`);
  }
  console.log(`${different.length} differences`);
  return different.length + (status === 0 ? 0 : 1);
}
