/**
 * What reads from the tables of one object row by row: ended before its data go, and a reason to
 * keep the file open. Most are read to their end in the turn that began them; of later ones only
 * those count that somebody still holds. Owned by ObjectDatabase.
 */

export interface Reader {
  /** The data are about to go. */
  end(): void;
}

const MANY = 100;

export class Readers {
  /** Of this turn. */
  readonly #fresh: Set<Reader> = new Set();
  /** Of earlier turns. */
  readonly #open: Set<WeakRef<Reader>> = new Set();
  readonly #refs: WeakMap<Reader, WeakRef<Reader>> = new WeakMap();
  /** So many are looked through for those that nobody holds any more. */
  #many = MANY;

  add(reader: Reader): void {
    this.#fresh.add(reader);
    if (this.#fresh.size > MANY) this.settle();
  }

  remove(reader: Reader): void {
    if (this.#fresh.delete(reader)) return;
    const ref = this.#refs.get(reader);
    if (ref !== undefined) this.#open.delete(ref);
  }

  /** The turn is over. */
  settle(): void {
    for (const reader of this.#fresh) {
      const ref = new WeakRef(reader);
      this.#refs.set(reader, ref);
      this.#open.add(ref);
    }
    this.#fresh.clear();
    if (this.#open.size < this.#many) return;
    this.#forget();
    this.#many = Math.max(MANY, 2 * this.#open.size);
  }

  get isEmpty(): boolean {
    this.#forget();
    return this.#fresh.size === 0 && this.#open.size === 0;
  }

  endAll(): void {
    this.settle();
    for (const ref of this.#open) ref.deref()?.end();
    this.#open.clear();
  }

  #forget(): void {
    for (const ref of this.#open) {
      if (ref.deref() === undefined) this.#open.delete(ref);
    }
  }
}
