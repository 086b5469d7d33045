/** Defines a missing member the way built-in ones are defined. For polyfills. */
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

/** Put methods in the place of native ones, with the outside that production gives its own. */
export function overwrite(target: object, members: object): void {
  for (const [name, value] of Object.entries(members)) {
    const known = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(value, "length", { value: 0, configurable: true });
    Object.defineProperty(value, "name", { value: name, configurable: true });
    Object.defineProperty(target, name, {
      writable: true,
      configurable: true,
      enumerable: true,
      ...known,
      value,
    });
  }
}
