/*
 * npm run parity [-- part of a case name]
 * npm run parity -- state [--record] [group]      local state beside wrangler: state.js
 * npm run parity -- sockets [--record]            cloudflare:sockets: sockets.js
 * npm run parity -- node [--record] [group]       node: modules on the real runtime: node.js
 * npm run parity -- modules [--record]            modules as files of their own: modules.js
 * npm run parity -- encodings [--record]          TextDecoder in every encoding: encodings.js
 * npm run parity -- flags [--record]              what flags of the Web platform change: flags.js
 * npm run parity -- surface [--record]            globals and classes: surface.js
 * npm run parity -- projects [--record] [project]  small real projects beside wrangler: projects.js
 * npm run parity -- objects [--record]            Durable Objects beside wrangler: objects/exchange.js
 * npm run parity -- tail | tail-stream | queues | mail | loaders | kept-sockets [--record]  beside wrangler: answers.js
 * npm run parity -- assets | types [--record] [project]  beside wrangler: recorders.js
 * npm run parity -- all                           all of them: all.js
 * npm run parity -- vscode                        the debugger of VS Code on drover: vscode/vscode.js
 *
 * Runs every conformance case on the real runtime, in each topology, and prints what it does
 * differently from what the case expects. A difference is a wrong case (fix it), or one of the
 * deliberate ones listed with their reasons in docs/parity.md.
 */
import {
  FLAGS,
  OLDER,
  OLDER_DATES,
  PLATFORM,
  PLATFORM_DATES,
  TOPOLOGIES,
} from "../conformance/topologies.js";

import { allParity } from "./all.js";
import { ANSWER_GROUPS, answersParity } from "./answers.js";
import { encodingsParity } from "./encodings.js";
import { flagsParity } from "./flags.js";
import { modulesParity } from "./modules.js";
import { nodeParity } from "./node.js";
import { objectsParity } from "./objects/exchange.js";
import { projectsParity } from "./projects.js";
import { RECORDERS, recorderParity } from "./recorders.js";
import { socketParity } from "./sockets.js";
import { stateParity } from "./state.js";
import { surfaceParity } from "./surface.js";

import { vscodeParity } from "./vscode/vscode.js";
import { startWorkerd } from "./workerd.js";

const [group = "", ...args] = process.argv.slice(2);
/** Each gives how much differs. */
const GROUPS = {
  all: allParity,
  state: stateParity,
  sockets: socketParity,
  node: nodeParity,
  modules: modulesParity,
  encodings: encodingsParity,
  flags: flagsParity,
  surface: surfaceParity,
  projects: projectsParity,
  objects: objectsParity,
  vscode: vscodeParity,
  ...Object.fromEntries(ANSWER_GROUPS.map((name) => [name, (rest) => answersParity(name, rest)])),
  ...Object.fromEntries(RECORDERS.map((name) => [name, (rest) => recorderParity(name, rest)])),
};
if (Object.hasOwn(GROUPS, group)) process.exit((await GROUPS[group](args)) === 0 ? 0 : 1);

const filter = group;
let passed = 0;
let failed = 0;
for (const [date, set] of Object.entries(FLAGS)) {
  for (const [name, topology] of Object.entries(TOPOLOGIES))
    await runAll(name, topology, date, set);
}
for (const [date, set] of Object.entries(PLATFORM_DATES)) {
  await runAll("platform", PLATFORM, date, set);
}
for (const [date, set] of Object.entries(OLDER_DATES)) await runAll("older", OLDER, date, set);

async function runAll(name, topology, date, set) {
  const workerd = await startWorkerd(topology, date, set);
  const cases = await (await fetch(`${workerd.url}/cases`)).json();
  for (const { name: title, options } of cases) {
    if (!`${name} ${title}`.includes(filter)) continue;
    const where = [name, "workerd", `workerd/${name}`];
    if (options.not?.some((skipped) => where.includes(skipped))) continue;
    if (options.date && options.date !== date) continue;
    if (options.dates && !options.dates.includes(date)) continue;
    const result = await run(`${workerd.url}/run?case=${encodeURIComponent(title)}`);
    if (result.ok) passed += 1;
    else {
      failed += 1;
      console.log(`${name}/${date}: ${title}\n    ${result.error.replaceAll("\n", "\n    ")}`);
    }
  }
  await workerd.stop();
}

/** @param {string} url */
async function run(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : { ok: false, error: `${response.status} ${text}` };
  } catch (error) {
    return { ok: false, error: String(error) };
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
