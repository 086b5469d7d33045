/** Arguments of the storage API, coerced and checked with production's texts. Pure. */
import type { KvLimits, ListOptions } from "./kv-table.ts";

const MAX_PAIRS = 128;
/** Nanoseconds in a signed 64-bit number end in 2262, production's own limit is this. */
const LAST_YEAR = "2189";
const LAST_TIME = Date.UTC(2190, 0, 1);

export function notOfType(
  method: string,
  interfaceName: string,
  type: string,
  position = 1,
): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${interfaceName}': parameter ${position} is not of type '${type}'.`,
  );
}

/** One key, or several: `undefined` for anything that names none. */
export function keysOf(keys: unknown): string | string[] | undefined {
  if (keys === undefined) return undefined;
  if (Array.isArray(keys)) return keys.map(String);
  return String(keys);
}

export function checkPairs(count: number, limits: KvLimits): void {
  if (limits !== "legacy-kv" || count <= MAX_PAIRS) return;
  throw new RangeError(
    `Maximum number of key value pairs is ${MAX_PAIRS}. ${count} pairs were provided.`,
  );
}

/** Entries of a put in the order given: of a pair or of an object. */
export function entriesOf(args: readonly unknown[]): [key: string, value: unknown][] {
  const [first, second] = args;
  if (typeof first === "object" && first !== null) {
    if (second !== undefined && (typeof second !== "object" || second === null)) {
      throw new TypeError(
        "put() may only be called with a single key-value pair and optional options as put(key, value, options) or with multiple key-value pairs and optional options as put(entries, options)",
      );
    }
    return Object.entries(first).filter(([, value]) => value !== undefined);
  }
  if (second === undefined) throw new TypeError("put() called with undefined value.");
  return [[String(first), second]];
}

/** Whether writes with these options hold back what the object sends (spec 8). */
export function isUnconfirmed(options: unknown): boolean {
  return (
    (options as { readonly allowUnconfirmed?: unknown } | undefined)?.allowUnconfirmed === true
  );
}

export function listOptions(options: unknown, interfaceName: string): ListOptions {
  if (options === undefined || options === null) return {};
  if (typeof options !== "object") throw notOfType("list", interfaceName, "ListOptions");
  const { start, startAfter, end, prefix, reverse, limit } = options as Record<string, unknown>;
  if (start !== undefined && startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  const count = limit === undefined ? undefined : Math.trunc(Number(limit));
  if (count !== undefined && !(count > 0)) throw new TypeError("List limit must be positive.");
  return {
    start: textOf(start),
    startAfter: textOf(startAfter),
    end: textOf(end),
    prefix: textOf(prefix),
    reverse: reverse === true,
    limit: count,
  };
}

/** Milliseconds since 1970. */
export function alarmTime(time: unknown, interfaceName: string): number {
  const isDate = time instanceof Date;
  if (!isDate && typeof time !== "number") throw notOfType("setAlarm", interfaceName, "date");
  const ms = Math.trunc(isDate ? time.getTime() : time);
  if (!Number.isFinite(ms)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  if (ms <= 0) throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
  if (ms >= LAST_TIME) throw new TypeError(`This API doesn't support dates after ${LAST_YEAR}.`);
  return ms;
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
