/**
 * Threads that were ended and are not gone: in a native call, or waiting in their clean-up for a job
 * on libuv's pool. Nothing can interrupt either. They serve nobody, and nobody waits for them (the
 * process ends without them, end-process.ts), with one exception: the pool belongs to the whole
 * process, and once they have all of it, the files, names and crypto of every Worker wait.
 * Main thread of the host; looked at by the watchdog, whose looks it counts instead of reading a
 * clock, so that a laptop that slept accuses nobody.
 */
import { access } from "node:fs";
import type { WorkerThread } from "./worker-thread.ts";

export interface LeftoversContext {
  /** Said once of each thread that stays. */
  readonly tell: (worker: string) => void;
  /** The pool takes no work any more: this process is of no use. */
  readonly onPoolTaken: (workers: readonly string[]) => void;
}

const TELL_AFTER_MS = 5000;
const POOL_LIMIT_MS = 10_000;

export class Leftovers {
  readonly #context: LeftoversContext;
  /** For how long each has been seen. */
  readonly #seen: WeakMap<WorkerThread, number> = new WeakMap();
  /** For how long the pool has owed an answer; undefined: it was not asked. */
  #owed: number | undefined;

  constructor(context: LeftoversContext) {
    this.#context = context;
  }

  /** `passed`: ms since the look before. */
  look(threads: readonly WorkerThread[], passed: number): void {
    for (const thread of threads) this.#count(thread, passed);
    if (this.#owed === undefined) {
      if (threads.length > 0) this.#askPool();
      return;
    }
    this.#owed += passed;
    if (this.#owed < POOL_LIMIT_MS || threads.length === 0) return;
    this.#owed = undefined;
    this.#context.onPoolTaken([...new Set(threads.map(({ workerName }) => workerName))]);
  }

  #count(thread: WorkerThread, passed: number): void {
    const before = this.#seen.get(thread) ?? 0;
    const now = before + passed;
    this.#seen.set(thread, now);
    if (before < TELL_AFTER_MS && now >= TELL_AFTER_MS) this.#context.tell(thread.workerName);
  }

  /** Any job will do. */
  #askPool(): void {
    this.#owed = 0;
    access(process.execPath, () => {
      this.#owed = undefined;
    });
  }
}
