/** Objects that no rule accepts, and what is said of them (spec/rpc.md 2.1-2.3). */
import { types } from "node:util";
import type { RpcFlags } from "../contract.ts";
import type { FoundCap } from "../contracts/payload.ts";
import {
  abortSignalDisabled,
  readableOnlyRpc,
  referenceOnlyRpc,
  serviceOnlyRpc,
  signalOnlyRpc,
  stubNotPersistent,
  writableOnlyRpc,
} from "../error-texts.ts";
import { dataCloneError } from "./errors.ts";

/** Prototypes of objects that V8 itself refuses, in its own words. */
const prototypes: ReadonlySet<unknown> = new Set([
  ...prototypesIn(globalThis, [
    "Promise",
    "WeakMap",
    "WeakSet",
    "WeakRef",
    "FinalizationRegistry",
    "SharedArrayBuffer",
    "DisposableStack",
    "AsyncDisposableStack",
  ]),
  ...prototypesIn((globalThis as { WebAssembly?: object }).WebAssembly, [
    "Module",
    "Instance",
    "Memory",
    "Table",
    "Global",
    "Tag",
    "Exception",
  ]),
  ...prototypesIn(Intl, Object.getOwnPropertyNames(Intl)),
  Object.getPrototypeOf([].values()),
  Object.getPrototypeOf(""[Symbol.iterator]()),
  Object.getPrototypeOf("".matchAll(/x/g)),
]);

/** V8 has no serialization for it, nor has the platform. */
export function isUncloneable(value: object): boolean {
  if (types.isGeneratorObject(value)) return true;
  if (types.isMapIterator(value) || types.isSetIterator(value)) return true;
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    if (prototypes.has(at)) return true;
  }
  return false;
}

/** Of what travels by reference, met where only data may be. */
export function onlyForRpc({ type }: FoundCap, flags: RpcFlags): DOMException {
  switch (type) {
    case "readable":
      return dataCloneError(readableOnlyRpc);
    case "writable":
      return dataCloneError(writableOnlyRpc);
    case "signal":
      return dataCloneError(flags.abortSignalRpc ? signalOnlyRpc : abortSignalDisabled);
    case "service":
      return dataCloneError(serviceOnlyRpc);
    case "stub":
      return dataCloneError(stubNotPersistent);
    default:
      return dataCloneError(referenceOnlyRpc);
  }
}

function prototypesIn(holder: object | undefined, names: readonly string[]): object[] {
  const found: object[] = [];
  for (const name of names) {
    const value: unknown = holder === undefined ? undefined : Reflect.get(holder, name);
    const prototype: unknown = typeof value === "function" ? value.prototype : undefined;
    if (typeof prototype === "object" && prototype !== null) found.push(prototype);
  }
  return found;
}
