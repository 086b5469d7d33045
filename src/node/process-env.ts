/**
 * `process.env`: like an environment, it holds strings and nothing else, whatever is assigned
 * (asked of the real runtime). Runs in a Worker's thread; one per Worker.
 */
import { inspect } from "node:util";

/** @param initial string variables; copied */
export function createProcessEnv(initial: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return new Proxy<Record<string, string>>(
    { ...initial },
    {
      set(target, key, value) {
        return Reflect.set(target, stringOf(key), stringOf(value));
      },
      defineProperty(target, key, descriptor) {
        if (descriptor.get !== undefined || descriptor.set !== undefined) {
          throw invalid(
            `The argument 'descriptor' process.env value must not have getter/setter. Received ${inspect(descriptor)}`,
          );
        }
        for (const name of ["configurable", "writable", "enumerable"] as const) {
          if (descriptor[name] === true) continue;
          throw invalid(
            `The property 'descriptor.${name}' process.env value must be ${name}. Received ${inspect(descriptor)}`,
          );
        }
        const value = stringOf(descriptor.value);
        return Reflect.defineProperty(target, stringOf(key), { ...descriptor, value });
      },
    },
  );
}

function stringOf(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a symbol value to a string");
  return String(value);
}

function invalid(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_VALUE" });
}
