/**
 * Shapes a class as production shows its own: enumerable members, functions of length 0, a name
 * that survives minification, `Symbol.toStringTag` (spec/workerd-surface.json). Runs once per class, with its
 * module; used by every class of the runtime that user code can see.
 */
import { type Guards, guard } from "./guards.ts";
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
  if (cls.name !== name) Object.defineProperty(cls, "name", { value: name, configurable: true });
  setLength(cls);
  const constants = Object.entries(options.constants ?? {});
  for (const [key, value] of constants) {
    for (const target of [cls, cls.prototype]) {
      Object.defineProperty(target, key, { value, configurable: true });
    }
  }
  shapeStatics(cls);
  shapePrototype(cls.prototype, name, options);
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

/**
 * The same and the checks of guards.ts, for a class as it was written, each member defined once: a thread has hundreds
 * of them, and every boot pays for each definition. Only what is out of order is taken away and put back.
 */
function shapePrototype(prototype: object, name: string, guards: Guards): void {
  addPlatformPrototype(prototype);
  const found = Object.getOwnPropertyNames(prototype).filter((key) => key !== "constructor");
  const members = MEMBERS[name]?.split(" ") ?? [];
  const sorted = inOrder(found, members);
  let isInPlace = true;
  for (const [at, key] of sorted.entries()) {
    isInPlace &&= found[at] === key;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.configurable !== true) continue;
    descriptor.enumerable = true;
    guard(descriptor, name, key, guards);
    setLength(descriptor.value);
    if (!isInPlace) Reflect.deleteProperty(prototype, key);
    Object.defineProperty(prototype, key, descriptor);
  }
  for (const key of SYMBOLS) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.configurable !== true) continue;
    if (key !== Symbol.asyncIterator) guard(descriptor, name, key, guards);
    if (key !== Symbol.dispose) setLength(descriptor.value);
    Object.defineProperty(prototype, key, descriptor);
  }
  moveToEnd(prototype, ["constructor"]);
}

const SYMBOLS = [Symbol.iterator, Symbol.asyncIterator, Symbol.dispose] as const;

/** Those that `members` does not name stay before them. */
function inOrder(found: readonly string[], members: readonly string[]): readonly string[] {
  if (members.length === 0) return found;
  const others = found.filter((key) => !members.includes(key));
  return [...others, ...members.filter((key) => found.includes(key))];
}

/** Guards have length 0 as they are. */
function setLength(value: unknown): void {
  if (typeof value !== "function" || value.length === 0) return;
  Object.defineProperty(value, "length", { value: 0, configurable: true });
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

function shapeStatics(cls: AnyClass): void {
  for (const key of Object.getOwnPropertyNames(cls)) {
    const descriptor = Object.getOwnPropertyDescriptor(cls, key);
    if (FUNCTION_MEMBERS.has(key) || descriptor?.configurable !== true) continue;
    descriptor.enumerable = true;
    setLength(descriptor.value);
    Object.defineProperty(cls, key, descriptor);
  }
}
