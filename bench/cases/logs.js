import { startDev, treeCpu } from "../lib/dev-server.js";
import { bareServer } from "../lib/http-rows.js";
import { startLoad } from "../lib/load.js";
import { copyProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "What traces and JSON logs cost";

const PLAIN = "without";
const VARIANTS = {
  [PLAIN]: [],
  "--trace": ["--trace"],
  "--log-format json": ["--log-format", "json"],
};
/** Servers of each variant: processes of the same program differ by some percent. */
const SETS = 2;
const WARM_UP_S = 0.8;
const SETTLE_MS = 50;
const ROUNDS = 8;
/** Not much shorter than a second: the first 100 requests of one are recorded, the others are not. */
const SLICE_S = 0.7;
const PATHS = [
  ["plain text", "/"],
  ["one RPC call per request", "/rpc"],
  ["one console.log per request", "/log"],
];

/**
 * All variants run at once and are asked in turn, in short slices: what the machine does besides (its load,
 * clock, and neighbours) hits them alike. What an option costs is told in CPU time of all processes per request:
 * requests per second of two servers without any option differ by up to 8 % on two cores. It is the median of
 * what it cost in each round.
 * @param {string[]} command
 */
export async function run(command) {
  const project = copyProject();
  const names = Object.keys(VARIANTS);
  /** By set, in the order of the names. */
  const sets = [];
  try {
    for (let set = 0; set < SETS; set++) {
      sets.push([]);
      for (const args of Object.values(VARIANTS)) {
        const options = { args: [...args, "--inspector-port=0"] };
        sets[set].push(await startDev(command, project.configs, options));
      }
    }
    const rows = [];
    for (const [what, path] of PATHS) {
      const samples = await inTurn(sets, path);
      for (const [index, name] of names.entries()) {
        const perSecond = median(samples[index].map((sample) => sample.perSecond));
        rows.push({ what: `${what}, ${name}`, unit: "/s", value: perSecond });
        if (name === PLAIN) continue;
        const costs = samples[index].map(
          ({ cpuMs }, round) => 100 * (cpuMs / samples[0][round].cpuMs - 1),
        );
        rows.push({ what: `${what}, ${name} costs`, unit: "%", value: median(costs) });
      }
    }
    return rows;
  } finally {
    await Promise.all(sets.flat().map((server) => server.stop()));
    project.remove();
  }
}

/**
 * By variant and round: requests per second, and CPU time per request. In a round one set is asked, in
 * changing order.
 * @param {{ url: string, pid: number }[][]} sets
 * @param {string} path
 * @returns {Promise<{ perSecond: number, cpuMs: number }[][]>}
 */
async function inTurn(sets, path) {
  const generators = sets.map((set) => set.map(({ url }) => startLoad(`${url}${path}`)));
  try {
    for (const generator of generators.flat()) await generator.measure(WARM_UP_S);
    const samples = sets[0].map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      const set = round % sets.length;
      const isReversed = Math.floor(round / sets.length) % 2 === 1;
      for (const index of samples.keys()) {
        const turn = isReversed ? samples.length - 1 - index : index;
        const { pid, url } = sets[set][turn];
        const before = treeCpu(pid);
        const { perSecond, failures } = await generators[set][turn].measure(SLICE_S);
        if (failures > 0) throw new Error(`${failures} failures on ${url}${path}`);
        // What is printed of it.
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        samples[turn].push({ perSecond, cpuMs: (treeCpu(pid) - before) / (perSecond * SLICE_S) });
      }
    }
    return samples;
  } finally {
    await Promise.all(generators.flat().map((generator) => generator.stop()));
  }
}

export const baseline = bareServer;
