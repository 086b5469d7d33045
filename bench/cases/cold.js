import { readFileSync, writeFileSync } from "node:fs";
import { startDev } from "../lib/dev-server.js";
import { median } from "../lib/stats.js";
import { makeWorkers } from "../lib/workers.js";
import { baseline as bareEcho } from "./rpc.js";

export const title = "RPC in code that was just started";

/** Workers of the chain, the one that takes the request included: more would go to sleep. */
const WORKERS = 8;
const HOPS = WORKERS - 1;
const RUNS = 3;
const RELOADS = 7;

/** @param {string[]} command */
export async function run(command) {
  const project = makeWorkers(WORKERS);
  const cold = [];
  const warm = [];
  const reloaded = [];
  try {
    for (let i = 0; i < RUNS; i++) {
      const server = await startDev(command, project.configs);
      const perHop = async (n) => (await timed(server, `/chain?hops=${HOPS}&n=${n}`)) / n / HOPS;
      // Links are made with the first.
      await perHop(1);
      cold.push(await perHop(2000));
      await perHop(6000);
      warm.push(await perHop(4000));
      if (i === 0) reloaded.push(...(await reloads(server, project.sources[1])));
      await server.stop();
    }
  } finally {
    project.remove();
  }
  const row = (what, samples) => ({ what, unit: "us", value: median(samples) * 1000 });
  return [
    row("chain of 8 Workers, per hop, first 2,000", cold),
    row("chain of 8 Workers, per hop, warm", warm),
    row("first 1,000 calls after a reload of the callee", reloaded),
  ];
}

/** Milliseconds of a request. */
async function timed(server, path) {
  const startedAt = performance.now();
  const response = await fetch(`${server.url}${path}`);
  await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
  return performance.now() - startedAt;
}

/** The caller is warm: only the callee is new. */
async function reloads(server, source) {
  const original = readFileSync(source, "utf8");
  const samples = [];
  await timed(server, "/sequential?n=5000");
  for (let i = 0; i < RELOADS; i++) {
    const version = `edited ${i}`;
    writeFileSync(source, original.replace('version = "1"', `version = "${version}"`));
    while ((await (await fetch(`${server.url}/version`)).text()) !== version);
    const ms = await timed(server, "/sequential?n=1000");
    if (i > 1) samples.push(ms / 1000);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return samples;
}

export const baseline = bareEcho;
