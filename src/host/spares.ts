/**
 * Keeps booted threads without a Worker, so that a load costs only the evaluation of the bundle.
 * Main thread of the host; one pool per host.
 */
import { type ThreadSource, WorkerThread } from "./worker-thread.ts";

export class Spares {
  readonly #source: ThreadSource;
  readonly #pool: WorkerThread[] = [];
  /** Taken threads that are still booting or evaluating. */
  readonly #starting: Set<WorkerThread> = new Set();
  /** All that were made and are not gone. */
  readonly #all: Set<WorkerThread> = new Set();
  #isClosed = false;

  constructor(source: ThreadSource) {
    this.#source = source;
  }

  /** Boots until `count` spares are there or on their way. */
  fill(count: number): void {
    while (!this.#isClosed && this.#pool.length < count) {
      this.#pool.push(this.#make());
    }
  }

  /**
   * A booted thread, the caller's from now on; booted on the spot if there is none. The next spare
   * is not started here, where it would compete with the load: the caller says `settled` when that
   * is over. Throws if the thread cannot boot.
   */
  async take(): Promise<WorkerThread> {
    let thread = this.#pool.shift();
    // A spare that died while waiting (memory limits, a broken runtime) is not handed out.
    while (thread?.isGone) thread = this.#pool.shift();
    thread ??= this.#make();
    this.#starting.add(thread);
    try {
      await thread.booted;
    } catch (error) {
      this.#starting.delete(thread);
      throw error;
    }
    return thread;
  }

  /** A taken thread has evaluated its Worker, or failed to; the last one makes room for a spare. */
  settled(thread: WorkerThread): void {
    this.#starting.delete(thread);
    if (this.#starting.size === 0) this.fill(1);
  }

  /** A thread that was taken but not loaded. */
  giveBack(thread: WorkerThread): void {
    this.#starting.delete(thread);
    if (this.#isClosed) thread.terminate();
    else this.#pool.push(thread);
  }

  /** Threads of any owner that were ended and are not gone. */
  leftovers(): WorkerThread[] {
    for (const thread of this.#all) if (thread.isGone) this.#all.delete(thread);
    return [...this.#all].filter(({ isEnding }) => isEnding);
  }

  close(): void {
    this.#isClosed = true;
    for (const thread of this.#pool.splice(0)) thread.terminate();
  }

  #make(): WorkerThread {
    const thread = new WorkerThread(this.#source);
    this.#all.add(thread);
    return thread;
  }
}
