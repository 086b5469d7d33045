/** Defines a missing member the way built-in ones are defined. Used by the polyfills only. */
export function addMember(target: object, name: string | symbol, value: unknown): void {
  if (Object.hasOwn(target, name)) return;
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

/** Add several methods taken from an object literal (so that they are not constructors). */
export function addMembers(target: object, members: object): void {
  for (const name of Reflect.ownKeys(members)) {
    addMember(target, name, Reflect.get(members, name));
  }
}
