/*
 * npm run parity -- flags [--record]
 *
 * What flags of the Web platform change in the real runtime (test/parity/flags/workers/worker.js), with and without them:
 * compared with test/parity/flags/answers.json, which drover is held to, or written there.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import { SETS } from "./flags/sets.js";
import { againstRecorded } from "./recorded.js";
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
    try {
      const ask = (query) => fetch(`${workerd.url}/?${query}`);
      for (const name of await (await fetch(workerd.url)).json()) {
        const answer = await (await ask(`p=${name}&port=${port}`)).json();
        answers[name] ??= {};
        answers[name][set] = answer;
      }
      answers.thenable ??= {};
      answers.thenable[set] = (await ask("p=thenable")).status;
    } finally {
      await workerd.stop();
    }
  }
  server.close();
  return againstRecorded(file, condense(answers), args);
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
