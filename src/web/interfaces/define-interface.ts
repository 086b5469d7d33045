/**
 * Shapes a class as production shows its own: enumerable members, functions of length 0, a name
 * that survives minification, `Symbol.toStringTag` (spec/workerd-surface.json). Runs once per class
 * when the runtime boots; used by everything in http/ and globals/ that user code can see.
 */
import { type Guards, guardMembers } from "./guards.ts";
import { defineInspection, type InspectView } from "./inspect.ts";
import { MEMBERS } from "./members.ts";
import { addPlatformPrototype } from "./own-accessors.ts";

// biome-ignore lint/complexity/noBannedTypes: any class fits, whatever its constructor takes.
type AnyClass = Function & { readonly prototype: object };

/** How an interface prints (inspect.ts), and what its members check (guards.ts). */
export interface InterfaceOptions extends InspectView, Guards {
  /** Such as WebSocket.OPEN: on the class and on its prototype, enumerable, read-only. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Give `cls` the outside of a runtime-provided interface called `name`. */
export function defineInterface(cls: AnyClass, name: string, options: InterfaceOptions = {}): void {
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  Object.defineProperty(cls, "length", { value: 0, configurable: true });
  const constants = Object.entries(options.constants ?? {});
  for (const [key, value] of constants) {
    for (const target of [cls, cls.prototype]) {
      Object.defineProperty(target, key, { value, configurable: true });
    }
  }
  shapeMembers(cls);
  shapeMembers(cls.prototype);
  sortMembers(cls.prototype, name);
  guardMembers(cls.prototype, name, options);
  tag(cls.prototype, name);
  defineInspection(cls.prototype, options);
  for (const [key] of constants) {
    for (const target of [cls, cls.prototype]) {
      Object.defineProperty(target, key, { configurable: false });
    }
  }
}

/** Own properties in production's order; others stay before them, `constructor` comes last. */
export function sortMembers(prototype: object, name: string): void {
  addPlatformPrototype(prototype);
  moveToEnd(prototype, [...(MEMBERS[name]?.split(" ") ?? []), "constructor"]);
}

function moveToEnd(object: object, keys: readonly (string | symbol)[]): void {
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    if (descriptor?.configurable !== true) continue;
    Reflect.deleteProperty(object, key);
    Object.defineProperty(object, key, descriptor);
  }
}

/** The name of each interface by its prototype. */
const tagged = new Map<object, string>();
let hasTags = true;

/** Before `set_tostring_tag` (2024-09-26) no class has a Symbol.toStringTag. Called by installGlobals. */
export function dropTags(): void {
  hasTags = false;
  for (const prototype of tagged.keys()) Reflect.deleteProperty(prototype, Symbol.toStringTag);
}

/** What the interface of a prototype is called, whatever its constructor says. */
export function interfaceName(prototype: object): string | undefined {
  return tagged.get(prototype);
}

/** What production calls instances; methods that are symbols come after it. */
export function tag(prototype: object, name: string): void {
  Reflect.deleteProperty(prototype, Symbol.toStringTag);
  tagged.set(prototype, name);
  if (!hasTags) return;
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: name,
    writable: true,
    configurable: true,
  });
  moveToEnd(prototype, [Symbol.iterator, Symbol.asyncIterator, Symbol.dispose]);
}

/** Properties of an instance that are there to be read: enumerable, not to be assigned. */
export function defineFixed(object: object, values: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(values)) {
    Object.defineProperty(object, name, {
      value: values[name],
      enumerable: true,
      configurable: true,
    });
  }
}

const FUNCTION_MEMBERS = new Set(["prototype", "name", "length"]);

function shapeMembers(target: object): void {
  for (const key of [Symbol.iterator, Symbol.asyncIterator]) {
    const method: unknown = Object.getOwnPropertyDescriptor(target, key)?.value;
    if (typeof method === "function") {
      Object.defineProperty(method, "length", { value: 0, configurable: true });
    }
  }
  for (const key of Object.getOwnPropertyNames(target)) {
    const isFunctions = typeof target === "function" && FUNCTION_MEMBERS.has(key);
    if (key === "constructor" || isFunctions) continue;
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    if (descriptor === undefined || !descriptor.configurable) continue;
    if (typeof descriptor.value === "function") {
      Object.defineProperty(descriptor.value, "length", { value: 0, configurable: true });
    }
    Object.defineProperty(target, key, { ...descriptor, enumerable: true });
  }
}
