/**
 * The small objects of the global scope: `navigator`, `performance`, `Cloudflare`.
 */
import type { PerformanceEntry } from "node:perf_hooks";
import { defineInterface } from "../interfaces/define-interface.ts";

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

/**
 * Production's clock: whole milliseconds since the epoch, with an origin of 0, so that
 * `performance.now()` equals `Date.now()`.
 */
export class Performance {
  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
  }
  now(): number {
    return Date.now();
  }
  get timeOrigin(): number {
    return 0;
  }
}
defineInterface(Performance, "Performance");

const host = performance;

/** Nothing about the process. */
const NODE_TIMING = Object.freeze({
  name: "node",
  entryType: "node",
  startTime: 0,
  duration: 0,
  nodeStart: 0,
  v8Start: 0,
  environment: 0,
  bootstrapComplete: 0,
  loopStart: 0,
  loopExit: 0,
  idleTime: 0,
});

/** With `enable_global_performance_classes`: marks and measures too, on the same clock. */
export class FullPerformance extends EventTarget {
  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    super();
  }
  now(): number {
    return Date.now();
  }
  get timeOrigin(): number {
    return 0;
  }
  get eventCounts(): ReadonlyMap<string, number> {
    return new Map();
  }
  get nodeTiming(): unknown {
    return NODE_TIMING;
  }
  mark(name: string, options: { startTime?: number; detail?: unknown } = {}): PerformanceEntry {
    return host.mark(name, { startTime: Date.now(), ...options });
  }
  measure(name: string, start?: unknown, end?: unknown): PerformanceEntry {
    const options =
      typeof start === "object" && start !== null ? start : { start: start ?? 0, end };
    const bounded = { end: Date.now(), ...dropUndefined(options) };
    return host.measure(name, bounded as { start: number; end: number });
  }
  clearMarks(name?: string): void {
    host.clearMarks(name);
  }
  clearMeasures(name?: string): void {
    host.clearMeasures(name);
  }
  getEntries(): PerformanceEntry[] {
    return host.getEntries();
  }
  getEntriesByName(name: string, type?: string): PerformanceEntry[] {
    return host.getEntriesByName(name, type as "mark");
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    return host.getEntriesByType(type as "mark");
  }
  clearResourceTimings(): void {}
  setResourceTimingBufferSize(): void {}
  markResourceTiming(): void {}
  eventLoopUtilization(): object {
    return { idle: 0, active: 0, utilization: 0 };
  }
  timerify<F>(fn: F): F {
    return fn;
  }
  toJSON(): object {
    return { timeOrigin: 0 };
  }
}
defineInterface(FullPerformance, "Performance");

/** The global `performance`. */
export function createPerformance(full: boolean): Performance | FullPerformance {
  return full ? new FullPerformance(INTERNAL) : new Performance(INTERNAL);
}

/** Class of the global `Cloudflare`; not a global itself. */
class Cloudflare {
  readonly compatibilityFlags: Readonly<Record<string, boolean>>;
  constructor(flags: Readonly<Record<string, boolean>>) {
    this.compatibilityFlags = Object.freeze(Object.assign(Object.create(null), flags));
  }
}
defineInterface(Cloudflare, "Cloudflare");

export function createCloudflare(flags: Readonly<Record<string, boolean>>): object {
  return new Cloudflare(flags);
}

function dropUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
