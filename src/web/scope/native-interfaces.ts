/**
 * The outside of the classes that are Node's own: order of members, what they say of a foreign
 * `this`, and how they print are production's. Called once when the globals are installed, before
 * they are taken from the scope.
 */
import { sortMembers, tag } from "../interfaces/define-interface.ts";
import { guardMembers } from "../interfaces/guards.ts";
import { defineInspection, type InspectView } from "../interfaces/inspect.ts";

const PLAIN = ["TextEncoder", "URL"] as const;

export function shapeNatives(): void {
  for (const name of PLAIN) {
    guard(name);
    define(name, {});
  }
  guard("URLSearchParams", {
    append: "USVString|USVString",
    delete: "USVString",
    forEach: "function",
    get: "USVString",
    getAll: "USVString",
    has: "USVString",
    set: "USVString|USVString",
  });
  define("URLSearchParams", { entries: (params) => [...(params as URLSearchParams)] });
}

const isBelow = Object.prototype.isPrototypeOf;

function guard(name: string, parameters: Readonly<Record<string, string>> = {}): void {
  const cls: unknown = Reflect.get(globalThis, name);
  if (typeof cls !== "function") return;
  const prototype = cls.prototype as object;
  sortMembers(prototype, name);
  tag(prototype, name);
  guardMembers(prototype, name, {
    brand: (value) => isBelow.call(prototype, value),
    parameters,
  });
}

function define(name: string, view: InspectView): void {
  const cls: unknown = Reflect.get(globalThis, name);
  if (typeof cls === "function") defineInspection(cls.prototype as object, view);
}
