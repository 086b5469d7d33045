/** `ReadableStream.from`: a stream over anything that can be iterated. */
import { DefaultReadable } from "./default-readable.ts";

interface Iteration {
  next(): unknown;
  return?(reason: unknown): unknown;
}

/** Undefined for what cannot be iterated. Asks for the iterator at once. */
export function readableFrom(iterable: unknown): DefaultReadable | undefined {
  const iteration = iterationOf(iterable);
  if (iteration === undefined) return undefined;
  const stream: DefaultReadable = new DefaultReadable(
    {
      start: undefined,
      pull: async () => {
        const { done, value } = resultOf(await iteration.next());
        if (!stream.isOpen) return;
        if (done) stream.close();
        else stream.enqueue(value());
      },
      cancel: async (reason) => {
        if (iteration.return === undefined) return;
        const result = await iteration.return(reason);
        if (!isObject(result)) throw new TypeError("The iterator's return() gave no object.");
      },
    },
    0,
  );
  return stream.begin();
}

/** The value is read only if there is one. */
function resultOf(result: unknown): { done: boolean; value: () => unknown } {
  if (!isObject(result)) throw new TypeError("The iterator's next() gave no object.");
  const done = Boolean(Reflect.get(result, "done"));
  return { done, value: () => Reflect.get(result, "value") as unknown };
}

function iterationOf(iterable: unknown): Iteration | undefined {
  if (iterable === undefined || iterable === null) return undefined;
  const holder = Object(iterable) as object;
  const asyncMethod: unknown = Reflect.get(holder, Symbol.asyncIterator, iterable);
  if (asyncMethod !== undefined && asyncMethod !== null) {
    return methodsOf(iteratorBy(asyncMethod, iterable));
  }
  const method: unknown = Reflect.get(holder, Symbol.iterator, iterable);
  if (method === undefined || method === null) return undefined;
  return awaited(methodsOf(iteratorBy(method, iterable)));
}

function iteratorBy(method: unknown, iterable: unknown): object {
  if (typeof method !== "function") throw new TypeError("The iterator method is no function.");
  const iterator: unknown = Reflect.apply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError("The iterator method gave no object.");
  return iterator;
}

/** `next` is looked up once, `return` when it is needed. */
function methodsOf(iterator: object): Iteration {
  const next: unknown = Reflect.get(iterator, "next");
  return {
    next() {
      if (typeof next !== "function") throw new TypeError("The iterator has no next().");
      return Reflect.apply(next, iterator, []);
    },
    return(reason) {
      const method: unknown = Reflect.get(iterator, "return");
      if (method === undefined || method === null) return { done: true };
      if (typeof method !== "function")
        throw new TypeError("The iterator's return is no function.");
      return Reflect.apply(method, iterator, [reason]);
    },
  };
}

/** Values of a synchronous iterator may be promises. */
function awaited(iteration: Iteration): Iteration {
  const settle = async (result: unknown): Promise<unknown> => {
    if (!isObject(result)) return result;
    const done = Boolean(Reflect.get(result, "done"));
    return { done, value: await Reflect.get(result, "value") };
  };
  return {
    next: () => settle(iteration.next()),
    return: (reason) => settle(iteration.return?.(reason)),
  };
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
