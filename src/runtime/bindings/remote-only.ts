/**
 * A binding to what exists in Cloudflare's network only (AI, Vectorize, ...): it can be passed around
 * and printed, methods can be called and chained as one likes, and whoever waits for a result gets
 * wrangler's text (spec/resources.md 14). Nothing is faked.
 */
import { inspect } from "node:util";

export function createRemoteOnly(name: string, className: string): object {
  const failure = (): Error =>
    Object.assign(new Error(`Binding ${name} needs to be run remotely`), { remote: true });
  const target = Object.create(
    { constructor: namedClass(className) },
    {
      [inspect.custom]: { value: () => `[${className} "${name}": needs to be run remotely]` },
    },
  ) as object;
  return new Proxy(target, {
    get: (object, key) => member(object, key, failure),
    // Nothing is there to be changed.
    set: () => {
      throw failure();
    },
  });
}

function member(target: object, key: string | symbol, failure: () => Error): unknown {
  // Asked by inspection and by await, not by the Worker.
  if (typeof key === "symbol" || key === "then" || key === "toJSON" || key === "constructor") {
    return Reflect.get(target, key);
  }
  return callable(failure);
}

/**
 * A method, a property with methods of its own, and what a call gives: a promise that fails as soon as
 * somebody asks, and goes on as deep as one likes.
 */
function callable(failure: () => Error): object {
  return new Proxy(() => {}, {
    get: (target, key) => memberOf(target, key, failure),
    apply: () => callable(failure),
  });
}

function memberOf(target: object, key: string | symbol, failure: () => Error): unknown {
  if (key === "then" || key === "catch" || key === "finally") {
    return (...args: readonly unknown[]): unknown => {
      const failed = Promise.reject(failure());
      return Reflect.apply(failed[key], failed, args);
    };
  }
  if (typeof key === "symbol" || key === "toJSON") return Reflect.get(target, key);
  return callable(failure);
}

function namedClass(name: string): unknown {
  return Object.defineProperty(class {}, "name", { value: name, configurable: true });
}
