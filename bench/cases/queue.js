import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBaseline, measureOperations } from "../lib/operations.js";

export const title = "queues, batch size 1: from send() to its handler, inside one Worker";

/** Each answers with its own measure: the median of so many messages, one after the other. */
const OPERATIONS = [
  { what: "send to handled", code: "handled" },
  { what: "send acknowledged", code: "acknowledged" },
];

/** @param {string[]} command */
export async function run(command) {
  const medians = await measureOperations(command, createProject(), OPERATIONS);
  return OPERATIONS.map(({ what }, index) => ({ what, unit: "ms", value: medians[index] }));
}

export async function baseline() {
  return fileBaseline(1);
}

function createProject() {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const config = join(root, "wrangler.json");
  mkdirSync(join(root, "src"));
  writeFileSync(
    config,
    JSON.stringify({
      name: "queue",
      main: "src/index.js",
      compatibility_date: "2026-06-01",
      queues: {
        producers: [{ binding: "Q", queue: "q" }],
        consumers: [{ queue: "q", max_batch_size: 1, max_batch_timeout: 0 }],
      },
    }),
  );
  writeFileSync(
    join(root, "src/index.js"),
    `const COUNT = 200;
    const waiting = new Map();
    export default {
      async fetch(request, env) {
        const isHandled = new URL(request.url).pathname === "/0";
        const times = [];
        for (let i = 0; i < COUNT; i++) {
          const id = crypto.randomUUID();
          let handledAt;
          waiting.set(id, (time) => { handledAt = time; });
          const before = performance.now();
          await env.Q.send(id);
          if (!isHandled) times.push(performance.now() - before);
          while (handledAt === undefined) await scheduler.wait(0);
          if (isHandled) times.push(handledAt - before);
        }
        times.sort((a, b) => a - b);
        return new Response(String(times[COUNT / 2]));
      },
      async queue(batch) {
        for (const { body } of batch.messages) { waiting.get(body)?.(performance.now()); waiting.delete(body); }
      },
    };`,
  );
  return { configs: [config], remove: () => rmSync(root, { recursive: true, force: true }) };
}
