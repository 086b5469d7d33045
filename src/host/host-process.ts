/**
 * Wires a host to the process that it runs in. Called once by main.ts; integration tests call it
 * with a thread script of their own.
 */
import type { SessionToHost } from "../protocol/host.ts";
import { endProcess } from "./end-process.ts";
import { Host } from "./host.ts";
import type { ThreadSource } from "./worker-thread.ts";

/** Serves the session at the other end of the IPC channel until it says "stop" or goes away. */
export function runHostProcess(threads: ThreadSource): void {
  // Ctrl-C and a closed terminal reach the whole process group: ending is the session's decision.
  process.on("SIGINT", ignore);
  process.on("SIGHUP", ignore);
  // The session is gone, whatever became of it: never outlive it.
  process.on("disconnect", endProcess);
  const host = new Host(process, threads);
  process.on("uncaughtException", (error) => host.onUnexpected(error));
  process.on("unhandledRejection", (error) => host.onUnexpected(error));
  process.on("message", (message, handle) => {
    // Only the session is at the other end, and it speaks protocol/host.ts.
    void host.onMessage(message as SessionToHost, handle).then((isOver) => {
      if (isOver) endProcess();
    });
  });
  // Forked and forgotten before this line: there will be no "disconnect" to wait for.
  if (!process.connected) endProcess();
}

function ignore(): void {}
