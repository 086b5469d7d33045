/**
 * What tail events show of console arguments and errors (spec/platform.md 16.1): JSON values, by
 * production's rules. Pure but for what the application's own `toJSON` and `toString` do.
 */
import { describeError } from "../../isolate/errors/error-text.ts";
import type { TraceErrorData } from "../../protocol/tail.ts";

const { getPrototypeOf } = Object;
const { isArray } = Array;
const { stringify } = JSON;

/** The arguments of one call as a JSON array. Never throws. */
export function messageOf(args: readonly unknown[]): string {
  return `[${args.map(jsonOf).join(",")}]`;
}

/** By position; undefined if none of the arguments is an error. */
export function errorsOf(args: readonly unknown[]): (TraceErrorData | null)[] | undefined {
  if (!args.some((arg) => arg instanceof Error)) return undefined;
  return args.map((arg) => (arg instanceof Error ? describe(arg) : null));
}

/** Of anything that was thrown. */
export function describe(thrown: unknown): TraceErrorData {
  if (!(thrown instanceof Error)) return { name: "Error", message: thrownText(thrown) };
  const { name, message, stack } = describeError(thrown);
  const first = stack.search(/\n\s+at /);
  return { name, message, ...(first !== -1 && { stack: stack.slice(first + 1) }) };
}

function thrownText(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null) return "#<Object>";
  return String(thrown);
}

function jsonOf(value: unknown): string {
  try {
    if (typeof value === "bigint" || typeof value === "function") return stringify(String(value));
    if (typeof value === "object" && value !== null && !isPlain(value)) {
      return stringify(String(value));
    }
    // Of a symbol too: it cannot become text.
    if (typeof value === "symbol") return "{}";
    return stringify(value) ?? "null";
  } catch {
    return "{}";
  }
}

/** Objects and arrays, and whoever says what they are as JSON. */
function isPlain(value: object): boolean {
  const prototype: unknown = getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || isArray(value)) return true;
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}
