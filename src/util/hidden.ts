/**
 * Functions and maps that user code cannot listen in on. Node calls some callbacks with
 * `callback.apply(receiver, args)`, a look-up that ends at a `Function.prototype` which user code may
 * have patched, and the receiver is a port or `process`. What is hidden has a prototype of its own.
 */
const functionPrototype: object = Object.create(
  null,
  Object.getOwnPropertyDescriptors(Function.prototype) as PropertyDescriptorMap,
);

/** For every callback that Node calls with an object of the host as receiver or argument. */
export function hidden<F extends object>(fn: F): F {
  return Object.setPrototypeOf(fn, functionPrototype) as F;
}

/** A Map for objects of the host: its methods are what they were before user code ran. */
export class HiddenMap<K, V> extends Map<K, V> {}
for (const name of ["get", "set", "has", "delete", "clear"] as const) {
  Object.defineProperty(HiddenMap.prototype, name, { value: Map.prototype[name] });
}
