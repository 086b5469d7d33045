/** Time as the broker of queues knows it: the machine's, or a test's own. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  after(ms: number, run: () => void): Timer;
}

/** Longest wait of one timer of Node; the broker looks again then. */
const MAX_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    if (ms <= 0) {
      const immediate = setImmediate(run);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timer = setTimeout(run, Math.min(ms, MAX_MS));
    return { cancel: () => clearTimeout(timer) };
  },
};
