/**
 * Shapes a class as production shows its own: enumerable members, functions of length 0, a name
 * that survives minification, `Symbol.toStringTag` (spec/workerd-surface.json). Runs once per class
 * when the runtime boots; used by everything in http/ and globals/ that user code can see.
 */
import { defineInspection, type InspectView } from "./inspect.ts";
import { MEMBERS } from "./members.ts";

// biome-ignore lint/complexity/noBannedTypes: any class fits, whatever its constructor takes.
type AnyClass = Function & { readonly prototype: object };

/** Give `cls` the outside of a runtime-provided interface called `name`; `view`: how it prints. */
export function defineInterface(cls: AnyClass, name: string, view: InspectView = {}): void {
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  Object.defineProperty(cls, "length", { value: 0, configurable: true });
  shapeMembers(cls);
  shapeMembers(cls.prototype);
  sortMembers(cls.prototype, MEMBERS[name]?.split(" ") ?? []);
  Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: name, configurable: true });
  defineInspection(cls.prototype, view);
}

/** Own properties in this order; others stay before them, `constructor` comes last. */
function sortMembers(prototype: object, order: readonly string[]): void {
  for (const key of [...order, "constructor"]) {
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

function shapeMembers(target: object): void {
  for (const key of Object.getOwnPropertyNames(target)) {
    if (key === "constructor" || key === "prototype" || key === "name" || key === "length")
      continue;
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    if (descriptor === undefined || !descriptor.configurable) continue;
    if (typeof descriptor.value === "function") {
      Object.defineProperty(descriptor.value, "length", { value: 0, configurable: true });
    }
    Object.defineProperty(target, key, { ...descriptor, enumerable: true });
  }
}
