/**
 * Which Worker builds next when many do at once: the primary and those that somebody waits for first,
 * the others in config order, a few at a time. Owned by DevSession.
 */
import { availableParallelism } from "node:os";

/** esbuild builds on all processors; more builds at once only delay the one that is waited for. */
const AT_ONCE: number = Math.max(2, availableParallelism());

export class BuildTurns {
  readonly #waiting: Map<string, () => void> = new Map();
  #running = 0;

  /** Resolves when the Worker may build; call the result when it has. An urgent one does not wait. */
  take(worker: string, isUrgent: boolean): Promise<() => void> {
    return new Promise((resolve) => {
      const start = (): void => {
        this.#running += 1;
        resolve(() => {
          this.#running -= 1;
          this.#goOn();
        });
      };
      if (isUrgent || this.#running < AT_ONCE) start();
      else this.#waiting.set(worker, start);
    });
  }

  /** Somebody waits for this Worker. */
  hurry(worker: string): void {
    const start = this.#waiting.get(worker);
    this.#waiting.delete(worker);
    start?.();
  }

  #goOn(): void {
    for (const [worker, start] of this.#waiting) {
      if (this.#running >= AT_ONCE) return;
      this.#waiting.delete(worker);
      start();
    }
  }
}
