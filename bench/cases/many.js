import { startDev, startPolled, treePss } from "../lib/dev-server.js";
import { median } from "../lib/stats.js";
import { makeWorkers } from "../lib/workers.js";
import { baseline as nodeItself } from "./start.js";

export const title = "many Workers";

const STARTS = 5;

/** @param {string[]} command */
export async function run(command) {
  const rows = [];
  for (const count of [2, 10, 50]) {
    const project = makeWorkers(count);
    try {
      const first = [];
      const second = [];
      for (let i = 0; i < STARTS; i++) {
        const server = await startPolled(command, project.configs);
        first.push(server.firstMs);
        const startedAt = performance.now();
        const response = await fetch(`${server.url}/last`);
        const text = await response.text();
        if (text !== "3") throw new Error(`/last answered ${text}`);
        second.push(performance.now() - startedAt);
        await server.stop();
      }
      const what = `${count} Workers`;
      rows.push({ what: `${what}, spawn to first 200`, unit: "ms", value: median(first) });
      rows.push({ what: `${what}, first to reach another`, unit: "ms", value: median(second) });
      if (count === 2) continue;
      const idle = await startDev(command, project.configs);
      await (await fetch(idle.url)).text();
      const memory = [];
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        memory.push(treePss(idle.pid));
      }
      await idle.stop();
      rows.push({ what: `${what}, idle memory`, unit: "MB", value: median(memory) / 1e6 });
    } finally {
      project.remove();
    }
  }
  return rows;
}

export const baseline = nodeItself;
