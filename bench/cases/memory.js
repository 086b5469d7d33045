import { spawn } from "node:child_process";
import { startDev, treePss } from "../lib/dev-server.js";
import { copyProject } from "../lib/project.js";

export const title = "Memory after many RPC calls (growth after warming up; Linux only)";

const CALLS = 1_000_000;
const STUBS = 100_000;
const MB = 1024 * 1024;

/** The smallest of some samples: garbage that is still to be collected comes and goes. */
async function settledMb(pid) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    least = Math.min(least, treePss(pid));
  }
  return least / MB;
}

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  const loop = async (name, n) => {
    // Longer than an HTTP client's patience: as many requests as needed.
    for (let left = n; left > 0; left -= 100_000) {
      const response = await fetch(`${server.url}/${name}?n=${Math.min(left, 100_000)}`);
      const text = await response.text();
      if (text !== "done") throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`);
    }
  };
  const growth = async (what, name, n) => {
    // Heaps grow to their working size first.
    await loop(name, n / 5);
    const before = await settledMb(server.pid);
    await loop(name, n);
    return { what, unit: "MB", value: (await settledMb(server.pid)) - before };
  };
  try {
    return [
      { what: "tree before", unit: "MB", value: await settledMb(server.pid) },
      await growth("growth over 1,000,000 calls, 1,000 in flight", "parallel", CALLS),
      await growth("growth over 1,000,000 sequential calls", "sequential", CALLS),
      await growth("growth over 100,000 stubs created and disposed", "stubs", STUBS),
    ];
  } finally {
    await server.stop();
    project.remove();
  }
}

/** What Node itself gains by as many messages between two threads. */
export async function baseline() {
  const code = `
    const { MessageChannel, Worker } = require("node:worker_threads");
    const { port1, port2 } = new MessageChannel();
    new Worker('const { workerData } = require("node:worker_threads"); workerData.on("message", (m) => workerData.postMessage(m));', { eval: true, workerData: port2, transferList: [port2] });
    let left = 0;
    port1.on("message", () => (--left > 0 ? port1.postMessage([left, 1]) : console.log("done")));
    process.stdin.on("data", (n) => port1.postMessage([(left = Number(n)), 1]));`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "inherit"] });
  const messages = async (n) => {
    child.stdin.write(String(n));
    await new Promise((resolve) => child.stdout.once("data", resolve));
  };
  await messages(CALLS / 5);
  const before = await settledMb(child.pid);
  await messages(CALLS);
  const value = (await settledMb(child.pid)) - before;
  child.kill();
  return { what: "1,000,000 MessagePort messages", unit: "MB growth", value };
}
