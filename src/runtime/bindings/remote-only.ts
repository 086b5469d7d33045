/**
 * A binding to what exists in Cloudflare's network only (AI, Vectorize, ...): it can be passed around
 * and printed, methods can be called and chained as one likes, and whoever waits for a result gets
 * wrangler's text (spec/resources.md 14). Nothing is faked.
 */
import { inspect } from "node:util";
import { unsupportedType } from "../../rpc/error-texts.ts";
import { refuseCloning } from "./clone-refusals.ts";
import { WrappedBinding } from "./wrapped-binding.ts";

export function createRemoteOnly(name: string, className: string): object {
  const failure = (): Error =>
    Object.assign(new Error(`Binding ${name} needs to be run remotely`), { remote: true });
  const isWrapped = WRAPPED.has(className);
  const Binding = isWrapped ? class extends WrappedBinding {} : class {};
  Object.defineProperty(Binding, "name", { value: className, configurable: true });
  const shown = (): string => `[${className} "${name}": needs to be run remotely]`;
  Object.defineProperty(Binding.prototype, inspect.custom, { value: shown });
  const binding = new Binding({ kind: "remote-only", id: name, className });
  if (!isWrapped) refuseCloning(binding, unsupportedType(className));
  const members = new Proxy(Binding.prototype, {
    get: (prototype, key) => member(prototype, key, failure),
    // Nothing is there to be changed.
    set: () => {
      throw failure();
    },
  });
  // Not a Proxy itself: as such it could not be sent.
  return Object.setPrototypeOf(binding, members) as object;
}

/** Those that may be sent. */
const WRAPPED: ReadonlySet<string> = new Set(["Ai"]);

function member(target: object, key: string | symbol, failure: () => Error): unknown {
  // Asked by inspection, conversion and await, not by the Worker.
  if (typeof key === "symbol" || key === "then" || key === "toJSON" || key in Object.prototype) {
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
