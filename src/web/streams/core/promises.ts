/**
 * Promises as the streams need them: made as late as possible, and with what JavaScript had before
 * user code could patch it. A promise costs most where invocations are tracked (Node 20 runs hooks
 * for each), so nothing here makes one that nobody asked for. Used by every file of core/.
 */

const { then } = Promise.prototype;

/** The one that everything waits for which only has to come a microtask later. */
const settled: Promise<void> = Promise.resolve();

function ignore(): void {}

/** `promise.then(ok, failed)`, unseen by patched prototypes. Neither callback may throw. */
export function react<T>(
  promise: Promise<T>,
  ok: ((value: T) => void) | undefined,
  failed: (error: unknown) => void,
): void {
  void Reflect.apply(then, promise, [ok, failed]);
}

/** Not an object: no promise, no thenable. Most callbacks of user code return nothing. */
export function isPlain(result: unknown): boolean {
  return result === undefined || (typeof result !== "object" && typeof result !== "function");
}

/** What follows the result of a user's callback: one microtask later, or when its promise settles. */
export function reactToResult(
  result: unknown,
  ok: (value: unknown) => void,
  failed: (error: unknown) => void,
): void {
  react<unknown>(isPlain(result) ? settled : Promise.resolve(result), ok, failed);
}

/** The same for a `start`: the standard wraps its promise in another, which takes longer. */
export function reactToStart(
  result: unknown,
  ok: (value: unknown) => void,
  failed: (error: unknown) => void,
): void {
  react(new Promise<unknown>((resolve) => resolve(result)), ok, failed);
}

/** One microtask later, in the current async context. */
export function soon(job: () => void): void {
  void Reflect.apply(then, settled, [job]);
}

/** A rejection that somebody else reports, or nobody needs to. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  react(promise, undefined, ignore);
  return promise;
}

/** Calls `fn`; what it throws is a rejection. Its promise is wrapped, as in `reactToStart`. */
export function attempt(fn: () => unknown): Promise<unknown> {
  try {
    const result = fn();
    return new Promise((resolve) => resolve(result));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The same without its value. */
export function settling(fn: () => unknown): Promise<void> {
  const deferred = new Deferred<void>();
  try {
    reactToResult(fn(), () => deferred.resolve(), deferred.reject);
  } catch (error) {
    deferred.reject(error);
  }
  return deferred.promise;
}

export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * A promise such as `reader.closed` and `writer.ready`: it is made when somebody looks. Its
 * rejections count as handled. A settled one can be replaced, as the standard does on release.
 */
export class LazyPromise {
  #state: "pending" | "fulfilled" | "rejected" = "pending";
  #error: unknown;
  #deferred: Deferred<undefined> | undefined;
  #promise: Promise<undefined> | undefined;

  get promise(): Promise<undefined> {
    this.#promise ??= this.#make();
    return this.#promise;
  }

  get isPending(): boolean {
    return this.#state === "pending";
  }

  get isRejected(): boolean {
    return this.#state === "rejected";
  }

  resolve(): void {
    if (this.#state !== "pending") return;
    this.#state = "fulfilled";
    this.#deferred?.resolve(undefined);
    this.#deferred = undefined;
  }

  /** A pending one is rejected, another is replaced by a rejected one. */
  reject(error: unknown): void {
    const deferred = this.#deferred;
    this.#state = "rejected";
    this.#error = error;
    this.#deferred = undefined;
    if (deferred === undefined) this.#promise = undefined;
    else {
      void handled(deferred.promise);
      deferred.reject(error);
    }
  }

  /** Replaced by a pending one. */
  reset(): void {
    if (this.#state === "pending") return;
    this.#state = "pending";
    this.#promise = undefined;
  }

  #make(): Promise<undefined> {
    if (this.#state === "fulfilled") return Promise.resolve(undefined);
    if (this.#state === "rejected") return handled(Promise.reject(this.#error));
    this.#deferred = new Deferred();
    return this.#deferred.promise;
  }
}
