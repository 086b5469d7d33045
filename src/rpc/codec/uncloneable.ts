/** The right DataCloneError for an object that no rule accepts (spec/rpc.md 2.1, 2.3). */
import { types } from "node:util";
import { notCloneable, unsupported } from "./errors.ts";

export function describeUncloneable(value: object): DOMException {
  if (types.isPromise(value)) return notCloneable("#<Promise>");
  if (types.isWeakMap(value)) return notCloneable("#<WeakMap>");
  if (types.isWeakSet(value)) return notCloneable("#<WeakSet>");
  if (value instanceof WeakRef) return notCloneable("#<WeakRef>");
  if (types.isSharedArrayBuffer(value)) return notCloneable("#<SharedArrayBuffer>");
  if (types.isGeneratorObject(value)) return notCloneable("[object Generator]");
  if (types.isMapIterator(value)) return notCloneable("#<Map Iterator>");
  if (types.isSetIterator(value)) return notCloneable("#<Set Iterator>");
  return unsupported(value);
}
