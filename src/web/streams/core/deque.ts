/** A queue whose ends are cheap, and one that knows the sizes of what is in it. No stream in here. */

/** Below that many taken items the rest is not moved. */
const KEPT_GAP = 256;

export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The next item, which stays. Undefined if there is none. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Of a queue that is not empty. */
  replaceHead(item: T): void {
    this.#items[this.#head] = item;
  }

  /** Of a queue that is not empty. */
  replaceLast(item: T): void {
    this.#items[this.#items.length - 1] = item;
  }

  shift(): T | undefined {
    const items = this.#items;
    const item = items[this.#head];
    items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > KEPT_GAP && this.#head * 2 > items.length) {
      items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  /** Everything that is in it, which leaves it. */
  takeAll(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.clear();
    return items;
  }
}

/** The queue of a controller: values with sizes, of which most are 1. */
export class SizedQueue {
  readonly #values: Deque<unknown> = new Deque();
  /** Only for values of a size function. */
  #sizes: Deque<number> | undefined;
  total = 0;

  get length(): number {
    return this.#values.length;
  }

  /** Size 1, as of a queue without a size function. Not to be mixed with `pushSized`. */
  push(value: unknown): void {
    this.#values.push(value);
    this.total += 1;
  }

  pushSized(value: unknown, size: number): void {
    this.#sizes ??= new Deque();
    this.#sizes.push(size);
    this.#values.push(value);
    this.total += size;
  }

  peek(): unknown {
    return this.#values.peek();
  }

  shift(): unknown {
    const size = this.#sizes === undefined ? 1 : (this.#sizes.shift() ?? 0);
    // Sums of fractions can end below zero.
    this.total = Math.max(0, this.total - size);
    return this.#values.shift();
  }

  clear(): void {
    this.#values.clear();
    this.#sizes?.clear();
    this.total = 0;
  }
}
