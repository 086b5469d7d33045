import { dirname, join } from "node:path";
import { bootThreads } from "../lib/boot-threads.js";
import { DROVER } from "../lib/dev-server.js";

export const title = "A Worker's thread, without user code (Linux only)";

const TIME = "boot";
const MEMORY = "memory that it adds";

/** @param {string[]} command */
export async function run(command) {
  // Nobody else's threads can be started alone.
  if (command !== DROVER) return [];
  const { ms, mb } = await bootThreads(join(dirname(command[1]), "../dist"));
  return [
    { what: TIME, unit: "ms", value: ms },
    { what: MEMORY, unit: "MB", value: mb },
  ];
}

export async function baseline() {
  const { ms, mb } = await bootThreads(undefined);
  return {
    what: "a thread of Node's that does nothing",
    unit: "ms",
    value: ms,
    rows: { [TIME]: ms, [MEMORY]: mb },
  };
}
