/**
 * The small objects of the global scope: `navigator`, `performance`, `Cloudflare`.
 */
import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";

const INTERNAL: unique symbol = Symbol("internal");

let isNavigator: (value: object) => boolean;

export class Navigator {
  readonly #isReal = true;

  static {
    isNavigator = (value) => #isReal in value;
  }

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
  }

  /** Fire and forget; false if the URL is not acceptable. */
  sendBeacon(url: string, body?: unknown): boolean {
    return beacon(String(url), body);
  }
}
defineInterface(Navigator, "Navigator", {
  brand: isNavigator,
  parameters: { sendBeacon: "string" },
});

let beacon: (url: string, body: unknown) => boolean = () => false;

/** The global `navigator`; `send` performs a beacon. `enable_navigator_language` brings languages. */
export function createNavigator(
  send: (url: string, body: unknown) => boolean,
  hasLanguage: boolean,
): Navigator {
  beacon = send;
  const values = {
    ...(hasLanguage ? { languages: ["en"], language: "en" } : {}),
    platform: "",
    hardwareConcurrency: 1,
    userAgent: "Cloudflare-Workers",
  };
  const navigator = new Navigator(INTERNAL);
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(navigator, name, { value, enumerable: true, configurable: true });
  }
  return navigator;
}

let isPerformance: (value: object) => boolean;

/**
 * Production's clock: whole milliseconds since the epoch, with an origin of 0, so that
 * `performance.now()` equals `Date.now()`.
 */
export class Performance {
  readonly #isReal = true;

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
  }
  static {
    isPerformance = (value) => #isReal in value;
  }
  now(): number {
    return Date.now();
  }
  get timeOrigin(): number {
    return 0;
  }
}
defineInterface(Performance, "Performance", { brand: isPerformance });

/** The global `performance` of Workers that lack the classes of performance.ts. */
export function createPerformance(): Performance {
  return new Performance(INTERNAL);
}

/** Class of the global `Cloudflare`; not a global itself. */
class Cloudflare {
  constructor(flags: Readonly<Record<string, boolean>>) {
    defineFixed(this, {
      compatibilityFlags: Object.freeze(Object.assign(Object.create(null), flags)),
    });
  }
}
defineInterface(Cloudflare, "Cloudflare");

export function createCloudflare(flags: Readonly<Record<string, boolean>>): object {
  return new Cloudflare(flags);
}
