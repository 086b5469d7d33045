/**
 * How the classes that are Node's own print: as production's do, not as Node's. Called once when the
 * globals are installed, before they are taken from the scope.
 */
import { defineInspection, type InspectView } from "../interfaces/inspect.ts";

const PLAIN = [
  "AbortController",
  "AbortSignal",
  "CustomEvent",
  "Event",
  "EventTarget",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLPattern",
] as const;

export function inspectNatives(): void {
  for (const name of PLAIN) define(name, {});
  define("URLSearchParams", { entries: (params) => [...(params as URLSearchParams)] });
}

function define(name: string, view: InspectView): void {
  const cls: unknown = Reflect.get(globalThis, name);
  if (typeof cls === "function") defineInspection(cls.prototype as object, view);
}
