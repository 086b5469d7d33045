/** The class ReadableStream, around a stream of any kind. */

import { isAbortSignal } from "../events/abort-signal.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import {
  dictionary,
  illegalInvocation,
  isObject,
  optionalFunction,
  strategyOf,
  unsigned,
  wrongConstructorParameter,
  wrongField,
  wrongParameter,
} from "./arguments.ts";
import { readableBrand, writableBrand } from "./brands.ts";
import { ByteReadable } from "./core/byte-readable.ts";
import { streamCompat } from "./core/compat.ts";
import { DefaultReadable, type SourceAlgorithms } from "./core/default-readable.ts";
import { readableFrom } from "./core/from.ts";
import { type PipeOptions, pipe } from "./core/pipe.ts";
import { handled } from "./core/promises.ts";
import { ReadableCore } from "./core/readable.ts";
import { teeAny } from "./core/tee-any.ts";
import { readableLocked, readableLockedToTee, writableLockedToPipe } from "./core/texts.ts";
import type { WritableCore } from "./core/writable.ts";
import { assertOwn, foreignUse } from "./ownership.ts";
import {
  ReadableByteStreamController,
  ReadableStreamDefaultController,
} from "./readable-controllers.ts";
import { ReadableStreamAsyncIterator } from "./readable-iterator.ts";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "./readers.ts";
import { failure } from "./results.ts";

const READABLE = "ReadableStreamSource>";
const AUTO_ALLOCATED = 4096;

/** What a source does with its stream. */
export interface SourceController {
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk?: unknown): void;
  error(reason?: unknown): void;
}

/** The standard's UnderlyingSource. */
export interface UnderlyingSource {
  readonly type?: "bytes";
  readonly autoAllocateChunkSize?: number;
  start?(controller: SourceController): unknown;
  pull?(controller: SourceController): unknown;
  cancel?(reason: unknown): unknown;
}

export class ReadableStream {
  readonly #core: ReadableCore;

  /** Of user code: `underlyingSource` and `strategy`; of the runtime: a core to be shown. */
  constructor(underlyingSource?: UnderlyingSource | ReadableCore | null, strategy?: unknown) {
    giveOwnAccessors?.(this);
    if (underlyingSource instanceof ReadableCore) this.#core = underlyingSource;
    else this.#core = coreOfSource(underlyingSource, strategy);
  }

  static {
    readableBrand.of = (value) =>
      typeof value === "object" && value !== null && #core in value ? value.#core : undefined;
  }

  static from(iterable?: unknown): ReadableStream {
    const core = readableFrom(iterable);
    if (core === undefined) throw wrongParameter("from", "ReadableStream", 1, "AsyncGenerator");
    return new ReadableStream(core);
  }

