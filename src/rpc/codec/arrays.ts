/** What is special about arrays on the wire: their properties that are no elements. */
import { inspect } from "node:util";

/** Arrays up to this length have their keys listed; for longer ones that takes longer than the rest. */
const FEW_ELEMENTS = 256;

const onlyProperties = {
  breakLength: Number.POSITIVE_INFINITY,
  customInspect: false,
  depth: 0,
  getters: false,
  maxArrayLength: 0,
};

/** Names an element of an array of this length. */
export function isElement(name: string, length: number): boolean {
  const index = Number(name);
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === name;
}

/** `present`: how many elements it has. False positives are possible, false negatives are not. */
export function mayHaveExtraProperties(array: readonly unknown[], present: number): boolean {
  const { length } = array;
  if (length <= FEW_ELEMENTS) return Object.keys(array).length > present;
  // Node can list properties without elements, but only `inspect` gets at that: 3 us, where the
  // keys of 100,000 elements take 40 ms.
  return !inspect(array, onlyProperties).endsWith(`... ${length} more items ]`);
}
