/**
 * Says which invocation goes on, for the host's watchdog (protocol/running.ts). Called on the hot
 * path: a few stores, no allocation. Thread: the Worker's.
 */
import { RUNNING_BYTES, Running } from "../protocol/running.ts";

let words: Int32Array = new Int32Array(new SharedArrayBuffer(RUNNING_BYTES));

/** Where an invocation came from, as the host knows it. */
export interface Origin {
  readonly link: number;
  readonly id: number;
  /** ms of CPU time, if it has a limit of its own. */
  readonly cpuMs?: number | undefined;
  /** How many requests to others it may make; absent: any number. */
  readonly subRequests?: number;
}

/** Called once, before there is an invocation. */
export function shareRunning(memory: SharedArrayBuffer): void {
  words = new Int32Array(memory);
}

export function markRunning(invocation: number, link: number, id: number, limit: number): void {
  if (words[Running.invocation] === invocation) return;
  words[Running.invocation] = invocation;
  words[Running.link] = link;
  words[Running.id] = id;
  words[Running.limit] = limit;
  words[Running.changes] = (words[Running.changes] as number) + 1;
}
