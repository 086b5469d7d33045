/**
 * A numbered table of many entries whose numbers were given one after the other, most of which go in
 * about that order: each has the slot that the end of its number says, and what finds its slot taken
 * by something that lasts goes into a Map. Calls that are under way at once are such entries: a Map
 * alone, which is built anew as they come and go, costs each of them a tenth of a microsecond more.
 */
const FIRST_SLOTS = 32;
const MOST_SLOTS = 4096;
/** In place of the number of an entry. */
const EMPTY = 0;

export class Slots<T extends object> {
  #ids: number[] = emptyIds(FIRST_SLOTS);
  #values: (T | undefined)[] = emptyValues(FIRST_SLOTS);
  #rest: Map<number, T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    const slot = id & (this.#ids.length - 1);
    const isHere = this.#ids[slot] === id && id !== EMPTY;
    return isHere ? this.#values[slot] : this.#rest?.get(id);
  }

  /** Ids are never used twice. */
  set(id: number, value: T): void {
    const slots = this.#ids.length;
    if (this.#size >= slots / 2 && slots < MOST_SLOTS) this.#grow();
    this.#size += 1;
    this.#put(id, value);
  }

  #put(id: number, value: T): void {
    const slot = id & (this.#ids.length - 1);
    // A peer may name anything: what is no number of a slot goes where anything can.
    if (this.#ids[slot] === EMPTY && (id | 0) === id && id !== EMPTY) {
      this.#ids[slot] = id;
      this.#values[slot] = value;
    } else {
      this.#rest ??= new Map();
      this.#rest.set(id, value);
    }
  }

  /** Returns what was there. */
  take(id: number): T | undefined {
    const slot = id & (this.#ids.length - 1);
    const isHere = this.#ids[slot] === id && id !== EMPTY;
    const value = isHere ? this.#values[slot] : this.#rest?.get(id);
    if (value === undefined) return undefined;
    if (isHere) {
      this.#ids[slot] = EMPTY;
      this.#values[slot] = undefined;
    } else this.#rest?.delete(id);
    this.#size -= 1;
    return value;
  }

  /** In no order. */
  entries(): [number, T][] {
    const entries: [number, T][] = this.#rest === undefined ? [] : [...this.#rest];
    for (let slot = 0; slot < this.#ids.length; slot++) {
      const value = this.#values[slot];
      if (value !== undefined) entries.push([this.#ids[slot] as number, value]);
    }
    return entries;
  }

  #grow(): void {
    const entries = this.entries();
    const slots = this.#ids.length * 2;
    this.#ids = emptyIds(slots);
    this.#values = emptyValues(slots);
    this.#rest = undefined;
    for (const [id, value] of entries) this.#put(id, value);
  }
}

function emptyIds(length: number): number[] {
  return new Array<number>(length).fill(EMPTY);
}

function emptyValues<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined);
}
