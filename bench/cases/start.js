import { spawnSync } from "node:child_process";
import { startDev, treePss } from "../lib/dev-server.js";
import { copyProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "start, reload and memory (two Workers)";

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  try {
    const first200 = [];
    for (let i = 0; i < 6; i++) {
      const server = await startDev(command, project.configs);
      const response = await fetch(server.url);
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      await response.text();
      if (i > 0) first200.push(performance.now() - server.startedAt);
      await server.stop();
    }
    const server = await startDev(command, project.configs);
    await (await fetch(server.url)).text();
    const edits = await measureEdits(server.url, project.clientSource);
    const loaded = await (await fetch(`${server.url}/rpc`)).text();
    if (loaded !== "3") throw new Error(`/rpc answered ${loaded}`);
    await server.stop();

    const idle = await startDev(command, project.configs);
    await (await fetch(`${idle.url}/rpc`)).text();
    const samples = [];
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      samples.push(treePss(idle.pid));
    }
    await idle.stop();
    return [
      { what: "spawn to first 200", unit: "ms", value: median(first200) },
      { what: "edit to new body", unit: "ms", value: median(edits) },
      { what: "proportional memory, idle", unit: "MB", value: median(samples) / 1e6 },
    ];
  } finally {
    project.remove();
  }
}

/** From the end of the write to the first response with the new text. */
async function measureEdits(url, source) {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const original = readFileSync(source, "utf8");
  const samples = [];
  for (let i = 0; i < 12; i++) {
    const body = `edited ${i}`;
    writeFileSync(source, original.replace('"hello"', JSON.stringify(body)));
    const startedAt = performance.now();
    while ((await (await fetch(url)).text()) !== body) {
      if (performance.now() - startedAt > 30_000) throw new Error("the edit never arrived");
    }
    if (i > 1) samples.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return samples;
}

/** Two bare Node processes: what any tool of two processes pays at least. */
export function baseline() {
  const samples = [];
  for (let i = 0; i < 7; i++) {
    const startedAt = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    samples.push(performance.now() - startedAt);
  }
  return { what: "node -e 0", unit: "ms", value: median(samples) };
}
