/**
 * Accessors of early dates: before `workers_api_getters_setters_on_prototype` (2022-01-31) they are own enumerable
 * properties of every instance, which JSON and Object.keys show and no subclass can replace (spec/platform.md 1.2; asked of
 * the real runtime). The prototypes keep theirs, by which the runtime itself goes on reading.
 */
import { MEMBERS } from "./members.ts";

const CLASSES: ReadonlySet<string> = new Set(
  (
    "AbortController AbortSignal Blob Body Crypto DigestStream Event File ReadableStream ReadableStreamBYOBReader " +
    "ReadableStreamDefaultReader Request Response TextDecoder TextEncoder TransformStream URL WebSocket WritableStream " +
    "WritableStreamDefaultWriter"
  ).split(" "),
);
/** Younger ones, which have always been on prototypes. */
const YOUNG: ReadonlySet<string> = new Set(["onabort", "bytesWritten"]);
/** Where the order was another one. */
const ORDER: Readonly<Record<string, string>> = {
  URL: "href origin protocol username password host hostname port pathname search searchParams hash",
};

type Give = (instance: object) => void;

/** Called by the constructors of the classes above, with what they make; undefined at all later dates. */
export let giveOwnAccessors: Give | undefined;

/** By prototype. */
const plans = new WeakMap<object, PropertyDescriptorMap>();

/** Begin with it: called by installGlobals, if the date says so. */
export function useOwnAccessors(): void {
  giveOwnAccessors = (instance) => {
    const prototype: object = Object.getPrototypeOf(instance);
    const plan = plans.get(prototype) ?? planFor(prototype);
    plans.set(prototype, plan);
    Object.defineProperties(instance, plan);
  };
}

/** The last member first, the class itself before those that it extends. */
function planFor(prototype: object): PropertyDescriptorMap {
  const plan: PropertyDescriptorMap = {};
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const name: unknown = Object.getOwnPropertyDescriptor(at, "constructor")?.value?.name;
    if (typeof name !== "string" || !CLASSES.has(name) || !isPlatforms(at)) continue;
    const members = (ORDER[name] ?? MEMBERS[name])?.split(" ") ?? Object.getOwnPropertyNames(at);
    for (const key of members.toReversed()) {
      const accessor = Object.getOwnPropertyDescriptor(at, key);
      if (accessor?.get === undefined || YOUNG.has(key) || Object.hasOwn(plan, key)) continue;
      plan[key] = { ...accessor, enumerable: true, configurable: true };
    }
  }
  return plan;
}

const platforms = new WeakSet<object>();

/** A prototype of one of our classes, or of Node's in our words; a Worker's own may be called the same. */
export function addPlatformPrototype(prototype: object): void {
  platforms.add(prototype);
}

function isPlatforms(prototype: object): boolean {
  return platforms.has(prototype);
}
