/** `for await (const chunk of stream)`: the iterator of `values()`. */

import { defineInterface } from "../interfaces/define-interface.ts";
import { illegalInvocation } from "./arguments.ts";
import { Deferred, react } from "./core/promises.ts";
import { NOTHING, type ReadableCore, Reader, type ReadRequest } from "./core/readable.ts";
import { foreignUse } from "./ownership.ts";
import { endResult, failure, type ReadResult } from "./results.ts";

const asyncIteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype,
);

export class ReadableStreamAsyncIterator {
  readonly #stream: ReadableCore;
  readonly #reader: Reader;
  readonly #preventCancel: boolean;
  #isFinished = false;
  /** The call that others wait behind. */
  #ongoing: Promise<ReadResult> | undefined;

  /** Locks `stream`. */
  constructor(stream: ReadableCore, preventCancel: boolean) {
    this.#stream = stream;
    this.#reader = new Reader(stream, false);
    this.#preventCancel = preventCancel;
  }

  static #isOne(self: unknown): self is ReadableStreamAsyncIterator {
    return typeof self === "object" && self !== null && #reader in self;
  }

  next(): Promise<ReadResult> {
    if (!ReadableStreamAsyncIterator.#isOne(this)) return Promise.reject(illegalInvocation());
    return this.#ongoing === undefined ? this.#next() : this.#queued(() => this.#next());
  }

  return(value?: unknown): Promise<ReadResult> {
    if (!ReadableStreamAsyncIterator.#isOne(this)) return Promise.reject(illegalInvocation());
    return this.#queued(() => this.#return(value));
  }

  /** One call after the other. */
  #queued(call: () => Promise<ReadResult>): Promise<ReadResult> {
    const before = this.#ongoing;
    const promise = before === undefined ? call() : this.#after(before, call);
    const settled = (): void => {
      if (this.#ongoing === promise) this.#ongoing = undefined;
    };
    this.#ongoing = promise;
    react(promise, settled, settled);
    return promise;
  }

  async #after(before: Promise<unknown>, call: () => Promise<ReadResult>): Promise<ReadResult> {
    try {
      await before;
    } catch {
      // Its own caller hears of it.
    }
    return call();
  }

  #next(): Promise<ReadResult> {
    if (this.#isFinished) return Promise.resolve(endResult());
    const stream = this.#stream;
    const foreign = foreignUse(stream.owner, "ReadableStreamSource>");
    if (foreign !== undefined) return failure(foreign);
    if (stream.state === "readable") {
      stream.disturbed = true;
      const value = stream.take();
      if (value !== NOTHING) return Promise.resolve({ value, done: false });
    }
    const request = new IteratedRead((isOver) => {
      if (isOver) this.#finish();
      if (this.#ongoing === request.promise) this.#ongoing = undefined;
    });
    this.#ongoing ??= request.promise;
    stream.read(request);
    return request.promise;
  }

  async #return(value: unknown): Promise<ReadResult> {
    if (this.#isFinished) return { done: true, value };
    const foreign = foreignUse(this.#stream.owner, "Canceler");
    if (foreign !== undefined) throw foreign;
    this.#isFinished = true;
    if (this.#preventCancel) this.#reader.release();
    else {
      const cancelled = this.#stream.cancel(value);
      this.#reader.release();
      await cancelled;
    }
    return { done: true, value };
  }

  #finish(): void {
    this.#isFinished = true;
    this.#reader.release();
  }
}

class IteratedRead implements ReadRequest {
  readonly #deferred: Deferred<ReadResult> = new Deferred();
  readonly #settled: (isOver: boolean) => void;

  constructor(settled: (isOver: boolean) => void) {
    this.#settled = settled;
  }

  get promise(): Promise<ReadResult> {
    return this.#deferred.promise;
  }

  chunk(value: unknown): void {
    this.#settled(false);
    this.#deferred.resolve({ value, done: false });
  }

  close(): void {
    this.#settled(true);
    this.#deferred.resolve(endResult());
  }

  error(reason: unknown): void {
    this.#settled(true);
    this.#deferred.reject(reason);
  }
}

defineInterface(ReadableStreamAsyncIterator, "ReadableStreamAsyncIterator");
Object.setPrototypeOf(ReadableStreamAsyncIterator.prototype, asyncIteratorPrototype);
