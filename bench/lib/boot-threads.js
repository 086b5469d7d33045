import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { median } from "./stats.js";

/**
 * Boots threads one after the other in a process of its own and keeps them (Linux only).
 * @param {string | undefined} dist drover's; undefined: threads of Node itself, without anything
 * @returns {Promise<{ ms: number, mb: number }>} medians: until a thread says that it is there, and what the
 *   process has grown by
 */
export function bootThreads(dist) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), dist === undefined ? [] : [dist]);
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`exited ${code}`)));
  });
}

const THREADS = 12;

async function run(dist) {
  const boot = dist === undefined ? bootBare : await bootOf(dist);
  // The first one may have to compile what the others find compiled.
  await boot();
  await settled();
  const times = [];
  const sizes = [];
  for (let i = 0; i < THREADS; i++) {
    const before = pss();
    const startedAt = performance.now();
    await boot();
    times.push(performance.now() - startedAt);
    await settled();
    sizes.push(pss() - before);
  }
  return { ms: median(times), mb: median(sizes) / 1e6 };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 200));

const pss = () => {
  const rollup = readFileSync("/proc/self/smaps_rollup", "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
};

/** As the host boots its spares. */
async function bootOf(dist) {
  const load = (file) => import(pathToFileURL(join(dist, file)).href);
  const { openRuntime } = await load("host/runtime-source.js");
  const { WorkerThread } = await load("host/worker-thread.js");
  const source = openRuntime();
  return () => new WorkerThread(source).booted;
}

function bootBare() {
  return new Promise((resolve) => {
    new Worker('require("node:worker_threads").parentPort.on("message", () => {}).postMessage(1)', {
      eval: true,
      env: {},
    }).once("message", resolve);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send(await run(process.argv[2]), () => process.exit(0));
}
