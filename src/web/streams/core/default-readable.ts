/**
 * A stream of anything, made in JavaScript: the standard's ReadableStreamDefaultController and its
 * stream in one. The source is a set of algorithms, from user code or from another file here.
 */
import { SizedQueue } from "./deque.ts";
import { isPlain, react, reactToStart, settling, soon } from "./promises.ts";
import { NOTHING, ReadableCore, type ReadRequest } from "./readable.ts";

/** All of them are there, so that nobody finds others on a patched Object.prototype. */
export interface SourceAlgorithms {
  readonly start: (() => unknown) | undefined;
  /** More is wanted: called again when its result has settled and more is wanted still. */
  readonly pull: (() => unknown) | undefined;
  readonly cancel: ((reason: unknown) => unknown) | undefined;
}

/** Of a pull that ends with `pullDone`, a write that ends with `writeDone`: no promise is made. */
export const PENDING: unique symbol = Symbol("pending");

export const NO_SOURCE: SourceAlgorithms = { start: undefined, pull: undefined, cancel: undefined };

export type SizeFunction = (chunk: unknown) => unknown;

export class DefaultReadable extends ReadableCore {
  readonly supportsByob = false;
  readonly #queue = new SizedQueue();
  readonly #highWaterMark: number;
  #size: SizeFunction | undefined;
  #source: SourceAlgorithms;
  #isStarted = false;
  #isPulling = false;
  #pullAgain = false;
  #closeRequested = false;

  /** `size` undefined: every chunk counts 1. Nothing runs before `begin`. */
  constructor(source: SourceAlgorithms, highWaterMark: number, size?: SizeFunction) {
    super();
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
  }

  /** Calls the source's `start`. */
  begin(): this {
    const start = this.#source.start;
    if (start === undefined) {
      soon(this.#started);
      return this;
    }
    try {
      reactToStart(start(), this.#started, this.#failed);
    } catch (error) {
      this.error(error);
    }
    return this;
  }

  /** Null once it has failed. */
  get desiredSize(): number | null {
    if (this.state === "errored") return null;
    return this.state === "closed" ? 0 : this.#highWaterMark - this.#queue.total;
  }

  /** ReadableStreamDefaultControllerCanCloseOrEnqueue */
  get isOpen(): boolean {
    return !this.#closeRequested && this.state === "readable";
  }

  /** Whether a transform's writable side has to wait. */
  get hasBackpressure(): boolean {
    return !this.#shouldPull();
  }

  /** Only while `isOpen`. False if the size function failed, and with it the stream. */
  enqueue(chunk: unknown): boolean {
    const reader = this.reader;
    if (reader !== undefined && reader.requests.length > 0) reader.requests.shift()?.chunk(chunk);
    else if (this.#size === undefined) this.#queue.push(chunk);
    else if (!this.#enqueueSized(chunk, this.#size)) return false;
    this.#pullIfNeeded();
    return true;
  }

  #enqueueSized(chunk: unknown, sizeOf: SizeFunction): boolean {
    try {
      this.#queue.pushSized(chunk, checkedSize(sizeOf(chunk)));
      return true;
    } catch (error) {
      this.error(error);
      return false;
    }
  }

  /** Only while `isOpen`. What is queued is still read. */
  close(): void {
    this.#closeRequested = true;
    if (this.#queue.length > 0) return;
    this.#clear();
    this.finish();
  }

  /** Not if it has ended. */
  error(error: unknown): void {
    if (this.state !== "readable") return;
    this.#queue.clear();
    this.#clear();
    this.fail(error);
  }

  take(): unknown {
    if (this.#queue.length === 0) return NOTHING;
    const chunk = this.#queue.shift();
    if (this.#closeRequested && this.#queue.length === 0) {
      this.#clear();
      this.finish();
    } else this.#pullIfNeeded();
    return chunk;
  }

  wait(request: ReadRequest): void {
    this.reader?.requests.push(request);
    this.#pullIfNeeded();
  }

  cancelSource(reason: unknown): Promise<unknown> {
    this.#queue.clear();
    const source = this.#source;
    this.#clear();
    return settling(() => source.cancel?.(reason));
  }

  releaseSource(): void {}

  readonly #started = (): void => {
    this.#isStarted = true;
    this.#pullIfNeeded();
  };

  readonly #pulled = (): void => {
    this.#isPulling = false;
    if (!this.#pullAgain) return;
    this.#pullAgain = false;
    this.#pullIfNeeded();
  };

  readonly #failed = (error: unknown): void => {
    this.error(error);
  };

  #pullIfNeeded(): void {
    if (this.#source.pull === undefined || !this.#shouldPull()) return;
    if (this.#isPulling) {
      this.#pullAgain = true;
      return;
    }
    this.#isPulling = true;
    let result: unknown;
    try {
      result = this.#source.pull();
    } catch (error) {
      soon(() => this.error(error));
      return;
    }
    if (result === PENDING) return;
    if (!isPlain(result)) react(Promise.resolve(result), this.#pulled, this.#failed);
    else if (this.#pullAgain) soon(this.#pulled);
    // The standard says so a microtask later; nobody can tell, and it saves a promise a chunk.
    else this.#isPulling = false;
  }

  /** A pull that was PENDING has come to its end. */
  pullDone(): void {
    if (this.#isPulling) this.#pulled();
  }

  #shouldPull(): boolean {
    if (!this.isOpen || !this.#isStarted) return false;
    const reader = this.reader;
    if (reader !== undefined && reader.requests.length > 0) return true;
    return this.#highWaterMark - this.#queue.total > 0;
  }

  /** Lets go of what user code gave. */
  #clear(): void {
    this.#source = NO_SOURCE;
    this.#size = undefined;
  }
}

/** Throws a TypeError for what is no size. */
export function checkedSize(size: unknown): number {
  const number = Number(size);
  if (Number.isNaN(number) || number < 0 || number === Number.POSITIVE_INFINITY) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  return number;
}
