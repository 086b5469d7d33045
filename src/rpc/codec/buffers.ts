/**
 * What becomes of binary data on its way into a payload: a copy, a copy that is handed over to the
 * other thread, memory of drover's own that is handed over as it is, or the application's own memory,
 * which the transport copies at once. Handing over
 * a copy of 100 KB takes a fifth of cloning it twice.
 */
import { isGivenAway, MOVED_BYTES } from "../../protocol/moved-bytes.ts";
import { countLargeBuffer } from "../../util/large-buffers.ts";
import type { Cargo, EncodeOptions } from "../contracts/payload.ts";
import { notCloneable } from "./errors.ts";

/** The binary data of one payload; gathers what its frame has to take along. */
export class BinaryCopies implements Cargo {
  borrowed = false;
  moves: ArrayBuffer[] | undefined;
  readonly #deep: boolean;
  readonly #movable: boolean;

  constructor({ deep, movable }: Pick<EncodeOptions, "deep" | "movable">) {
    this.#deep = deep;
    this.#movable = movable === true;
  }

  /** The view as it travels; `known` is the copy of its buffer made for another view. */
  view(view: ArrayBufferView, known: ArrayBuffer | undefined): ArrayBufferView {
    const isMoved = this.#isMoved(view.buffer as ArrayBuffer);
    if (isMoved && isGivenAway(view.buffer) && !(view instanceof Buffer)) {
      if (known === undefined) this.#move(view.buffer as ArrayBuffer);
      return view;
    }
    const copy = copyView(view, this.#deep || isMoved, known);
    // A Buffer is cut out of its pool in any case.
    if (view instanceof Buffer) return copy;
    if (!isMoved) this.borrowed ||= !this.#deep;
    else if (copy.buffer !== known) this.#move(copy.buffer as ArrayBuffer);
    return copy;
  }

  buffer(buffer: ArrayBuffer): ArrayBuffer {
    const isMoved = this.#isMoved(buffer);
    if (!this.#deep && !isMoved) {
      this.borrowed = true;
      return buffer;
    }
    const copy = copyBuffer(buffer);
    if (isMoved) this.#move(copy);
    return copy;
  }

  #isMoved(buffer: ArrayBuffer): boolean {
    return this.#movable && buffer.byteLength >= MOVED_BYTES && !isResizable(buffer);
  }

  #move(copy: ArrayBuffer): void {
    countLargeBuffer(copy.byteLength);
    this.moves ??= [];
    this.moves.push(copy);
  }
}

/** A copy that shares nothing with `value`: what structured clone makes of it. */
export function leafCopy<T>(value: T): T {
  return structuredClone(value);
}

/** Throws production's DataCloneError if the buffer was transferred away. */
export function assertAttached(buffer: ArrayBuffer): void {
  if (buffer.byteLength > 0) return;
  try {
    // ArrayBuffer.prototype.detached is not there on Node 20.
    new Uint8Array(buffer);
  } catch {
    throw notCloneable("An ArrayBuffer is detached and");
  }
}

function copyBuffer(buffer: ArrayBuffer): ArrayBuffer {
  // `slice` of a subclass makes another of that class.
  const isPlain = Object.getPrototypeOf(buffer) === ArrayBuffer.prototype;
  return isResizable(buffer) || !isPlain ? structuredClone(buffer) : buffer.slice(0);
}

function isResizable(buffer: ArrayBufferLike): boolean {
  return (buffer as { resizable?: boolean }).resizable === true;
}

type ViewConstructor = new (
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
) => ArrayBufferView;

/**
 * The view as it travels: subclasses (Node's Buffer) become their base type, and a Buffer is cut
 * out of its pool so that the neighbours' bytes stay here. `deep` copies the bytes too; `known` is
 * the copy of the same buffer made for another view of this message.
 */
function copyView(
  view: ArrayBufferView,
  deep: boolean,
  known: ArrayBuffer | undefined,
): ArrayBufferView {
  const base = baseConstructor(view);
  if (view instanceof Buffer) {
    const bytes = new Uint8Array(view.byteLength);
    bytes.set(view);
    return bytes;
  }
  if (!deep) {
    return view.constructor === base ? view : rebuild(view, base, view.buffer);
  }
  if (known !== undefined) return rebuild(view, base, known);
  // Only structured clone knows whether the view follows the length of its buffer.
  if (isResizable(view.buffer)) return structuredClone(view);
  return rebuild(view, base, copyBuffer(view.buffer as ArrayBuffer));
}

function rebuild(
  view: ArrayBufferView,
  base: ViewConstructor,
  buffer: ArrayBufferLike,
): ArrayBufferView {
  const length = (view as { length?: number }).length ?? view.byteLength;
  return new base(buffer, view.byteOffset, length);
}

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = Object.getOwnPropertyDescriptor(typedArrayPrototype, Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

const constructors: ReadonlyMap<string, ViewConstructor> = new Map(
  [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ].map((base) => [base.name, base as unknown as ViewConstructor]),
);

function baseConstructor(view: ArrayBufferView): ViewConstructor {
  const tag = tagOf.call(view);
  if (tag === undefined) return DataView as unknown as ViewConstructor;
  return constructors.get(tag) ?? (view.constructor as ViewConstructor);
}
