/**
 * What tail events show of console arguments and errors (spec/platform.md 16.1): JSON values, by
 * production's rules. Pure but for what the application's own `toJSON` and `toString` do.
 */
import { describeError } from "../../isolate/errors/error-text.ts";
import type { TraceErrorData } from "../../protocol/tail.ts";
import { isOf } from "../../util/thrown.ts";

const { getPrototypeOf } = Object;
const { isArray } = Array;
const { stringify } = JSON;

/** The arguments of one call as a JSON array. Never throws. */
export function messageOf(args: readonly unknown[]): string {
  return `[${args.map(jsonOf).join(",")}]`;
}

/** By position; undefined if none of the arguments is an error. */
export function errorsOf(args: readonly unknown[]): (TraceErrorData | null)[] | undefined {
  if (!args.some((arg) => isOf(arg, Error))) return undefined;
  return args.map((arg) => (isOf(arg, Error) ? describe(arg) : null));
}

/** Of anything that was thrown. */
export function describe(thrown: unknown): TraceErrorData {
  if (!isOf(thrown, Error)) return { name: "Error", message: thrownText(thrown) };
  const { name, message, stack } = describeError(thrown);
  const first = stack.search(/\n\s+at /);
  return { name, message, ...(first !== -1 && { stack: stack.slice(first + 1) }) };
}

/** As the error has it; undefined of what is none, or cannot be read. */
export function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error ? String(thrown.stack) : undefined;
  } catch {
    return undefined;
  }
}

function thrownText(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null) return "#<Object>";
  try {
    return String(thrown);
  } catch {
    // A function, whose text is its own.
    return "#<Function>";
  }
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
