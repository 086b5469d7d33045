/**
 * What is printed for something thrown: stack, own properties and causes of errors, anything else
 * inspected. Used by log.ts and for the failure message to the front door; never throws.
 */
import { inspect, types } from "node:util";
import type { SerializedError } from "../../protocol/errors.ts";
import { isOf } from "../../util/thrown.ts";
import { mapStackText } from "./stack-traces.ts";

export function errorText(error: unknown): string {
  try {
    if (typeof error === "string") return error;
    // It prints as an object with members.
    if (error instanceof DOMException) return mapStackText(String(error.stack));
    const text = inspect(error, { depth: 4 });
    // Brackets are put around an error whose stack names no place.
    if (error instanceof Error && text === `[${error.stack}]`) return text.slice(1, -1);
    return mapStackText(text);
  } catch {
    return "an error that cannot be shown (its own inspection throws)";
  }
}

/**
 * For an HTTP client, in production's words (spec/platform.md 19.3): what is no error becomes one,
 * of its own `name` and `message` where these are strings, of its text otherwise.
 */
export function describeForClient(thrown: unknown): SerializedError {
  if (types.isNativeError(thrown) || isOf(thrown, Error)) return describeError(thrown);
  const name = stringOf(thrown, "name") ?? "Error";
  const message = stringOf(thrown, "message") ?? textOf(thrown);
  return { name, message, stack: `${name}: ${message}` };
}

function stringOf(thrown: unknown, key: string): string | undefined {
  try {
    const value: unknown = Reflect.get(Object(thrown), key);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Of an object without a text of its own: what most have. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "[object Object]";
  }
}

/** For the host: name, message and mapped stack as strings, whatever was thrown. */
export function describeError(error: unknown): SerializedError {
  try {
    if (!types.isNativeError(error) && !(error instanceof Error)) {
      const text = typeof error === "string" ? error : inspect(error);
      return { name: "Error", message: text, stack: text };
    }
    const stack = typeof error.stack === "string" ? mapStackText(error.stack) : String(error);
    const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
    return { name: String(error.name), message: String(error.message), stack, ...code };
  } catch {
    return { name: "Error", message: "an error that cannot be read", stack: "Error" };
  }
}
