/**
 * Shapes a class as production shows its own: enumerable members, functions of length 0, a name
 * that survives minification, `Symbol.toStringTag` (spec/workerd-surface.json). Runs once per class
 * when the runtime boots; used by everything in http/ and globals/ that user code can see.
 */
import { type Guards, guardMembers } from "./guards.ts";
import { defineInspection, type InspectView } from "./inspect.ts";
import { MEMBERS } from "./members.ts";

// biome-ignore lint/complexity/noBannedTypes: any class fits, whatever its constructor takes.
type AnyClass = Function & { readonly prototype: object };

/** How an interface prints (inspect.ts), and what its members check (guards.ts). */
export interface InterfaceOptions extends InspectView, Guards {}

/** Give `cls` the outside of a runtime-provided interface called `name`. */
export function defineInterface(cls: AnyClass, name: string, options: InterfaceOptions = {}): void {
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  Object.defineProperty(cls, "length", { value: 0, configurable: true });
  shapeMembers(cls);
  shapeMembers(cls.prototype);
  sortMembers(cls.prototype, name);
  guardMembers(cls.prototype, name, options);
  Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: name, configurable: true });
  defineInspection(cls.prototype, options);
}

/** Own properties in production's order; others stay before them, `constructor` comes last. */
export function sortMembers(prototype: object, name: string): void {
  for (const key of [...(MEMBERS[name]?.split(" ") ?? []), "constructor"]) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.configurable !== true) continue;
    Reflect.deleteProperty(prototype, key);
    Object.defineProperty(prototype, key, descriptor);
  }
}

/** Constants such as WebSocket.OPEN: on the class and on its prototype, enumerable, read-only. */
export function defineConstants(cls: AnyClass, constants: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(constants)) {
    Object.defineProperty(cls, name, { value, enumerable: true });
    Object.defineProperty(cls.prototype, name, { value, enumerable: true });
  }
}

const FUNCTION_MEMBERS = new Set(["prototype", "name", "length"]);

function shapeMembers(target: object): void {
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
