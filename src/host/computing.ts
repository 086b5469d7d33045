/**
 * Whether a Worker computes without a pause, found out at the moment when the session asks: what the
 * watchdog said last may be over. Looks at the thread from the host's main thread, which sees it even
 * while it spins. Called by host.ts, and by who asks a thread for something.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ThreadClock } from "./thread-clock.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** Between two looks. */
const LOOK_MS = 10;
/** CPU time without a pause after which a thread counts as computing; a clock on the wall would accuse one that waits for a processor. */
const COMPUTING_MS = 100;
/** What neither computes nor rests for so long is stuck in something native. */
const PATIENCE_MS = 2_000;

/** Resolves false as soon as the thread has rested for longer than it was active since the call. */
export async function isComputing(thread: WorkerThread | undefined): Promise<boolean> {
  if (thread === undefined) return false;
  const clock = new ThreadClock(thread);
  const { performance } = thread.worker;
  const before = performance.eventLoopUtilization();
  const cpuBefore = clock.read();
  try {
    for (let looks = 0; looks < PATIENCE_MS / LOOK_MS; looks += 1) {
      await delay(LOOK_MS, undefined, { ref: false });
      if (thread.isGone || thread.isPaused) return false;
      const now = performance.eventLoopUtilization();
      if (now.idle - before.idle > now.active - before.active) return false;
      if (clock.read() - cpuBefore > COMPUTING_MS) return true;
    }
    return true;
  } finally {
    clock.close();
  }
}

/** Whether the thread answers nothing for now: it computes, stands in a debugger or is gone. */
export async function isLost(thread: WorkerThread): Promise<boolean> {
  return thread.isGone || thread.isPaused || (await isComputing(thread));
}
