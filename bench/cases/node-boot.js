import { startDev } from "../lib/dev-server.js";
import { writeProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "a Worker without node: modules, spawn to its first answer";

const CODE = `export default { fetch: () => new Response("hello") };`;
const ROUNDS = 12;

/** Runs in turn: whatever else the machine does is everybody's. */
const KINDS = [
  ["Node compatibility off", { compatibility_date: "2026-08-01" }],
  ["Node compatibility on", { compatibility_date: "2026-09-01" }],
];

/** @param {string[]} command */
export async function run(command) {
  const projects = KINDS.map(([what, config]) => ({
    what,
    samples: [],
    project: writeProject({ name: "node-boot", ...config }, CODE),
  }));
  try {
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const { samples, project } of projects) {
        const server = await startDev(command, project.configs);
        const response = await fetch(server.url);
        if ((await response.text()) !== "hello") throw new Error(`status ${response.status}`);
        if (i > 0) samples.push(performance.now() - server.startedAt);
        await server.stop();
      }
    }
    return projects.map(({ what, samples }) => ({ what, unit: "ms", value: median(samples) }));
  } finally {
    for (const { project } of projects) project.remove();
  }
}

export { baseline } from "./start.js";
