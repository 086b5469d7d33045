/**
 * The classes of `enable_global_performance_classes` (spec/platform.md 2.1): marks and measures on production's
 * clock, whole milliseconds since the epoch. Observers never hear of anything, as in production. Made when a
 * Worker has them, not when the thread boots.
 */
import { EventTarget } from "../events/event-target.ts";
import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";
import { iterateEntries, iterateKeys, iterateValues } from "../interfaces/iterators.ts";
import { wrongConstructorParameter, wrongField, wrongParameter } from "../streams/arguments.ts";

const INTERNAL: unique symbol = Symbol("internal");

interface Described {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
}

type Json = Readonly<Record<string, unknown>>;
type Classes = Readonly<Record<string, unknown>>;

let made: { readonly classes: Classes; readonly performance: object } | undefined;

/** By global name. */
export function performanceClasses(): Classes {
  made ??= make();
  return made.classes;
}

/** The global `performance` with all of its members. */
export function fullPerformance(): object {
  made ??= make();
  return made.performance;
}

function make(): { readonly classes: Classes; readonly performance: object } {
  class PerformanceEntry {
    readonly #described: Described;

    constructor(key?: unknown, described?: Described) {
      if (key !== INTERNAL) throw new TypeError("Illegal constructor");
      this.#described = described as Described;
    }
    static is(value: object): boolean {
      return #described in value;
    }
    get name(): string {
      return this.#described.name;
    }
    get entryType(): string {
      return this.#described.entryType;
    }
    get startTime(): number {
      return this.#described.startTime;
    }
    get duration(): number {
      return this.#described.duration;
    }
    toJSON(): Json {
      const { name, entryType, startTime, duration } = this.#described;
      return { name, entryType, startTime, duration };
    }
  }
  const { is: isEntry } = PerformanceEntry;
  Reflect.deleteProperty(PerformanceEntry, "is");
  defineInterface(PerformanceEntry, "PerformanceEntry", { brand: isEntry });

  function withDetail(json: Json, detail: unknown): Json {
    return detail === null ? json : { ...json, detail };
  }

  class PerformanceMark extends PerformanceEntry {
    readonly #detail: unknown;

    constructor(...args: readonly unknown[]) {
      if (args.length === 0) throw wrongConstructorParameter("PerformanceMark", 1, "string");
      const [name, options] = args;
      const { startTime, detail } = optionsOf(options, () =>
        wrongConstructorParameter("PerformanceMark", 2, "Options"),
      );
      super(INTERNAL, {
        name: `${name}`,
        entryType: "mark",
        startTime: startTime === undefined ? Date.now() : Number(startTime),
        duration: 0,
      });
      this.#detail = detail ?? null;
    }
    static isMark(value: object): boolean {
      return #detail in value;
    }
    get detail(): unknown {
      return this.#detail;
    }
    override toJSON(): Json {
      return withDetail(super.toJSON(), this.#detail);
    }
  }
  const { isMark } = PerformanceMark;
  Reflect.deleteProperty(PerformanceMark, "isMark");
  defineInterface(PerformanceMark, "PerformanceMark", { brand: isMark });

  class PerformanceMeasure extends PerformanceEntry {
    readonly #detail: unknown;

    constructor(key?: unknown, described?: Described, detail?: unknown) {
      super(key, described);
      this.#detail = detail ?? null;
    }
    static isMeasure(value: object): boolean {
      return #detail in value;
    }
    get detail(): unknown {
      return this.#detail;
    }
    override toJSON(): Json {
      return withDetail(super.toJSON(), this.#detail);
    }
  }
  const { isMeasure } = PerformanceMeasure;
  Reflect.deleteProperty(PerformanceMeasure, "isMeasure");
  defineInterface(PerformanceMeasure, "PerformanceMeasure", { brand: isMeasure });

  /** Nobody makes one. */
  class PerformanceResourceTiming extends PerformanceEntry {
    static readonly members: readonly string[] =
      "connectEnd connectStart decodedBodySize domainLookupEnd domainLookupStart encodedBodySize fetchStart initiatorType nextHopProtocol redirectEnd redirectStart requestStart responseEnd responseStart responseStatus secureConnectionStart transferSize workerStart".split(
        " ",
      );
  }
  for (const name of PerformanceResourceTiming.members) {
    Object.defineProperty(PerformanceResourceTiming.prototype, name, {
      get: () => undefined,
      enumerable: true,
      configurable: true,
    });
  }
  Reflect.deleteProperty(PerformanceResourceTiming, "members");
  defineInterface(PerformanceResourceTiming, "PerformanceResourceTiming", { brand: () => false });

  class PerformanceObserverEntryList {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
    getEntries(): void {}
    getEntriesByType(): void {}
    getEntriesByName(): void {}
  }
  defineInterface(PerformanceObserverEntryList, "PerformanceObserverEntryList", {
    brand: () => false,
  });

  class PerformanceObserver {
    readonly #isReal = true;

    constructor(...args: readonly unknown[]) {
      if (args.length === 0) throw wrongConstructorParameter("PerformanceObserver", 1, "Value");
    }
    static is(value: object): boolean {
      return #isReal in value;
    }
    disconnect(): void {}
    observe(options?: unknown): void {
      if (typeof options !== "object" || options === null) return;
      const types: unknown = Reflect.get(options, "entryTypes");
      if (types !== undefined && !Array.isArray(types)) {
        throw wrongField("entryTypes", "ObserveOptions", "Array");
      }
    }
    takeRecords(): readonly object[] {
      return [];
    }
  }
  const { is: isObserver } = PerformanceObserver;
  Reflect.deleteProperty(PerformanceObserver, "is");
  defineFixed(PerformanceObserver, { supportedEntryTypes: ["measure", "mark"] });
  defineInterface(PerformanceObserver, "PerformanceObserver", { brand: isObserver });

  class EventCounts {
    readonly #isReal = true;

    static is(value: object): boolean {
      return #isReal in value;
    }
    get size(): number {
      return 0;
    }
    get(): void {}
    has(): boolean {
      return false;
    }
    entries(): IterableIterator<[string, number]> {
      return iterateEntries<number>(() => undefined);
    }
    keys(): IterableIterator<string> {
      return iterateKeys(() => undefined);
    }
    values(): IterableIterator<number> {
      return iterateValues<number>(() => undefined);
    }
    forEach(): void {}
    [Symbol.iterator](): IterableIterator<[string, number]> {
      return this.entries();
    }
  }
  const { is: isCounts } = EventCounts;
  Reflect.deleteProperty(EventCounts, "is");
  defineInterface(EventCounts, "EventCounts", {
    brand: isCounts,
    parameters: { forEach: "function" },
    entries: () => [],
  });

  /** Nothing about the process. */
  class PerformanceNodeTiming extends PerformanceEntry {
    constructor() {
      super(INTERNAL, { name: "node", entryType: "node", startTime: 0, duration: 0 });
      const uvMetricsInfo = { loopCount: 0, events: 0, eventsWaiting: 0 };
      const times = NODE_TIMES.toReversed().map((name) => [name, 0] as const);
      defineFixed(this, { uvMetricsInfo, ...Object.fromEntries(times) });
    }
    override toJSON(): Json {
      const times = Object.fromEntries(NODE_TIMES.map((name) => [name, 0]));
      return { ...super.toJSON(), ...times, uvMetricsInfo: Reflect.get(this, "uvMetricsInfo") };
    }
  }
  defineInterface(PerformanceNodeTiming, "PerformanceNodeTiming", { brand: isEntry });

  class Performance extends EventTarget {
    /** Marks and measures, in the order in which they were made. */
    #entries: PerformanceEntry[] = [];

    constructor(key?: unknown) {
      if (key !== INTERNAL) throw new TypeError("Illegal constructor");
      super();
    }
    static is(value: object): boolean {
      return #entries in value;
    }
    now(): number {
      return Date.now();
    }
    get timeOrigin(): number {
      return 0;
    }
    get eventCounts(): EventCounts {
      return new EventCounts();
    }
    get nodeTiming(): PerformanceNodeTiming {
      return new PerformanceNodeTiming();
    }
    mark(name: string, options?: unknown): PerformanceMark {
      optionsOf(options, () => wrongParameter("mark", "Performance", 2, "Options"));
      const mark = new PerformanceMark(name, options);
      this.#entries.push(mark);
      return mark;
    }
    measure(name: string, startOrOptions?: unknown, endMark?: unknown): PerformanceMeasure {
      const isOptions = typeof startOrOptions === "object" && startOrOptions !== null;
      const { start, end, duration, detail } = isOptions
        ? (startOrOptions as Json)
        : { start: startOrOptions, end: endMark };
      const from = this.#timeOf(start) ?? 0;
      const length = end === undefined && duration !== undefined ? Number(duration) : undefined;
      const to = this.#timeOf(end) ?? Date.now();
      const measure = new PerformanceMeasure(
        INTERNAL,
        { name, entryType: "measure", startTime: from, duration: length ?? to - from },
        detail,
      );
      this.#entries.push(measure);
      return measure;
    }
    clearMarks(name?: string): void {
      this.#clear("mark", name);
    }
    clearMeasures(name?: string): void {
      this.#clear("measure", name);
    }
    getEntries(): PerformanceEntry[] {
      return [...this.#entries];
    }
    getEntriesByName(name: string, type?: string): PerformanceEntry[] {
      const isOfType = (entry: PerformanceEntry): boolean =>
        type === undefined || entry.entryType === `${type}`;
      return this.#entries.filter((entry) => entry.name === name && isOfType(entry));
    }
    getEntriesByType(type: string): PerformanceEntry[] {
      return this.#entries.filter((entry) => entry.entryType === type);
    }
    clearResourceTimings(): void {}
    setResourceTimingBufferSize(...args: readonly unknown[]): void {
      if (args.length === 0) {
        throw wrongParameter("setResourceTimingBufferSize", "Performance", 1, "unsigned integer");
      }
    }
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
    #clear(type: string, name: unknown): void {
      const isKept = (entry: PerformanceEntry): boolean =>
        entry.entryType !== type || (name !== undefined && entry.name !== `${name}`);
      this.#entries = this.#entries.filter(isKept);
    }
    /** Of a mark by its name, the last one; or a time as it is. Undefined: there is none. */
    #timeOf(value: unknown): number | undefined {
      if (typeof value === "number") return value;
      if (value === undefined) return undefined;
      const isIt = (entry: PerformanceEntry): boolean =>
        entry.entryType === "mark" && entry.name === `${value}`;
      return this.#entries.findLast(isIt)?.startTime;
    }
  }
  const { is: isPerformance } = Performance;
  Reflect.deleteProperty(Performance, "is");
  defineInterface(Performance, "Performance", {
    brand: isPerformance,
    parameters: {
      getEntriesByName: "string",
      getEntriesByType: "string",
      mark: "string",
      measure: "string",
      timerify: "function",
    },
  });

  return {
    classes: {
      Performance,
      PerformanceEntry,
      PerformanceMark,
      PerformanceMeasure,
      PerformanceObserver,
      PerformanceObserverEntryList,
      PerformanceResourceTiming,
    },
    performance: new Performance(INTERNAL),
  };
}

const NODE_TIMES: readonly string[] =
  "nodeStart v8Start bootstrapComplete environment loopStart loopExit idleTime".split(" ");

function optionsOf(options: unknown, wrong: () => TypeError): Json {
  if (options === undefined || options === null) return {};
  if (typeof options !== "object" && typeof options !== "function") throw wrong();
  return options as Json;
}
