/*
 * npm run parity -- projects [--record] [project]
 *
 * The small real projects of test/projects in `wrangler dev`: what they answer is compared with
 * test/projects/recorded (which the e2e test holds drover to), or written there with --record.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { askAll } from "../projects/ask.js";
import { copyProject } from "../projects/install.js";
import { PROJECTS } from "../projects/projects.js";
import { runWrangler, startWranglerDev } from "./wrangler.js";

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} how many answers differ
 */
export async function projectsParity(args) {
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  let differences = 0;
  for (const [name, project] of Object.entries(PROJECTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const answers = await answersOf(name, project);
    const file = new URL(`../projects/recorded/${name}.json`, import.meta.url);
    if (args.includes("--record")) {
      writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`);
      continue;
    }
    const recorded = JSON.parse(readFileSync(file, "utf8"));
    for (const [index, answer] of answers.entries()) {
      if (isDeepStrictEqual(answer, recorded[index])) continue;
      differences += 1;
      const [now, before] = [answer, recorded[index]].map((it) => JSON.stringify(it));
      console.log(`${name}\n    wrangler: ${now}\n    recorded: ${before}`);
    }
  }
  console.log(`${differences} differences`);
  return differences;
}

/**
 * @param {string} name
 * @param {import("../projects/projects.js").Project} project
 */
async function answersOf(name, { configs, migrate, requests }) {
  const folder = copyProject(name);
  try {
    if (migrate !== undefined) {
      const args = ["d1", "migrations", "apply", migrate, "--local"];
      const { code, stdout, stderr } = await runWrangler(folder, args);
      if (code !== 0) throw new Error(stdout + stderr);
    }
    const dev = await startWranglerDev(folder, configs);
    try {
      return await askAll(dev.url.replace("localhost", "127.0.0.1"), requests);
    } finally {
      await dev.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
