/**
 * An answer that comes within microseconds finds this thread asleep, and waking it takes longer than
 * the call (ARCHITECTURE.md, "Where we left the design"). So a thread that has sent something stays
 * awake for a moment: a chain of immediates, between which everything else has its turn. One per
 * thread.
 */
import { availableParallelism } from "node:os";

/** Long enough for a call to another thread, too short to be seen in a process list. */
const AWAKE_MS = 0.05;
/** Alone on the processor a thread would only keep away whom it waits for. */
const canWaitAwake = availableParallelism() > 1;

let until = 0;
let isAwake = false;

/** Somebody else is about to answer, or to ask again. */
export function stayAwake(): void {
  if (!canWaitAwake) return;
  until = performance.now() + AWAKE_MS;
  if (isAwake) return;
  isAwake = true;
  setImmediate(wait);
}

function wait(): void {
  if (performance.now() < until) setImmediate(wait);
  else isAwake = false;
}
