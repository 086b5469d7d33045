/**
 * Shapes a class as production shows its own: enumerable members, functions of length 0, a name
 * that survives minification, `Symbol.toStringTag` (spec/workerd-surface.json). Runs once per class
 * when the runtime boots; used by everything in http/ and globals/ that user code can see.
 */
import type { InspectOptions, inspect } from "node:util";

// biome-ignore lint/complexity/noBannedTypes: any class fits, whatever its constructor takes.
type AnyClass = Function & { readonly prototype: object };

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Give `cls` the outside of a runtime-provided interface called `name`. */
export function defineInterface(cls: AnyClass, name: string): void {
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  Object.defineProperty(cls, "length", { value: 0, configurable: true });
  shapeMembers(cls);
  shapeMembers(cls.prototype);
  Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: name, configurable: true });
  if (!Object.hasOwn(cls.prototype, INSPECT)) {
    Object.defineProperty(cls.prototype, INSPECT, {
      value: inspectAccessors,
      configurable: true,
      writable: true,
    });
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

/** What console.log shows: the accessors of the whole prototype chain, as production does. */
function inspectAccessors(
  this: object,
  depth: number,
  options: InspectOptions,
  show: typeof inspect,
): unknown {
  const name = this.constructor?.name ?? "Object";
  if (depth < 0) return `[${name}]`;
  const seen: Record<string, unknown> = {};
  for (let proto: object | null = this; proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (proto === Object.prototype) break;
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (descriptor.get === undefined || key in seen) continue;
      try {
        seen[key] = Reflect.get(this, key);
      } catch {
        // An accessor on the bare prototype has nothing to show.
      }
    }
  }
  const rest = depth === undefined ? options : { ...options, depth: (options.depth ?? 2) - 1 };
  return `${name} ${show(seen, rest)}`;
}
