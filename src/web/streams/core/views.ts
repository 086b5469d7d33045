/** Buffers and views: what kind one is, how one is taken away from its owner. No stream in here. */
import { types } from "node:util";

export type ViewConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => ArrayBufferView;

/** As JavaScript had them before user code could patch anything. */
const VIEWS: ReadonlyMap<string, ViewConstructor> = new Map(
  (
    [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      BigInt64Array,
      BigUint64Array,
      Float32Array,
      Float64Array,
    ] as readonly ViewConstructor[]
  ).map((view) => [view.name, view]),
);
/** Not in every V8. */
const halfFloats: unknown = Reflect.get(globalThis, "Float16Array");

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get;
const { slice: sliceBuffer } = ArrayBuffer.prototype;
const clone: typeof structuredClone = structuredClone;
/** In V8 from Node 22 on. */
const transferMethod: unknown = Reflect.get(ArrayBuffer.prototype, "transfer");
const detachedGetter = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "detached")?.get;

/** The constructor of a view of the same kind and how many bytes an element has. */
export function kindOf(view: ArrayBufferView): { make: ViewConstructor; elementSize: number } {
  const name = tagOf?.call(view) as string | undefined;
  if (name === undefined) return { make: DataView, elementSize: 1 };
  const known = VIEWS.get(name) ?? (halfFloats as ViewConstructor);
  return { make: known, elementSize: (view as Uint8Array).BYTES_PER_ELEMENT };
}

/** Moves the memory into a new buffer. Throws a TypeError for one that cannot be taken away. */
export function transfer(buffer: ArrayBufferLike): ArrayBuffer {
  if (types.isSharedArrayBuffer(buffer)) {
    throw new TypeError("A SharedArrayBuffer cannot be used by a byte stream.");
  }
  const whole = buffer as ArrayBuffer;
  if (isDetached(whole)) throw new TypeError("The ArrayBuffer has been detached.");
  try {
    if (typeof transferMethod === "function") {
      return Reflect.apply(transferMethod, whole, []) as ArrayBuffer;
    }
    const moved = clone(whole, { transfer: [whole] });
    // Memory of WebAssembly is copied instead.
    if (whole.byteLength === 0) return moved;
  } catch {
    // Said below.
  }
  throw new TypeError("The ArrayBuffer cannot be transferred.");
}

export function isDetached(buffer: ArrayBuffer): boolean {
  if (detachedGetter !== undefined) return detachedGetter.call(buffer) as boolean;
  if (buffer.byteLength > 0) return false;
  try {
    // An empty buffer and a detached one differ in this alone.
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A copy of a part of a buffer. */
export function copyOf(buffer: ArrayBufferLike, from: number, length: number): ArrayBuffer {
  return Reflect.apply(sliceBuffer, buffer, [from, from + length]) as ArrayBuffer;
}

export function copyInto(
  target: ArrayBuffer,
  at: number,
  source: ArrayBuffer,
  from: number,
  length: number,
): void {
  new Uint8Array(target, at, length).set(new Uint8Array(source, from, length));
}
