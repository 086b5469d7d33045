import { fileBaseline, measureOperations } from "../lib/operations.js";
import { writeProject } from "../lib/project.js";

export const title = "queues, batch size 1: from send() to its handler, inside one Worker";

/** `count`: messages of a sample, one after the other. Clocks inside of a Worker are too coarse. */
const OPERATIONS = [
  { what: "send to handled", count: 300 },
  { what: "send acknowledged", count: 300 },
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
  return writeProject(
    {
      name: "queue",
      compatibility_date: "2026-06-01",
      queues: {
        producers: [{ binding: "Q", queue: "q" }],
        consumers: [{ queue: "q", max_batch_size: 1, max_batch_timeout: 0 }],
      },
    },
    `let left = 0;
    export default {
      async fetch(request, env) {
        if (new URL(request.url).pathname === "/1") {
          // Far away: nobody handles it meanwhile.
          for (let i = 0; i < 300; i++) await env.Q.send("later", { delaySeconds: 86_400 });
          return new Response();
        }
        left = 300;
        await env.Q.send("now");
        while (left > 0) await scheduler.wait(5);
        return new Response();
      },
      // Each message sends the next one.
      async queue(batch, env) {
        left -= 1;
        if (left > 0) await env.Q.send("now");
      },
    };`,
  );
}
