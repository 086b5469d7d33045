/** `Iterator` with its helpers (ES2025) for hosts that lack them. */
import { addMember, addMembers } from "./polyfill-define.ts";

type AnyIterator = Iterator<unknown> & { [Symbol.iterator]?(): Iterator<unknown> };
type Callback = (value: unknown, index: number) => unknown;

const prototype = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
) as AnyIterator;

/** Adds missing helpers to the shared prototype; returns the global if the host has none. */
export function addIteratorHelpers(): Record<string, unknown> {
  addMembers(prototype, HELPERS);
  if (Reflect.has(globalThis, "Iterator")) return {};
  function Iterator(this: unknown): void {
    if (new.target === undefined || new.target === (Iterator as unknown)) {
      throw new TypeError("Abstract class Iterator not directly constructable");
    }
  }
  Object.defineProperty(Iterator, "prototype", { value: prototype, writable: false });
  addMember(Iterator, "from", from);
  addMember(prototype, Symbol.toStringTag, "Iterator");
  // An accessor, as ES2025 has it: V8 does not name an iterator after it in its messages.
  Object.defineProperty(prototype, "constructor", {
    get: () => Iterator,
    set(this: object, value: unknown) {
      if (this === prototype) throw new TypeError("Cannot assign to this property");
      Object.defineProperty(this, "constructor", {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    },
    configurable: true,
  });
  return { Iterator };
}

const HELPERS = {
  *map(this: AnyIterator, fn: Callback): Generator<unknown> {
    let index = 0;
    for (const value of loop(this)) yield fn(value, index++);
  },
  *filter(this: AnyIterator, fn: Callback): Generator<unknown> {
    let index = 0;
    for (const value of loop(this)) if (fn(value, index++)) yield value;
  },
  *take(this: AnyIterator, limit: number): Generator<unknown> {
    let remaining = count(limit);
    if (remaining === 0) return void this.return?.();
    for (const value of loop(this)) {
      yield value;
      remaining -= 1;
      if (remaining === 0) return;
    }
  },
  *drop(this: AnyIterator, limit: number): Generator<unknown> {
    let remaining = count(limit);
    for (const value of loop(this)) {
      if (remaining > 0) remaining -= 1;
      else yield value;
    }
  },
  *flatMap(this: AnyIterator, fn: Callback): Generator<unknown> {
    let index = 0;
    for (const value of loop(this)) yield* fn(value, index++) as Iterable<unknown>;
  },
  reduce(
    this: AnyIterator,
    fn: (acc: unknown, value: unknown, index: number) => unknown,
    ...init: unknown[]
  ): unknown {
    let index = 0;
    let result = init[0];
    let isEmpty = init.length === 0;
    for (const value of loop(this)) {
      result = isEmpty ? value : fn(result, value, index);
      isEmpty = false;
      index += 1;
    }
    if (isEmpty) throw new TypeError("Reduce of a done iterator with no initial value");
    return result;
  },
  toArray(this: AnyIterator): unknown[] {
    return [...loop(this)];
  },
  forEach(this: AnyIterator, fn: Callback): void {
    let index = 0;
    for (const value of loop(this)) fn(value, index++);
  },
  some(this: AnyIterator, fn: Callback): boolean {
    let index = 0;
    for (const value of loop(this)) if (fn(value, index++)) return true;
    return false;
  },
  every(this: AnyIterator, fn: Callback): boolean {
    let index = 0;
    for (const value of loop(this)) if (!fn(value, index++)) return false;
    return true;
  },
  find(this: AnyIterator, fn: Callback): unknown {
    let index = 0;
    for (const value of loop(this)) if (fn(value, index++)) return value;
    return undefined;
  },
};

/** Iterate without asking the iterator for Symbol.iterator; closes it when left early. */
function loop(iterator: AnyIterator): Iterable<unknown> {
  return {
    [Symbol.iterator]: () => ({
      next: () => iterator.next(),
      return: () => iterator.return?.() ?? { done: true, value: undefined },
    }),
  };
}

function* from(source: Iterable<unknown> | AnyIterator): Generator<unknown> {
  if (typeof (source as Iterable<unknown>)[Symbol.iterator] === "function") {
    yield* source as Iterable<unknown>;
  } else yield* loop(source as AnyIterator);
}

function count(limit: unknown): number {
  const number = Number(limit);
  if (Number.isNaN(number) || number < 0) throw new RangeError(`${String(limit)} must be positive`);
  return Math.trunc(number);
}
