/**
 * An answer that comes within microseconds finds this thread asleep, and waking it takes longer than
 * the call (ARCHITECTURE.md, "Where we left the design"). So a thread that has sent something stays
 * awake for a moment: a chain of immediates, between which everything else has its turn. Where that
 * is in vain, because nobody answers at once or because the other thread waits for this one's
 * processor, it rests from trying. One per thread.
 */
import { availableParallelism } from "node:os";

/** Long enough for a call to another thread, too short to be seen in a process list. */
const AWAKE_MS = 0.05;
/** So often in vain, one after the other; then so long not at all. */
const TRIES = 8;
const REST_MS = 20;
/** Alone on the processor a thread would only keep away whom it waits for. */
const canWaitAwake = availableParallelism() > 1;

let until = 0;
let isAwake = false;
let hasHeard = false;
let failures = 0;
let restsUntil = 0;

/** Frames were sent: somebody else is about to answer, or to ask again. */
export function stayAwake(): void {
  if (!canWaitAwake) return;
  const now = performance.now();
  if (now < restsUntil) return;
  until = now + AWAKE_MS;
  if (isAwake) return;
  isAwake = true;
  hasHeard = false;
  setImmediate(wait);
}

/** Frames have arrived. */
export function heard(): void {
  hasHeard = true;
}

function wait(): void {
  if (performance.now() < until) setImmediate(wait);
  else fallAsleep();
}

function fallAsleep(): void {
  isAwake = false;
  failures = hasHeard ? 0 : failures + 1;
  if (failures < TRIES) return;
  failures = 0;
  restsUntil = performance.now() + REST_MS;
}