  static #of(self: ReadableStream): ReadableCore {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get locked(): boolean {
    return ReadableStream.#of(this).isLocked;
  }

  cancel(reason?: unknown): Promise<unknown> {
    const core = ReadableStream.#of(this);
    const foreign = foreignUse(core.owner, READABLE);
    if (foreign !== undefined) return failure(foreign);
    if (core.isLocked) return failure(new TypeError(readableLocked));
    return core.cancel(reason);
  }

  getReader(options: { readonly mode: "byob" }): ReadableStreamBYOBReader;
  getReader(options?: { readonly mode?: undefined } | null): ReadableStreamDefaultReader;
  getReader(options?: unknown): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    ReadableStream.#of(this);
    const given = dictionary(options, () =>
      wrongParameter("getReader", "ReadableStream", 1, "GetReaderOptions"),
    );
    const mode: unknown = Reflect.get(given, "mode");
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (String(mode) !== "byob") {
      throw new TypeError("mode must be undefined or 'byob' in call to getReader().");
    }
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform?: unknown, options?: unknown): unknown {
    const core = ReadableStream.#of(this);
    if (!isObject(transform)) throw wrongParameter("pipeThrough", "ReadableStream", 1, "Transform");
    const readable: unknown = Reflect.get(transform, "readable");
    if (readableBrand.of(readable) === undefined) {
      throw wrongField("readable", "Transform", "ReadableStream");
    }
    const destination = writableBrand.of(Reflect.get(transform, "writable"));
    if (destination === undefined) throw wrongField("writable", "Transform", "WritableStream");
    const given = pipeOptions(options, "pipeThrough");
    assertOwn(destination.owner, "Writable");
    const foreign = foreignUse(core.owner, READABLE);
    if (foreign !== undefined) {
      // Production's pipe begins and fails: readers of what it leads to hear of it.
      void handled(destination.abort(foreign));
      return readable;
    }
    assertUnlocked(core, destination);
    void handled(pipe(core, destination, given));
    return readable;
  }

  pipeTo(destination?: unknown, options?: unknown): Promise<void> {
    const core = ReadableStream.#of(this);
    try {
      const sink = writableBrand.of(destination);
      if (sink === undefined) throw wrongParameter("pipeTo", "ReadableStream", 1, "WritableStream");
      const given = pipeOptions(options, "pipeTo");
      assertOwn(core.owner, READABLE);
      assertOwn(sink.owner, "Writable");
      assertUnlocked(core, sink);
      return pipe(core, sink, given);
    } catch (error) {
      return failure(error);
    }
  }

  tee(): [ReadableStream, ReadableStream] {
    const core = ReadableStream.#of(this);
    assertOwn(core.owner, READABLE);
    if (core.isLocked) throw new TypeError(readableLockedToTee);
    const [one, other] = teeAny(core);
    return [new ReadableStream(one), new ReadableStream(other)];
  }

  values(options?: unknown): ReadableStreamAsyncIterator {
    return iterate(ReadableStream.#of(this), options);
  }

  [Symbol.asyncIterator](options?: unknown): ReadableStreamAsyncIterator {
    return iterate(ReadableStream.#of(this), options);
  }
}

function iterate(core: ReadableCore, options: unknown): ReadableStreamAsyncIterator {
  const given = dictionary(options, () =>
    wrongParameter("values", "ReadableStream", 1, "ValuesOptions"),
  );
  const preventCancel = Boolean(Reflect.get(given, "preventCancel"));
  if (core.isLocked) throw new TypeError(readableLocked);
  return new ReadableStreamAsyncIterator(core, preventCancel);
}
defineInterface(ReadableStream, "ReadableStream", {
  more(stream) {
    const core = readableBrand.of(stream);
    if (core === undefined) throw illegalInvocation();
    const length = core.length < 0 ? undefined : BigInt(core.length);
    return { state: core.state, supportsBYOB: core.supportsByob, length };
  },
});

function assertUnlocked(source: ReadableCore, destination: WritableCore): void {
  if (source.isLocked) throw new TypeError(readableLocked);
  if (destination.isLocked) throw new TypeError(writableLockedToPipe);
}

function pipeOptions(value: unknown, method: string): PipeOptions {
  const given = dictionary(value, () =>
    wrongParameter(method, "ReadableStream", 2, "PipeToOptions"),
  );
  const preventAbort = Boolean(Reflect.get(given, "preventAbort"));
  const preventCancel = Boolean(Reflect.get(given, "preventCancel"));
  const preventClose = Boolean(Reflect.get(given, "preventClose"));
  const signal: unknown = Reflect.get(given, "signal");
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw wrongField("signal", "PipeToOptions", "AbortSignal");
  }
  const watchesDestination = streamCompat().pipeWatchesDestination;
  return {
    preventAbort,
    preventCancel,
    preventClose,
    watchesDestination,
    ...(signal === undefined ? {} : { signal }),
  };
}

function coreOfSource(value: unknown, strategy: unknown): ReadableCore {
  const { highWaterMark: given, size } = strategyOf(strategy, "ReadableStream", 2, -1);
  const source = dictionary(value, () =>
    wrongConstructorParameter("ReadableStream", 1, "UnderlyingSource"),
  );
  const allocate: unknown = Reflect.get(source, "autoAllocateChunkSize");
  const cancel = optionalFunction(source, "cancel", "UnderlyingSource");
  const pull = optionalFunction(source, "pull", "UnderlyingSource");
  const start = optionalFunction(source, "start", "UnderlyingSource");
  const type: unknown = Reflect.get(source, "type");
  const isBytes = type !== undefined && String(type) === "bytes";
  if (type !== undefined && !isBytes) {
    throw new TypeError(`"${String(type)}" is not a valid type of ReadableStream.`);
  }
  const allocated = allocate === undefined ? undefined : unsigned(allocate);
  if (allocated === 0) {
    throw new TypeError("The autoAllocateChunkSize option cannot be zero.");
  }
  const highWaterMark = given >= 0 ? given : isBytes ? 0 : 1;
  let controller: ReadableByteStreamController | ReadableStreamDefaultController;
  const algorithms: SourceAlgorithms = {
    start: start && (() => Reflect.apply(start, source, [controller]) as unknown),
    pull: pull && (() => Reflect.apply(pull, source, [controller]) as unknown),
    cancel: cancel && ((reason) => Reflect.apply(cancel, source, [reason]) as unknown),
  };
  if (isBytes) {
    const fallback = streamCompat().autoAllocates ? AUTO_ALLOCATED : 0;
    const core = new ByteReadable(algorithms, highWaterMark, allocated ?? fallback);
    controller = new ReadableByteStreamController(core);
    return core.begin();
  }
  const core = new DefaultReadable(algorithms, highWaterMark, size);
  controller = new ReadableStreamDefaultController(core);
  return core.begin();
}
