/**
 * The state of a ReadableStream and of its reader, and what all kinds of streams do alike (the
 * standard's ReadableStream* abstract operations). User code never sees these objects: the classes
 * in the folder above hold one each. Kinds: default-readable.ts, byte-readable.ts (made in
 * JavaScript), native-readable.ts (bytes of the runtime).
 */
import type { Context } from "../../../rpc/contract.ts";
import { Deque } from "./deque.ts";
import { LazyPromise } from "./promises.ts";
import { noByob, readerReleased } from "./texts.ts";

/** Who waits for a chunk. Called at most once, one of the three. */
export interface ReadRequest {
  chunk(value: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

/** Who waits for bytes in a buffer of its own. */
export interface ReadIntoRequest {
  chunk(view: ArrayBufferView): void;
  /** The buffer comes back, unless the stream was cancelled. */
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

/** `take` found nothing. */
export const NOTHING: unique symbol = Symbol("nothing");

export type ReadableState = "readable" | "closed" | "errored";

export abstract class ReadableCore {
  state: ReadableState = "readable";
  storedError: unknown;
  /** Somebody has read from it, or cancelled it. */
  disturbed = false;
  reader: Reader | undefined;
  /** The invocation that it belongs to (spec/rpc.md 4.4); undefined: nobody. */
  owner: Context | undefined;
  /** Bytes that it promises to bring, -1 if unknown. */
  length = -1;

  abstract readonly supportsByob: boolean;
  /** Made by the runtime, not by JavaScript (spec/platform.md 9.1). */
  readonly isNative: boolean = false;

  /** A chunk that is there, without waiting; NOTHING if there is none. Only while readable. */
  abstract take(): unknown;
  /** [[PullSteps]]: only while readable, and after `take` found nothing. */
  abstract wait(request: ReadRequest): void;
  /** [[CancelSteps]] */
  abstract cancelSource(reason: unknown): Promise<unknown>;
  /** [[ReleaseSteps]] */
  abstract releaseSource(): void;

  get isLocked(): boolean {
    return this.reader !== undefined;
  }

  /** ReadableStreamDefaultReaderRead */
  read(request: ReadRequest): void {
    this.disturbed = true;
    if (this.state === "closed") request.close();
    else if (this.state === "errored") request.error(this.storedError);
    else {
      const value = this.take();
      if (value !== NOTHING) request.chunk(value);
      // Taking can have ended it.
      else this.wait(request);
    }
  }

  /** ReadableStreamBYOBReaderRead; `min` in elements. */
  readInto(_view: ArrayBufferView, _min: number, request: ReadIntoRequest): void {
    request.error(new TypeError(noByob));
  }

  /** ReadableStreamCancel */
  cancel(reason: unknown): Promise<unknown> {
    this.disturbed = true;
    if (this.state === "closed") return Promise.resolve(undefined);
    if (this.state === "errored") return Promise.reject(this.storedError);
    this.finish();
    const reader = this.reader;
    if (reader?.isByob === true) {
      for (const request of reader.intoRequests.takeAll()) request.close(undefined);
    }
    return this.cancelSource(reason);
  }

  /** ReadableStreamClose */
  finish(): void {
    this.state = "closed";
    const reader = this.reader;
    if (reader === undefined) return;
    reader.closed.resolve();
    if (reader.requests.length === 0) return;
    for (const request of reader.requests.takeAll()) request.close();
  }

  /** ReadableStreamError */
  fail(error: unknown): void {
    this.state = "errored";
    this.storedError = error;
    const reader = this.reader;
    if (reader === undefined) return;
    reader.closed.reject(error);
    reader.failRequests(error);
  }
}

/** The state of a reader: default or BYOB. */
export class Reader {
  /** Undefined once released. */
  stream: ReadableCore | undefined;
  readonly isByob: boolean;
  readonly closed: LazyPromise = new LazyPromise();
  readonly requests: Deque<ReadRequest> = new Deque();
  readonly intoRequests: Deque<ReadIntoRequest> = new Deque();

  /** Locks `stream`, which must not be locked. */
  constructor(stream: ReadableCore, isByob: boolean) {
    this.stream = stream;
    this.isByob = isByob;
    stream.reader = this;
    if (stream.state === "closed") this.closed.resolve();
    else if (stream.state === "errored") this.closed.reject(stream.storedError);
  }

  /** What waits, taken out: the caller fails it. */
  takeRequests(): readonly { error(error: unknown): void }[] {
    return [...this.requests.takeAll(), ...this.intoRequests.takeAll()];
  }

  /** What waits ends with `error`. */
  failRequests(error: unknown): void {
    if (this.requests.length > 0) {
      for (const request of this.requests.takeAll()) request.error(error);
    }
    if (this.intoRequests.length > 0) {
      for (const request of this.intoRequests.takeAll()) request.error(error);
    }
  }

  release(): void {
    const stream = this.stream;
    if (stream === undefined) return;
    const error = new TypeError(readerReleased);
    this.closed.reject(error);
    stream.releaseSource();
    stream.reader = undefined;
    this.stream = undefined;
    this.failRequests(error);
  }
}
