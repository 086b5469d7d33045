/** The readers of ReadableStreams, of all kinds. */

import { defineInterface } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import {
  dictionary,
  illegalInvocation,
  unsigned,
  wrongConstructorParameter,
  wrongParameter,
} from "./arguments.ts";
import { readableBrand } from "./brands.ts";
import { NativeReadable } from "./core/native-readable.ts";
import { NOTHING, type ReadableCore, Reader } from "./core/readable.ts";
import { noByob, readableLocked, readerReleased, readsOutstanding } from "./core/texts.ts";
import { kindOf } from "./core/views.ts";
import { assertOwn, foreignUse } from "./ownership.ts";
import { failure, PromisedRead, type ReadResult } from "./results.ts";

/** Locks a stream for a reader of user code. */
function lock(stream: unknown, isByob: boolean, className: string): Reader {
  const core = readableBrand.of(stream);
  if (core === undefined) throw wrongConstructorParameter(className, 1, "ReadableStream");
  if (core.isLocked) throw new TypeError(readableLocked);
  if (isByob && !core.supportsByob) throw new TypeError(noByob);
  return new Reader(core, isByob);
}

function cancel(reader: Reader, reason: unknown): Promise<unknown> {
  const stream = reader.stream;
  if (stream === undefined) return failure(new TypeError(readerReleased));
  const foreign = foreignUse(stream.owner, "ReadableStreamSource>");
  return foreign === undefined ? stream.cancel(reason) : failure(foreign);
}

function release(reader: Reader): void {
  const stream = reader.stream;
  if (stream === undefined) return;
  assertOwn(stream.owner, "Canceler");
  if (stream instanceof NativeReadable && stream.isWaitedFor) {
    throw new TypeError(readsOutstanding);
  }
  reader.release();
}

export class ReadableStreamDefaultReader {
  readonly #reader: Reader;

  constructor(stream: unknown) {
    giveOwnAccessors?.(this);
    this.#reader = lock(stream, false, "ReadableStreamDefaultReader");
  }

  static #of(self: ReadableStreamDefaultReader): Reader {
    if (typeof self !== "object" || self === null || !(#reader in self)) throw illegalInvocation();
    return self.#reader;
  }

  get closed(): Promise<undefined> {
    return ReadableStreamDefaultReader.#of(this).closed.promise;
  }

  cancel(reason?: unknown): Promise<unknown> {
    return cancel(ReadableStreamDefaultReader.#of(this), reason);
  }

  read(): Promise<ReadResult> {
    const stream = ReadableStreamDefaultReader.#of(this).stream;
    if (stream === undefined) return failure(new TypeError(readerReleased));
    return readOnce(stream);
  }

  releaseLock(): void {
    release(ReadableStreamDefaultReader.#of(this));
  }
}
defineInterface(ReadableStreamDefaultReader, "ReadableStreamDefaultReader");

/** One read on behalf of user code. */
export function readOnce(stream: ReadableCore): Promise<ReadResult> {
  if (stream.owner !== undefined) {
    const foreign = foreignUse(stream.owner, "ReadableStreamSource>");
    if (foreign !== undefined) return failure(foreign);
  }
  if (stream.state === "readable") {
    stream.disturbed = true;
    const value = stream.take();
    if (value !== NOTHING) return Promise.resolve({ value, done: false });
  }
  const request = new PromisedRead();
  stream.read(request);
  return request.promise;
}

export class ReadableStreamBYOBReader {
  readonly #reader: Reader;

  constructor(stream: unknown) {
    giveOwnAccessors?.(this);
    this.#reader = lock(stream, true, "ReadableStreamBYOBReader");
  }

  static #of(self: ReadableStreamBYOBReader): Reader {
    if (typeof self !== "object" || self === null || !(#reader in self)) throw illegalInvocation();
    return self.#reader;
  }

  get closed(): Promise<undefined> {
    return ReadableStreamBYOBReader.#of(this).closed.promise;
  }

  cancel(reason?: unknown): Promise<unknown> {
    return cancel(ReadableStreamBYOBReader.#of(this), reason);
  }

  read(view?: unknown, options?: unknown): Promise<ReadResult> {
    const reader = ReadableStreamBYOBReader.#of(this);
    try {
      const given = dictionary(options, () =>
        wrongParameter(
          "read",
          "ReadableStreamBYOBReader",
          2,
          "ReadableStreamBYOBReaderReadOptions",
        ),
      );
      const min: unknown = Reflect.get(given, "min");
      return readInto(reader, "read", view, min === undefined ? 1 : unsigned(min), 1);
    } catch (error) {
      return failure(error);
    }
  }

  releaseLock(): void {
    release(ReadableStreamBYOBReader.#of(this));
  }

  /** Workers' older form of `read(view, { min })`. */
  readAtLeast(minElements?: unknown, view?: unknown): Promise<ReadResult> {
    const reader = ReadableStreamBYOBReader.#of(this);
    try {
      return readInto(reader, "readAtLeast", view, unsigned(minElements), 2);
    } catch (error) {
      return failure(error);
    }
  }
}
defineInterface(ReadableStreamBYOBReader, "ReadableStreamBYOBReader");

/** Throws what is wrong with the arguments; `index`: of the view among them. */
function readInto(
  reader: Reader,
  method: string,
  view: unknown,
  min: number,
  index: number,
): Promise<ReadResult> {
  if (!ArrayBuffer.isView(view)) {
    throw wrongParameter(method, "ReadableStreamBYOBReader", index, "ArrayBufferView");
  }
  if (view.byteLength === 0) {
    throw new TypeError(
      'You must call read() on a "byob" reader with a positive-sized TypedArray object.',
    );
  }
  if (min === 0) {
    throw new TypeError("Requested invalid minimum number of bytes to read (0).");
  }
  const elements = view.byteLength / kindOf(view).elementSize;
  if (min > elements) {
    throw new TypeError(`Minimum bytes to read (${min}) exceeds size of buffer (${elements}).`);
  }
  const stream = reader.stream;
  if (stream === undefined) throw new TypeError(readerReleased);
  assertOwn(stream.owner, "ReadableStreamSource>");
  const request = new PromisedRead();
  stream.readInto(view, min, request);
  return request.promise;
}
