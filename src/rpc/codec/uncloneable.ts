/** The right DataCloneError for an object that no rule accepts (spec/rpc.md 2.1, 2.3). */
import { types } from "node:util";
import { constructorName, notCloneable, unsupported } from "./errors.ts";

/** Classes that only V8 knows; the types of this package do not. */
const wasmClasses = ["Module", "Instance", "Memory", "Table", "Global", "Tag", "Exception"];
const wasm = (globalThis as { WebAssembly?: Record<string, unknown> }).WebAssembly;
const wasmPrototypes: ReadonlySet<unknown> = new Set(
  wasmClasses.map((name) => (wasm?.[name] as { prototype?: object } | undefined)?.prototype),
);

export function describeUncloneable(value: object): DOMException {
  const isOfV8 =
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    value instanceof WeakRef ||
    wasmPrototypes.has(Object.getPrototypeOf(value));
  if (isOfV8) return notCloneable(`#<${constructorName(value)}>`);
  if (types.isSharedArrayBuffer(value)) return notCloneable("#<SharedArrayBuffer>");
  if (types.isGeneratorObject(value)) {
    return notCloneable(Object.prototype.toString.call(value));
  }
  if (types.isMapIterator(value)) return notCloneable("#<Map Iterator>");
  if (types.isSetIterator(value)) return notCloneable("#<Set Iterator>");
  return unsupported(value);
}
