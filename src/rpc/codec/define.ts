/** Own data properties on values of the application. */

/**
 * Never through a setter, and with a descriptor that inherits nothing: what user code put on
 * Object.prototype (`get`, `value`) is not part of it.
 */
export function defineValue(
  object: object,
  key: PropertyKey,
  value: unknown,
  enumerable = true,
): void {
  Object.defineProperty(object, key, {
    // @ts-expect-error TS2353: sets the prototype of this literal; property descriptors have no such key.
    __proto__: null,
    value,
    enumerable,
    configurable: true,
    writable: true,
  });
}
