/**
 * Stands in for a binding that drover does not simulate: it can be passed around and printed, and
 * any use of it throws an Error that says what is missing. Nothing is faked (design.md, 1).
 */
import { inspect } from "node:util";

export function createUnsupported(name: string, what: string): object {
  const fail = (use: string): never => {
    throw new Error(
      `env.${name}${use}: ${what} bindings are not supported by drover yet. Other Workers of the session are not affected.`,
    );
  };
  const target = Object.defineProperty({}, inspect.custom, {
    value: () => `[${what} binding "${name}": not supported by drover yet]`,
  });
  return new Proxy(target, {
    get(object, key) {
      // Symbols and `then` are asked by inspection and await, not by the Worker.
      if (typeof key === "symbol" || key === "then" || key === "toJSON" || key === "constructor") {
        return Reflect.get(object, key);
      }
      return fail(`.${key}`);
    },
    set: (_object, key) => fail(`.${String(key)}`),
  });
}
