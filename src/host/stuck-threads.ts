/**
 * Tells threads that are stuck in an endless loop, of statements or of microtasks, from threads
 * that are merely busy: neither is ever idle, but a busy one still answers a ping. Counts looks of
 * the watchdog instead of reading a clock, so that a laptop that slept accuses nobody.
 */
import type { EventLoopUtilization } from "node:perf_hooks";
import type { WorkerThread } from "./worker-thread.ts";

interface Record {
  readonly idle: number;
  /** Looks in a row that saw no idle time. */
  readonly looks: number;
  /** Pongs when it was pinged. */
  readonly pongs: number;
}

export class StuckThreads {
  readonly #records: WeakMap<WorkerThread, Record> = new WeakMap();
  readonly #pingAfter: number;

  /** `pingAfter`: looks without idle time before a thread is suspected. */
  constructor(pingAfter: number) {
    this.#pingAfter = pingAfter;
  }

  /** For how many looks the thread has not reached its event loop; 0 while it is not suspected. */
  look(thread: WorkerThread, now: EventLoopUtilization): number {
    const last = this.#records.get(thread);
    const isStill = last !== undefined && last.idle === now.idle && last.pongs === thread.pongs;
    const looks = isStill ? last.looks + 1 : 0;
    this.#records.set(thread, { idle: now.idle, looks, pongs: thread.pongs });
    if (looks === this.#pingAfter) thread.post({ type: "ping" });
    return looks > this.#pingAfter ? looks : 0;
  }
}
