/**
 * `process.env`: a view of an object of its own, in which every value becomes a string. Never the
 * Worker's `env`, never the environment of the host (spec/node.md 4.1).
 */
import { nodeError } from "./errors.ts";

export function createProcessEnv(values: Readonly<Record<string, string>>): object {
  return new Proxy({ ...values }, HANDLER);
}

const HANDLER: ProxyHandler<object> = {
  set(target, key, value) {
    return Reflect.set(target, key, toText(key, value));
  },
  defineProperty(target, key, descriptor) {
    const { get, set, configurable, enumerable, writable, value } = descriptor;
    if (get !== undefined || set !== undefined) {
      throw invalid("process.env value must not have getter/setter");
    }
    if (configurable !== true) throw invalid("process.env value must be configurable");
    if (enumerable !== true) throw invalid("process.env value must be enumerable");
    if (writable !== true) throw invalid("process.env value must be writable");
    return Reflect.defineProperty(target, key, { ...descriptor, value: toText(key, value) });
  },
};

function toText(key: PropertyKey, value: unknown): string {
  if (typeof key === "symbol" || typeof value === "symbol") {
    throw new TypeError("Cannot convert a symbol value to a string");
  }
  return String(value);
}

function invalid(message: string): Error {
  return nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}
