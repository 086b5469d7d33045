/**
 * Starts a crashed Worker again when its time has come (crash-backoff.ts). Main thread of the host;
 * one per worker-slot.ts.
 */
import { CrashBackoff } from "./crash-backoff.ts";

export class Restarts {
  readonly #backoff: CrashBackoff = new CrashBackoff();
  #timer: NodeJS.Timeout | undefined;

  /** One is to come. */
  get isDue(): boolean {
    return this.#timer !== undefined;
  }

  /** After a crash: `start` now or later. False: it keeps crashing, and is not started again. */
  schedule(start: () => void): boolean {
    const delay = this.#backoff.next();
    if (delay === undefined) return false;
    if (delay === 0) start();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        start();
      }, delay);
    }
    return true;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** New code: a new chance. */
  reset(): void {
    this.cancel();
    this.#backoff.reset();
  }
}
