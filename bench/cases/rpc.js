import { MessageChannel, Worker } from "node:worker_threads";
import { startDev } from "../lib/dev-server.js";
import { copyProject } from "../lib/project.js";
import { echoes, perRound } from "../lib/stats.js";

const SMALL_BYTES = "Uint8Array there and back, 100 KB";
const LARGE_BYTES = "Uint8Array there and back, 10 MB";

export const title = "RPC between two Workers";

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  const loop =
    (name, bytes = 0) =>
    async (n) => {
      const response = await fetch(`${server.url}/${name}?n=${n}&bytes=${bytes}`);
      const text = await response.text();
      if (text !== "done") throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`);
    };
  try {
    const us = async (what, name, rounds, divide = 1) => ({
      what,
      unit: "us",
      value: ((await perRound(loop(name), rounds)) * 1000) / divide,
    });
    const rate = async (what, name, rounds, bytes, ways) => ({
      what,
      unit: "MB/s",
      value: (bytes * ways) / 1e6 / ((await perRound(loop(name, bytes), rounds)) / 1000),
    });
    return [
      await us("sequential call", "sequential", 5000),
      await us("call with 1,000 in flight", "parallel", 40_000),
      await us("pipelined chain of three steps", "pipeline", 3000),
      await us("callback round trip inside a call", "callback", 5000),
      await us("self binding, sequential call", "self", 10_000),
      await us("depth-8 chain, per hop", "chain", 500, 8),
      await rate(SMALL_BYTES, "echo", 400, 100_000, 2),
      await rate(LARGE_BYTES, "echo", 40, 10_000_000, 2),
      await rate("byte stream", "stream", 20, 20_000_000, 1),
    ];
  } finally {
    await server.stop();
    project.remove();
  }
}

/** A bare MessagePort echo between two threads; of as many bytes for the rows about bytes. */
export async function baseline() {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(
    `const { workerData } = require("node:worker_threads");
     workerData.on("message", (m) => workerData.postMessage(m));`,
    { eval: true, workerData: port2, transferList: [port2] },
  );
  const echo = (message, rounds) =>
    perRound(
      echoes(port1, "message", () => port1.postMessage(message)),
      rounds,
    );
  const rate = async (bytes, rounds) =>
    (bytes * 2) / 1e6 / ((await echo(new Uint8Array(bytes), rounds)) / 1000);
  const value = (await echo([1, 1], 20_000)) * 1000;
  const rows = { [SMALL_BYTES]: await rate(100_000, 400), [LARGE_BYTES]: await rate(1e7, 40) };
  await worker.terminate();
  port1.close();
  return { what: "MessagePort echo", unit: "us", value, rows };
}
