/** Time as the broker of queues knows it: the machine's, a test's own, or the machine's set forward. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** More than a minute may be cut short: `run` looks whether it is time. */
  after(ms: number, run: () => void): Timer;
}

/**
 * Longest wait of one timer: a batch's. Whoever waits for longer looks at the clock in between, as often as
 * `LOOK_MS`: timers stand still while the machine sleeps, and know nothing of a clock that is set.
 */
const LONGEST_MS = 60_000;
const LOOK_MS = 30_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    if (ms <= 0) {
      const immediate = setImmediate(run);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timer = setTimeout(run, ms > LONGEST_MS ? LOOK_MS : ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

interface Waiting {
  readonly at: number;
  readonly run: () => void;
  timer: Timer;
}

/** The machine's time, which a session that is tested may set forward. */
export class MovableClock implements Clock {
  readonly #machine: Clock;
  readonly #waiting: Set<Waiting> = new Set();
  #ahead = 0;

  constructor(machine: Clock) {
    this.#machine = machine;
  }

  now(): number {
    return this.#machine.now() + this.#ahead;
  }

  after(ms: number, run: () => void): Timer {
    const waiting = { at: this.now() + ms, run, timer: NO_TIMER };
    this.#arm(waiting);
    return { cancel: () => this.#drop(waiting) };
  }

  /** ms until the next timer; undefined: there is none. */
  next(): number | undefined {
    if (this.#waiting.size === 0) return undefined;
    return Math.max(0, Math.min(...[...this.#waiting].map(({ at }) => at)) - this.now());
  }

  /** Sets time forward and runs what is due then, in order. */
  advance(ms: number): void {
    this.#ahead += ms;
    for (let due = this.#due(); due !== undefined; due = this.#due()) {
      this.#drop(due);
      due.run();
    }
    for (const waiting of this.#waiting) {
      waiting.timer.cancel();
      this.#arm(waiting);
    }
  }

  #due(): Waiting | undefined {
    const now = this.now();
    const due = [...this.#waiting].filter(({ at }) => at <= now);
    return due.sort((one, other) => one.at - other.at)[0];
  }

  #arm(waiting: Waiting): void {
    this.#waiting.add(waiting);
    waiting.timer = this.#machine.after(Math.max(0, waiting.at - this.now()), () => {
      this.#waiting.delete(waiting);
      waiting.run();
    });
  }

  #drop(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    waiting.timer.cancel();
  }
}

const NO_TIMER: Timer = { cancel() {} };
