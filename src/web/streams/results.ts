/** What reads resolve to, and how methods that return promises fail. */

import { streamCompat } from "./core/compat.ts";
import { Deferred } from "./core/promises.ts";
import type { ReadIntoRequest, ReadRequest } from "./core/readable.ts";

export interface ReadResult {
  readonly done: boolean;
  readonly value?: unknown;
}

/** The end of a stream. */
export function endResult(): ReadResult {
  return streamCompat().fullResults ? { value: undefined, done: true } : { done: true };
}

/** A method that returns a promise fails with `error`: rejects, or throws before 2022-10-31. */
export function failure(error: unknown): Promise<never> {
  if (!streamCompat().rejects) throw error;
  return Promise.reject(error);
}

/** One `read()` as a promise. */
export class PromisedRead implements ReadRequest, ReadIntoRequest {
  readonly #deferred: Deferred<ReadResult> = new Deferred();

  get promise(): Promise<ReadResult> {
    return this.#deferred.promise;
  }

  chunk(value: unknown): void {
    this.#deferred.resolve({ value, done: false });
  }

  close(view?: ArrayBufferView): void {
    this.#deferred.resolve(view === undefined ? endResult() : { value: view, done: true });
  }

  error(reason: unknown): void {
    this.#deferred.reject(reason);
  }
}
