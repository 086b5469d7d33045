/**
 * What is pure in Node's own modules, as members of objects of the Worker's: replacing a member of
 * `require("path")` changes nothing for Node or for the runtime.
 */
import { hostModule } from "../isolate/own-world.ts";
import { get, ownNames } from "../util/early.ts";

/** Own members of Node's module, or those of the given names. */
export function nativeMembers(name: string, only?: readonly string[]): Record<string, unknown> {
  const native = hostModule(name);
  const result: Record<string, unknown> = {};
  if (native === undefined) return result;
  for (const key of only ?? ownNames(native)) {
    result[key] = get(native, key);
  }
  return result;
}

/** A module whose default export is a function with everything on it. */
export function nativeFunctionModule(name: string): object {
  return hostModule(name) ?? {};
}

/** The default export of `_stream_*`: the class, under its own name too. */
export function streamClass(name: string): object {
  const stream = hostModule("stream") as Record<string, object>;
  const cls = stream[name] as object;
  if (!(name in cls)) {
    Object.defineProperty(cls, name, { value: cls, writable: true, configurable: true });
  }
  return cls;
}

const defaultExports = new WeakSet<object>();

/** Marks an object that is a module's default export as it is: its members name it. */
export function asDefaultExport(object: object): void {
  defaultExports.add(object);
}

export function isDefaultExport(object: object): boolean {
  return defaultExports.has(object);
}
