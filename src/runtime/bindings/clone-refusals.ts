/** What structured clone and RPC say of bindings that cannot be sent (spec/resources.md 1.9). */

const refusals: WeakMap<object, string> = new WeakMap();

export function refuseCloning(binding: object, text: string): void {
  refusals.set(binding, text);
}

/** The text of the DataCloneError; undefined for anything else. */
export function cloneRefusal(value: object): string | undefined {
  return refusals.get(value);
}
