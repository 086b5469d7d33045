/**
 * Iterators over the entries, keys or values of a platform object: classes of their own, as
 * production has them (spec/platform.md 1.2). Their results name `done` before `value`.
 */
import { httpCompat } from "../compat.ts";
import { defineInterface } from "./define-interface.ts";

/** The next item; undefined when there is none left. */
type Pull<T> = () => { readonly value: T } | undefined;

const IteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
);

function defineIterator(name: string): new <T>(pull: Pull<T>) => IterableIterator<T> {
  class PlatformIterator<T> {
    readonly #pull: Pull<T>;

    constructor(pull: Pull<T>) {
      this.#pull = pull;
    }

    static is(value: object): boolean {
      return #pull in value;
    }

    next(): IteratorResult<T> {
      const item = this.#pull();
      if (item !== undefined) return { done: false, value: item.value };
      const result: { done: true; value?: undefined } = { done: true };
      if (httpCompat().fullResults) result.value = undefined;
      return result as IteratorReturnResult<undefined>;
    }

    [Symbol.iterator](): this {
      return this;
    }
  }
  Object.setPrototypeOf(PlatformIterator.prototype, IteratorPrototype);
  const { is } = PlatformIterator;
  Reflect.deleteProperty(PlatformIterator, "is");
  defineInterface(PlatformIterator, name, { brand: is });
  return PlatformIterator as new <T>(
    pull: Pull<T>,
  ) => IterableIterator<T>;
}

const EntryIterator = defineIterator("EntryIterator");
const KeyIterator = defineIterator("KeyIterator");
const ValueIterator = defineIterator("ValueIterator");
const PairIterator = defineIterator("PairIterator");

type Entry<V> = readonly [key: string, value: V];

/** `at(i)`: the entry at that place now, so that a list may change meanwhile. */
export function iterateEntries<V>(
  at: (index: number) => Entry<V> | undefined,
): IterableIterator<[string, V]> {
  return new EntryIterator<[string, V]>(pull(at, ([key, value]) => [key, value]));
}

export function iterateKeys<V>(
  at: (index: number) => Entry<V> | undefined,
): IterableIterator<string> {
  return new KeyIterator<string>(pull(at, ([key]) => key));
}

export function iterateValues<V>(at: (index: number) => Entry<V> | undefined): IterableIterator<V> {
  return new ValueIterator<V>(pull(at, ([, value]) => value));
}

function pull<V, T>(
  at: (index: number) => Entry<V> | undefined,
  pick: (entry: Entry<V>) => T,
): Pull<T> {
  let index = 0;
  return () => {
    const entry = at(index);
    if (entry === undefined) return undefined;
    index += 1;
    return { value: pick(entry) };
  };
}

/** Over the ends of a WebSocketPair. */
export function iteratePair<T>(ends: readonly [T, T]): IterableIterator<T> {
  let index = 0;
  return new PairIterator<T>(() => {
    if (index > 1) return undefined;
    index += 1;
    return { value: ends[index - 1] as T };
  });
}
