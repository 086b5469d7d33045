/** WritableStream, its writer and its controller. */

import { httpCompat } from "../compat.ts";
import type { AbortSignal } from "../events/abort-signal.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import {
  dictionary,
  illegalConstructor,
  illegalInvocation,
  optionalFunction,
  strategyOf,
  wrongConstructorParameter,
} from "./arguments.ts";
import { writableBrand } from "./brands.ts";
import { streamCompat } from "./core/compat.ts";
import { JsWritable, type SinkAlgorithms } from "./core/js-writable.ts";
import { writableClosed, writableLocked, writerReleased } from "./core/texts.ts";
import { WritableCore, Writer } from "./core/writable.ts";
import { foreignUse } from "./ownership.ts";
import { failure } from "./results.ts";

const WRITABLE = "Writable";

/** What a sink does with its stream. */
export interface SinkController {
  readonly signal: AbortSignal;
  error(reason?: unknown): void;
}

/** The standard's UnderlyingSink. */
export interface UnderlyingSink {
  start?(controller: SinkController): unknown;
  write?(chunk: unknown, controller: SinkController): unknown;
  close?(): unknown;
  abort?(reason: unknown): unknown;
}

export class WritableStream {
  readonly #core: WritableCore;

  /** Of user code: `underlyingSink` and `strategy`; of the runtime: a core to be shown. */
  constructor(underlyingSink?: UnderlyingSink | WritableCore | null, strategy?: unknown) {
    giveOwnAccessors?.(this);
    if (underlyingSink instanceof WritableCore) this.#core = underlyingSink;
    else this.#core = coreOfSink(underlyingSink, strategy);
  }

  static {
    writableBrand.of = (value) =>
      typeof value === "object" && value !== null && #core in value ? value.#core : undefined;
  }

  static #of(self: WritableStream): WritableCore {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get locked(): boolean {
    return WritableStream.#of(this).isLocked;
  }

  abort(reason?: unknown): Promise<void> {
    const core = WritableStream.#of(this);
    const foreign = foreignUse(core.owner, WRITABLE);
    if (foreign !== undefined) return failure(foreign);
    return core.isLocked ? failure(new TypeError(writableLocked)) : core.abort(reason);
  }

  close(): Promise<void> {
    const core = WritableStream.#of(this);
    const foreign = foreignUse(core.owner, WRITABLE);
    if (foreign !== undefined) return failure(foreign);
    if (core.isLocked) return failure(new TypeError(writableLocked));
    return closeCore(core, core.isNative && core.state === "closed");
  }

  getWriter(): WritableStreamDefaultWriter {
    WritableStream.#of(this);
    return new WritableStreamDefaultWriter(this);
  }
}
defineInterface(WritableStream, "WritableStream", {
  more(stream) {
    const core = writableBrand.of(stream);
    if (core === undefined) throw illegalInvocation();
    return { state: core.state, expectsBytes: core.isNative };
  },
});

/** `isDone`: it is closed already, and that is no mistake. */
function closeCore(core: WritableCore, isDone: boolean): Promise<void> {
  if (isDone) return Promise.resolve();
  if (core.state === "errored" && !core.isNative) return failure(core.storedError);
  if (core.isClosing && !core.isNative) return failure(new TypeError(writableClosed));
  return core.close();
}

export class WritableStreamDefaultWriter {
  readonly #writer: Writer;

  constructor(stream?: unknown) {
    const core = writableBrand.of(stream);
    if (core === undefined) {
      throw wrongConstructorParameter("WritableStreamDefaultWriter", 1, "WritableStream");
    }
    if (core.isLocked) throw new TypeError(writableLocked);
    giveOwnAccessors?.(this);
    this.#writer = new Writer(core, streamCompat().standardWriter);
  }

  static #of(self: WritableStreamDefaultWriter): Writer {
    if (typeof self !== "object" || self === null || !(#writer in self)) throw illegalInvocation();
    return self.#writer;
  }

  get closed(): Promise<undefined> {
    return WritableStreamDefaultWriter.#of(this).closed.promise;
  }

  get ready(): Promise<undefined> {
    return WritableStreamDefaultWriter.#of(this).ready.promise;
  }

  get desiredSize(): number | null {
    const { stream } = WritableStreamDefaultWriter.#of(this);
    if (stream === undefined) throw new TypeError(writerReleased);
    return stream.desiredSize;
  }

  abort(reason?: unknown): Promise<void> {
    const { stream } = WritableStreamDefaultWriter.#of(this);
    if (stream === undefined) return failure(new TypeError(writerReleased));
    const foreign = foreignUse(stream.owner, WRITABLE);
    return foreign === undefined ? stream.abort(reason) : failure(foreign);
  }

  close(): Promise<void> {
    const { stream } = WritableStreamDefaultWriter.#of(this);
    if (stream === undefined) return failure(new TypeError(writerReleased));
    const foreign = foreignUse(stream.owner, WRITABLE);
    return foreign === undefined ? closeCore(stream, false) : failure(foreign);
  }

  write(chunk?: unknown): Promise<void> {
    const { stream } = WritableStreamDefaultWriter.#of(this);
    if (stream === undefined) return failure(new TypeError(writerReleased));
    if (stream.owner !== undefined) {
      const foreign = foreignUse(stream.owner, WRITABLE);
      if (foreign !== undefined) return failure(foreign);
    }
    return stream.write(chunk);
  }

  releaseLock(): void {
    WritableStreamDefaultWriter.#of(this).release();
  }
}
defineInterface(WritableStreamDefaultWriter, "WritableStreamDefaultWriter");

export class WritableStreamDefaultController {
  readonly #core: JsWritable;

  constructor(core: JsWritable) {
    if (!(core instanceof JsWritable)) throw illegalConstructor();
    this.#core = core;
  }

  static #of(self: WritableStreamDefaultController): JsWritable {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get signal(): AbortSignal {
    return WritableStreamDefaultController.#of(this).signal;
  }

  error(reason?: unknown): void {
    WritableStreamDefaultController.#of(this).error(reason);
  }
}
defineInterface(WritableStreamDefaultController, "WritableStreamDefaultController");

function coreOfSink(value: unknown, strategy: unknown): WritableCore {
  const { highWaterMark, size } = strategyOf(strategy, "WritableStream", 2, 1);
  const sink = dictionary(value, () =>
    wrongConstructorParameter("WritableStream", 1, "UnderlyingSink"),
  );
  if (httpCompat().pedantic && Reflect.get(sink, "type") !== undefined) {
    throw new RangeError("Invalid underlying sink type. Only undefined is valid.");
  }
  const abort = optionalFunction(sink, "abort", "UnderlyingSink");
  const close = optionalFunction(sink, "close", "UnderlyingSink");
  const start = optionalFunction(sink, "start", "UnderlyingSink");
  const write = optionalFunction(sink, "write", "UnderlyingSink");
  let controller: WritableStreamDefaultController;
  const algorithms: SinkAlgorithms = {
    start: start && (() => Reflect.apply(start, sink, [controller]) as unknown),
    write: write && ((chunk) => Reflect.apply(write, sink, [chunk, controller]) as unknown),
    close: close && (() => Reflect.apply(close, sink, []) as unknown),
    abort: abort && ((reason) => Reflect.apply(abort, sink, [reason]) as unknown),
  };
  const core = new JsWritable(algorithms, highWaterMark, size);
  controller = new WritableStreamDefaultController(core);
  return core.begin();
}
