/**
 * Stand-ins for what a Worker does not get: they import, libraries extend them and look at their
 * prototypes while they load, and they throw when they are called (spec/node.md 9).
 */
import { notImplemented } from "./errors.ts";
import type { ExportType } from "./surface.ts";

/** Modules whose functions production refuses too, in these words. */
const NOT_IMPLEMENTED: ReadonlySet<string> = new Set([
  "child_process",
  "cluster",
  "http2",
  "repl",
  "v8",
  "vm",
]);

/** Of these, production names the function alone. */
const UNQUALIFIED: ReadonlySet<string> = new Set(["repl", "v8", "vm"]);

/** A function that can be extended. */
export function refusedFunction(module: string, name: string): object {
  // A declaration: arrow functions cannot be extended.
  function refuse(): never {
    if (NOT_IMPLEMENTED.has(module))
      throw notImplemented(UNQUALIFIED.has(module) ? name : `${module}.${name}`);
    throw new Error(
      `node:${module} ${name} is not supported by drover: a Worker does not reach the machine that it runs on.`,
    );
  }
  return Object.defineProperty(refuse, "name", { value: name, configurable: true });
}

/** A value of that type that means nothing. */
export function emptyValue(module: string, name: string, type: ExportType): unknown {
  switch (type) {
    case "function":
      return refusedFunction(module, name);
    case "object":
      return {};
    case "number":
      return 0;
    case "string":
      return "";
    case "boolean":
      return false;
    case "symbol":
      return Symbol(name);
    case "undefined":
      return undefined;
  }
}
