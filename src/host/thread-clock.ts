/**
 * CPU time of one thread, read from the host's main thread while the other one may spin. On Linux it
 * is what the kernel says (0.8-4 us a look, spikes S2); elsewhere the time that its event loop was
 * not idle, which counts waiting for a processor too.
 */
import { closeSync, openSync, readSync } from "node:fs";
import type { WorkerThread } from "./worker-thread.ts";

const NS_PER_MS = 1_000_000;

export class ThreadClock {
  readonly #thread: WorkerThread;
  #file: number | undefined;
  #last = 0;
  readonly #close = (): void => {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  };

  constructor(thread: WorkerThread) {
    this.#thread = thread;
    this.#file = thread.tid === undefined ? undefined : open(thread.tid);
    if (this.#file !== undefined) thread.worker.once("exit", this.#close);
  }

  /** For a clock that is read for a while only; the thread's end closes it as well. */
  close(): void {
    if (this.#file !== undefined) this.#thread.worker.off("exit", this.#close);
    this.#close();
  }

  /** ms since the thread began; the last known value when it is gone. */
  read(): number {
    if (this.#thread.isGone) return this.#last;
    const now = this.#file === undefined ? this.#active() : read(this.#file);
    if (now !== undefined) this.#last = now;
    return this.#last;
  }

  #active(): number {
    return this.#thread.worker.performance.eventLoopUtilization().active;
  }
}

const buffer: Buffer = Buffer.alloc(64);

function open(tid: number): number | undefined {
  try {
    return openSync(`/proc/self/task/${tid}/schedstat`, "r");
  } catch {
    // A kernel without scheduler statistics.
    return undefined;
  }
}

/** The first of the file's numbers is the time on a processor in ns. */
function read(file: number): number | undefined {
  try {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    return Number.parseInt(buffer.toString("latin1", 0, length), 10) / NS_PER_MS;
  } catch {
    // The thread is just ending.
    return undefined;
  }
}
