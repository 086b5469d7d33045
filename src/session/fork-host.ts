/** How the host process is started: by host-process.ts, and by cli/start.ts before that is loaded. */
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const defaultEntry: URL = new URL("../programs/host.cjs", import.meta.url);

/** The channel keeps what the child sends until somebody listens, in this turn. */
export function forkHost(entry: URL = defaultEntry): ChildProcess {
  // Commands without a host need not load it.
  const { fork } = process.getBuiltinModule("node:child_process");
  return fork(fileURLToPath(entry), [], {
    serialization: "advanced",
    // Pipes of our own: inherited ones would keep a pipeline open behind a hung host.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
    // Workers run in UTC, as in production.
    env: { ...process.env, TZ: "UTC", NODE_NO_WARNINGS: "1" },
  });
}
