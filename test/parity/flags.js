/*
 * npm run parity -- flags [--record]
 *
 * What flags of the Web platform change in the real runtime (test/parity/flags/workers/worker.js), with and without them:
 * compared with test/parity/flags/answers.json, which drover is held to, or written there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { SETS } from "./flags/sets.js";
import { serveModules } from "./workerd.js";

const folder = new URL("flags/", import.meta.url).pathname;
const file = join(folder, "answers.json");

/** @param {readonly string[]} args */
export async function flagsParity(args) {
  const server = createServer((request, response) => response.end(`path ${request.url}`));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const answers = {};
  for (const [set, { date, flags }] of Object.entries(SETS)) {
    const workerd = await serveModules(folder, ["workers/worker.js"], date, flags);
    const ask = (query) => fetch(`${workerd.url}/?${query}`);
    for (const name of await (await fetch(workerd.url)).json()) {
      const answer = await (await ask(`p=${name}&port=${port}`)).json();
      answers[name] ??= {};
      answers[name][set] = answer;
    }
    answers.thenable ??= {};
    answers.thenable[set] = (await ask("p=thenable")).status;
    await workerd.stop();
  }
  server.close();
  const found = condense(answers);
  if (args.includes("--record")) {
    writeFileSync(file, `${JSON.stringify(found, null, 1)}\n`);
    return 0;
  }
  const recorded = JSON.parse(readFileSync(file, "utf8"));
  const differing = Object.keys(found).filter(
    (name) => JSON.stringify(recorded[name]) !== JSON.stringify(found[name]),
  );
  for (const name of differing) console.log(name, JSON.stringify(found[name]));
  console.log(`${differing.length} differences`);
  return differing.length;
}

/** The answer of `newest`, and of the sets that give another one. */
function condense(answers) {
  return Object.fromEntries(
    Object.entries(answers).map(([name, { newest, ...others }]) => {
      const different = Object.entries(others).filter(
        ([, answer]) => JSON.stringify(answer) !== JSON.stringify(newest),
      );
      return [name, { newest, ...Object.fromEntries(different) }];
    }),
  );
}
