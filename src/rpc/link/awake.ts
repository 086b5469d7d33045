/**
 * An answer that comes within microseconds finds this thread asleep, and waking it takes longer than
 * the call (ARCHITECTURE.md, "Where we left the design"). So a thread that has sent something stays
 * awake for a moment: a chain of immediates, between which everything else has its turn. Where that
 * is in vain, because nobody answers at once or because the other thread waits for this one's
 * processor, it rests from trying. Where processors are scarce none of them is asleep deeply, and it
 * is not tried at all. One per thread.
 */
import { nodeOs } from "../../util/late-modules.ts";
import { wantingThreads } from "./crowd.ts";

/** Long enough for a call to another thread, too short to be seen in a process list. */
const CALL_MS = 0.05;
/** Long enough for a store to read a row and a file, or to write them. */
const STORE_MS = 0.4;
/** So often in vain, one after the other; then so long not at all, and twice as long each time that is in vain again. */
const TRIES = 8;
const STORE_TRIES = 4;
const REST_MS = 20;
const LONGEST_REST_MS = 320;
/**
 * Threads for each processor that want it, in the last second or seconds (crowd.ts), beyond which there is
 * none to spare. A pair that calls each other all the time is two.
 */
const CROWDED = 1.5;

/** Known from the first frames on. */
let processors = 0;
let until = 0;
let isAwake = false;
let hasHeard = false;
/** Of the tries that there are; `price`: of the present one. */
let failures = 0;
let price = 0;
let restsUntil = 0;
let restMs = REST_MS;

/** Frames were sent: somebody else is about to answer, or to ask again. `toStore`: it works on files first. */
export function stayAwake(toStore: boolean): void {
  // Alone on the processor a thread would only keep away whom it waits for.
  if (processors === 0) processors = nodeOs().availableParallelism();
  if (processors === 1) return;
  const now = performance.now();
  if (now < restsUntil) return;
  if (wantingThreads(now) > CROWDED * processors) return;
  until = Math.max(until, now + (toStore ? STORE_MS : CALL_MS));
  if (isAwake) {
    if (toStore) price = 1 / STORE_TRIES;
    return;
  }
  isAwake = true;
  hasHeard = false;
  price = 1 / (toStore ? STORE_TRIES : TRIES);
  setImmediate(wait);
}

/** Frames have arrived. */
export function heard(): void {
  hasHeard = true;
  // What was waited for is here, as a rule.
  if (isAwake) until = Math.min(until, performance.now() + CALL_MS);
}

function wait(): void {
  if (performance.now() < until) setImmediate(wait);
  else fallAsleep();
}

function fallAsleep(): void {
  isAwake = false;
  if (hasHeard) {
    failures = 0;
    restMs = REST_MS;
    return;
  }
  failures += price;
  if (failures < 1) return;
  failures = 0;
  restsUntil = performance.now() + restMs;
  restMs = Math.min(restMs * 2, LONGEST_REST_MS);
}
