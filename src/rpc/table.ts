/**
 * A small numbered table. Most sessions hold one entry in one table for their whole life, so the
 * first entry needs no Map.
 */
export class Table<T extends object> {
  #firstId = 0;
  #first: T | undefined;
  #rest: Map<number, T> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#rest?.size ?? 0);
  }

  get(id: number): T | undefined {
    if (this.#first !== undefined && this.#firstId === id) return this.#first;
    return this.#rest?.get(id);
  }

  set(id: number, value: T): void {
    if (this.#first === undefined && !this.#rest?.has(id)) {
      this.#firstId = id;
      this.#first = value;
      return;
    }
    this.#rest ??= new Map();
    this.#rest.set(id, value);
  }

  /** Returns what was there. */
  take(id: number): T | undefined {
    if (this.#first !== undefined && this.#firstId === id) {
      const value = this.#first;
      this.#first = undefined;
      return value;
    }
    const value = this.#rest?.get(id);
    if (value !== undefined) this.#rest?.delete(id);
    return value;
  }

  /** By id, so in the order made. */
  values(): T[] {
    const all = [...(this.#rest?.entries() ?? [])];
    if (this.#first !== undefined) all.push([this.#firstId, this.#first]);
    return all.sort(([a], [b]) => a - b).map(([, value]) => value);
  }

  some(test: (value: T) => boolean): boolean {
    if (this.#first !== undefined && test(this.#first)) return true;
    if (this.#rest === undefined) return false;
    for (const value of this.#rest.values()) if (test(value)) return true;
    return false;
  }

  /** Empty it; returns what was there. */
  clear(): readonly T[] {
    if (this.#first === undefined && this.#rest === undefined) return none;
    const all = this.values();
    this.#first = undefined;
    this.#rest = undefined;
    return all;
  }
}

const none: readonly never[] = [];
