import { Worker } from "node:worker_threads";
import { startDev } from "../lib/dev-server.js";
import { copyProject } from "../lib/project.js";
import { perRound } from "../lib/stats.js";

export const title = "Streams made in JavaScript, chunks of 1 KB";

const ROUNDS = 200_000;
const ROWS = {
  read: "read()",
  pipe: "pipeTo()",
  transform: "pipeThrough() and pipeTo()",
  tee: "tee(), both branches read",
};

const rate = async (request) => 1000 / (await perRound(request, ROUNDS));

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const server = await startDev(command, project.configs);
  try {
    const rows = [];
    for (const [name, what] of Object.entries(ROWS)) {
      const value = await rate(async (n) => {
        const response = await fetch(`${server.url}/streams/${name}?n=${n}`);
        const text = await response.text();
        if (text !== "done") throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`);
      });
      rows.push({ what, unit: "chunks/s", value });
    }
    return rows;
  } finally {
    await server.stop();
    project.remove();
  }
}

/** Node's own streams in a thread that tracks an async context, as drover's threads do. */
export async function baseline() {
  const file = new URL("../project/client/src/streams.js", import.meta.url).href;
  const worker = new Worker(
    `const { AsyncLocalStorage } = require("node:async_hooks");
     const { parentPort } = require("node:worker_threads");
     const context = new AsyncLocalStorage();
     parentPort.on("message", async ([name, n]) => {
       const { streams } = await import(${JSON.stringify(file)});
       await context.run({}, () => streams[name](n));
       parentPort.postMessage("done");
     });`,
    { eval: true },
  );
  const rows = {};
  for (const [name, what] of Object.entries(ROWS)) {
    rows[what] = await rate(
      (n) =>
        new Promise((resolve) => {
          worker.once("message", resolve);
          worker.postMessage([name, n]);
        }),
    );
  }
  await worker.terminate();
  return { what: "Node's own streams, read()", unit: "chunks/s", value: rows[ROWS.read], rows };
}
