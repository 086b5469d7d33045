/**
 * Which Worker builds next when many do at once: the primary and those that somebody waits for first,
 * the others in the order in which they ask, a few at a time. Owned by DevSession.
 */
import { availableParallelism } from "node:os";

/** esbuild builds on all processors; more builds at once only delay the one that is waited for. */
const AT_ONCE: number = Math.max(2, availableParallelism());
/**
 * How long no other build begins after somebody has asked for a Worker: about as long as it takes to
 * be built and evaluated, both of which a build beside it would make half as fast.
 */
const CALM_MS = 50;

/** Of so many at least, one that is waited for builds alone. */
const MANY = 9;

/** The Worker may build; to be called when it has. */
export type BuildTurn = () => void;

export class BuildTurns {
  readonly #waiting: Map<string, () => void> = new Map();
  #running = 0;
  #urgent = 0;
  /** Workers of the session. */
  readonly #count: () => number;
  #calm: NodeJS.Timeout | undefined;
  /** Asked for before: nobody is held up by who asks again and again. */
  readonly #asked: Set<string> = new Set();

  constructor(count: () => number) {
    this.#count = count;
  }

  /** Urgent ones do not wait. */
  take(worker: string, isUrgent: boolean): BuildTurn | Promise<BuildTurn> {
    if (isUrgent || this.#isFree) return this.#start(isUrgent);
    return new Promise((resolve) => this.#waiting.set(worker, () => resolve(this.#start())));
  }

  /** Somebody waits for this Worker, to be built or only to be started. */
  hurry(worker: string): void {
    const start = this.#waiting.get(worker);
    this.#waiting.delete(worker);
    start?.();
    if (this.#asked.has(worker) || this.#count() < MANY) return;
    this.#asked.add(worker);
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      this.#goOn();
    }, CALM_MS);
  }

  /** The session ends. */
  [Symbol.dispose](): void {
    clearTimeout(this.#calm);
  }

  get #isFree(): boolean {
    if (this.#calm !== undefined || this.#running >= AT_ONCE) return false;
    return this.#urgent === 0 || this.#count() < MANY;
  }

  #start(isUrgent = false): BuildTurn {
    this.#running += 1;
    if (isUrgent) this.#urgent += 1;
    return () => {
      this.#running -= 1;
      if (isUrgent) this.#urgent -= 1;
      this.#goOn();
    };
  }

  #goOn(): void {
    for (const [worker, start] of this.#waiting) {
      if (!this.#isFree) return;
      this.#waiting.delete(worker);
      start();
    }
  }
}
