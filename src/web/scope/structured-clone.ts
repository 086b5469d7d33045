/**
 * The global `structuredClone`. The RPC codec copies: it knows the platform's classes and what
 * production refuses, which Node's own function does not.
 */
import { types } from "node:util";

const native: typeof structuredClone = structuredClone;

/** Set as soon as there is an engine: before any code of the application runs. */
let clone: (value: unknown) => unknown = native;

export function setCloner(cloner: (value: unknown) => unknown): void {
  clone = cloner;
}

export function cloneStructured(
  value: unknown,
  options?: { readonly transfer?: unknown } | null,
): unknown {
  const transfer: unknown = options?.transfer ?? [];
  if (!Array.isArray(transfer)) {
    throw new TypeError(
      "Incorrect type for the 'transfer' field on 'StructuredCloneOptions': the provided value is not of type 'Array'.",
    );
  }
  for (const item of transfer) {
    if (!types.isArrayBuffer(item)) throw new TypeError("Object is not transferable");
  }
  // Shared memory is shared by copies too; there is nothing in it that the codec would know better.
  if (types.isSharedArrayBuffer(value)) return native(value);
  const copy = clone(value);
  // Transferred buffers are copied like all others, and then taken away.
  for (const item of transfer) native(item, { transfer: [item as ArrayBuffer] });
  return copy;
}
