/**
 * Keeps booted threads without a Worker, so that a load costs only the evaluation of the bundle, and
 * says who may start next. Main thread of the host; one pool per host.
 *
 * Few start at once: more than there are processors only make each other slower. Whoever somebody
 * waits for does not wait for a turn, and gets the spare that is kept for it.
 */
import { availableParallelism } from "node:os";
import { type ThreadSource, WorkerThread } from "./worker-thread.ts";

/** Who takes a thread. */
export interface Taker {
  /** Somebody waits for its Worker. */
  readonly isUrgent: boolean;
}

interface Waiting {
  readonly taker: Taker;
  readonly give: () => void;
}

const STARTS_AT_ONCE: number = Math.max(2, availableParallelism());
/**
 * How long the others wait after one that is urgent has been evaluated: its first request leads to the next
 * Worker, which has the processors to itself then.
 */
const CALM_MS = 50;
/**
 * How long after a load the next spare boots: whoever waited for the Worker gets its first answers
 * before (two cores: a boot costs 60 ms). A save that comes sooner boots its thread on the spot.
 */
const NEXT_MS = 250;
/** Whoever takes longer to evaluate does not count any more. */
const SLOW_MS = 500;

export class Spares {
  readonly #source: ThreadSource;
  readonly #pool: WorkerThread[] = [];
  /** Taken threads that are still booting or evaluating. */
  readonly #starting: Set<WorkerThread> = new Set();
  /** All that were made and are not gone. */
  readonly #all: Set<WorkerThread> = new Set();
  readonly #waiting: Waiting[] = [];
  #isClosed = false;
  /** Spares that only the urgent get, from when the first of them has come. */
  #reserve = 0;
  #hasServed = false;
  /** Taken threads that somebody waits for. */
  readonly #urgent: Set<WorkerThread> = new Set();
  /** Somebody urgent was here a moment ago. */
  #calm: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;

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
   * Many Workers start or sleep: so many spares are kept for the one that is asked for. One more until
   * the primary has come, so that whoever is asked for next finds one too.
   */
  set reserve(count: number) {
    this.#reserve = count;
  }

  /**
   * A booted thread, the caller's from now on; booted on the spot if there is none. The next spare
   * is not started here, where it would compete with the load: the caller says `settled` when that
   * is over. Rejects if the thread cannot boot.
   */
  take(taker: Taker): Promise<WorkerThread> {
    return new Promise((resolve, reject) => {
      const give = (): void => void this.#give(taker).then(resolve, reject);
      if (!taker.isUrgent) this.#waiting.push({ taker, give });
      else give();
      this.#goOn();
    });
  }

  /** Somebody who waits for a thread has become urgent. */
  hurry(): void {
    for (const waiting of this.#waiting.filter(({ taker }) => taker.isUrgent)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.give();
    }
  }

  /** A taken thread has evaluated its Worker, or failed to; the last one makes room for a spare. */
  settled(thread: WorkerThread): void {
    if (this.#starting.delete(thread)) this.#onStarted(thread);
  }

  /** A thread that was taken but not loaded. */
  giveBack(thread: WorkerThread): void {
    this.#starting.delete(thread);
    if (this.#isClosed) thread.terminate();
    else this.#pool.push(thread);
    this.#onStarted(thread);
  }

  /** Threads of any owner that were ended and are not gone. */
  leftovers(): WorkerThread[] {
    for (const thread of this.#all) if (thread.isGone) this.#all.delete(thread);
    return [...this.#all].filter(({ isEnding }) => isEnding);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    clearTimeout(this.#calm);
    clearTimeout(this.#next);
    for (const thread of this.#pool.splice(0)) thread.terminate();
  }

  get #kept(): number {
    return this.#reserve > 0 && !this.#hasServed ? this.#reserve + 1 : this.#reserve;
  }

  #make(): WorkerThread {
    const thread = new WorkerThread(this.#source);
    this.#all.add(thread);
    return thread;
  }

  async #give(taker: Taker): Promise<WorkerThread> {
    const thread = this.#pick(taker) ?? this.#make();
    this.#hasServed ||= taker.isUrgent;
    this.#starting.add(thread);
    if (taker.isUrgent && this.#reserve > 0) this.#urgent.add(thread);
    try {
      await thread.booted;
    } catch (error) {
      this.#starting.delete(thread);
      this.#onStarted(thread);
      throw error;
    }
    // A loop or an await without end at its top level holds up nobody else.
    setTimeout(() => this.settled(thread), SLOW_MS).unref();
    return thread;
  }

  #pick({ isUrgent }: Taker): WorkerThread | undefined {
    for (;;) {
      if (!isUrgent && this.#pool.length <= this.#kept) return undefined;
      const thread = this.#pool.shift();
      // A spare that died while waiting (memory limits, a broken runtime) is not handed out.
      if (thread === undefined || !thread.isGone) return thread;
    }
  }

  /** It evaluated its Worker, or will not. */
  #onStarted(thread: WorkerThread): void {
    if (!this.#urgent.delete(thread) || this.#isClosed) {
      this.#goOn();
      return;
    }
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      this.#goOn();
    }, CALM_MS).unref();
  }

  #goOn(): void {
    if (this.#calm !== undefined || this.#urgent.size > 0) return;
    this.fill(this.#reserve);
    while (this.#starting.size < STARTS_AT_ONCE) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      next.give();
    }
    if (this.#starting.size > 0) return;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.fill(1), NEXT_MS).unref();
  }
}
