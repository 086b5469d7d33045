/**
 * Decides when a crashed Worker is started again: at once the first time, later and later while it
 * keeps crashing, not at all after a run of quick crashes. One per worker-slot.ts.
 */

/** Delay in ms before restart number n of a run. */
const DELAYS: readonly number[] = [0, 100, 300, 1000, 3000];
/** A Worker that lived this long has left its run of crashes behind. */
const RUN_WINDOW_MS = 20_000;

export class CrashBackoff {
  readonly #now: () => number;
  #crashes = 0;
  #lastAt = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Records a crash; ms until the restart, or undefined to give up until something changes. */
  next(): number | undefined {
    const now = this.#now();
    if (now - this.#lastAt > RUN_WINDOW_MS) this.#crashes = 0;
    this.#lastAt = now;
    return DELAYS[this.#crashes++];
  }

  /** New code: a new chance. */
  reset(): void {
    this.#crashes = 0;
  }
}
