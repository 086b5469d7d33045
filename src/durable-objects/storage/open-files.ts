/**
 * Which files of objects are open: each takes three descriptors and 190 KB, so those that nobody
 * used for longest are closed when there are many (spec/durable-objects.md 22). One for all objects
 * of a Worker's thread; ObjectDatabase says what it opens and closes.
 */

/** Open at a time, as far as they can be closed. */
const MOST_OPEN = 200;
/** Closed, but perhaps not collected: where only the collector ends statements. */
const MOST_LEFT = 200;

export interface OpenFile {
  /** Whether it was used since the last call. */
  takeUse(): boolean;
  /** Closes it if nothing is under way in it; the next use opens it again. */
  closeIfIdle(): void;
}

export class OpenFiles {
  /** The longest open first. */
  readonly #open: Set<OpenFile> = new Set();
  readonly #collect: () => void;
  #left = 0;

  /** `collect`: throws garbage away where descriptors are kept by statements that nobody holds. */
  constructor(collect: () => void) {
    this.#collect = collect;
  }

  opened(file: OpenFile): void {
    const open = this.#open;
    open.add(file);
    // Once around: who was used gets another round.
    for (let looks = open.size; looks > 0 && open.size > MOST_OPEN; looks -= 1) {
      const oldest = open.values().next().value as OpenFile;
      if (oldest !== file && !oldest.takeUse()) oldest.closeIfIdle();
      if (open.delete(oldest)) open.add(oldest);
    }
  }

  closed(file: OpenFile): void {
    this.#open.delete(file);
    this.#left += 1;
    if (this.#left < MOST_LEFT) return;
    this.#left = 0;
    // Not within the turn, which may hold on to statements.
    setImmediate(this.#collect);
  }
}
