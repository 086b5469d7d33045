/**
 * Which Worker builds next when many do at once: the primary and those that somebody waits for first,
 * the others in config order, a few at a time. Owned by DevSession.
 */
import { availableParallelism } from "node:os";

/** esbuild builds on all processors; more builds at once only delay the one that is waited for. */
const AT_ONCE: number = Math.max(2, availableParallelism());

/** The Worker may build; to be called when it has. */
export type BuildTurn = () => void;

export class BuildTurns {
  readonly #waiting: Map<string, () => void> = new Map();
  #running = 0;

  /** Urgent ones do not wait. */
  take(worker: string, isUrgent: boolean): BuildTurn | Promise<BuildTurn> {
    if (isUrgent || this.#running < AT_ONCE) return this.#start();
    return new Promise((resolve) => this.#waiting.set(worker, () => resolve(this.#start())));
  }

  /** Somebody waits for this Worker. */
  hurry(worker: string): void {
    const start = this.#waiting.get(worker);
    this.#waiting.delete(worker);
    start?.();
  }

  #start(): BuildTurn {
    this.#running += 1;
    return () => {
      this.#running -= 1;
      this.#goOn();
    };
  }

  #goOn(): void {
    for (const [worker, start] of this.#waiting) {
      if (this.#running >= AT_ONCE) return;
      this.#waiting.delete(worker);
      start();
    }
  }
}
