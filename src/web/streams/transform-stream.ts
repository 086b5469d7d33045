/** TransformStream and its controller. */

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
import { streamCompat } from "./core/compat.ts";
import type { ReadableCore } from "./core/readable.ts";
import { type TransformAlgorithms, TransformCore } from "./core/transform.ts";
import type { WritableCore } from "./core/writable.ts";
import { ReadableStream } from "./readable-stream.ts";
import { WritableStream } from "./writable-stream.ts";

/** The two ends of a transform of the runtime. */
export class Sides {
  readonly readable: ReadableCore;
  readonly writable: WritableCore;

  constructor(readable: ReadableCore, writable: WritableCore) {
    this.readable = readable;
    this.writable = writable;
  }
}

export class TransformStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  /** Of user code: a transformer and two strategies; of the runtime: the ends. */
  constructor(transformer?: unknown, writableStrategy?: unknown, readableStrategy?: unknown) {
    giveOwnAccessors?.(this);
    const sides =
      transformer instanceof Sides
        ? transformer
        : sidesOf(transformer, writableStrategy, readableStrategy);
    this.#readable = new ReadableStream(sides.readable);
    this.#writable = new WritableStream(sides.writable);
  }

  static #of(self: TransformStream): TransformStream {
    if (typeof self !== "object" || self === null || !(#readable in self)) {
      throw illegalInvocation();
    }
    return self;
  }

  get readable(): ReadableStream {
    return TransformStream.#of(this).#readable;
  }

  get writable(): WritableStream {
    return TransformStream.#of(this).#writable;
  }
}
defineInterface(TransformStream, "TransformStream");

export class TransformStreamDefaultController {
  readonly #core: TransformCore;

  constructor(core: TransformCore) {
    if (!(core instanceof TransformCore)) throw illegalConstructor();
    this.#core = core;
  }

  static #of(self: TransformStreamDefaultController): TransformCore {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get desiredSize(): number | null {
    return TransformStreamDefaultController.#of(this).desiredSize;
  }

  enqueue(chunk?: unknown): void {
    TransformStreamDefaultController.#of(this).enqueue(chunk);
  }

  error(reason?: unknown): void {
    TransformStreamDefaultController.#of(this).error(reason);
  }

  terminate(): void {
    TransformStreamDefaultController.#of(this).terminate();
  }
}
defineInterface(TransformStreamDefaultController, "TransformStreamDefaultController");

function sidesOf(value: unknown, writableStrategy: unknown, readableStrategy: unknown): Sides {
  const readable = strategyOf(
    readableStrategy,
    "TransformStream",
    3,
    streamCompat().transformBackpressure ? 0 : 1,
  );
  const writable = strategyOf(writableStrategy, "TransformStream", 2, 1);
  const transformer = dictionary(value, () =>
    wrongConstructorParameter("TransformStream", 1, "Transformer"),
  );
  const cancel = optionalFunction(transformer, "cancel", "Transformer");
  const flush = optionalFunction(transformer, "flush", "Transformer");
  for (const name of ["readableType", "writableType"]) {
    if (Reflect.get(transformer, name) !== undefined) {
      throw new TypeError(`transformer.${name} must be undefined.`);
    }
  }
  const start = optionalFunction(transformer, "start", "Transformer");
  const transform = optionalFunction(transformer, "transform", "Transformer");
  let controller: TransformStreamDefaultController;
  const call = (fn: NonNullable<typeof start>, ...args: unknown[]): unknown =>
    Reflect.apply(fn, transformer, args) as unknown;
  const algorithms: TransformAlgorithms = {
    start: start && (() => call(start, controller)),
    transform: transform && ((chunk) => call(transform, chunk, controller)),
    flush: flush && (() => call(flush, controller)),
    cancel: cancel && ((reason) => call(cancel, reason)),
  };
  const core = new TransformCore(algorithms, readable, writable);
  controller = new TransformStreamDefaultController(core);
  core.begin();
  return new Sides(core.readable, core.writable);
}
