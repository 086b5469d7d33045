/**
 * Thrown values on the wire (spec/rpc.md 6): name and message always, the value itself if it can be
 * cloned without capabilities, and the properties that production adds. Frame fields, in order:
 * name, message, flags, value, 0, fixes.
 */
import { types } from "node:util";
import { isOf } from "../../util/thrown.ts";
import type { CodecCore } from "../contracts/codec.ts";
import type { EncodedValue } from "../contracts/payload.ts";
import { ErrorFlag } from "../frames.ts";
import { decode } from "./decode.ts";
import { defineValue } from "./define.ts";
import { encode } from "./encode.ts";
import { makeErrorFromText } from "./errors.ts";
import { dataOf, describeValue } from "./v8-text.ts";

const flagged: readonly (readonly [name: string, flag: number])[] = [
  ["remote", ErrorFlag.remote],
  ["retryable", ErrorFlag.retryable],
  ["overloaded", ErrorFlag.overloaded],
  ["durableObjectReset", ErrorFlag.durableObjectReset],
];

/** Name of a DOMException on the wire, told apart from errors of the same name. */
const DOM_PREFIX = "DOMException:";

const errorToString: unknown = Error.prototype.toString;

/** Never throws: whatever was thrown, the asker must hear that something was. */
export function encodeError(core: CodecCore, error: unknown): unknown[] {
  const [name, message] = describe(error);
  const head = [name, message, flagsOf(error)];
  if (name.startsWith(DOM_PREFIX)) return [...head, undefined, 0, undefined];
  let encoded: EncodedValue | undefined;
  try {
    encoded = encode(core, error, { deep: true, rules: "clone", unlimited: true });
  } catch {
    // It has something inside that cannot be cloned: its text has to do.
  }
  return [...head, encoded?.value, 0, encoded?.fixes];
}

/** `at`: where the fields start. Whatever comes out of a session is `remote`, local ones included. */
export function decodeError(
  core: CodecCore,
  frame: readonly unknown[],
  at: number,
  isRemote = true,
): unknown {
  const [name, message, flags, value, , fixes] = frame.slice(at) as [
    string,
    string,
    number,
    unknown,
    unknown,
    unknown[][] | undefined,
  ];
  const error = restore(core, name, message, value, fixes);
  for (const [property, flag] of flagged) {
    if (flag === ErrorFlag.remote ? isRemote : (flags & flag) !== 0) mark(error, property);
  }
  return error;
}

function restore(
  core: CodecCore,
  name: string,
  message: string,
  value: unknown,
  fixes: unknown[][] | undefined,
): object {
  if (name.startsWith(DOM_PREFIX)) return new DOMException(message, name.slice(DOM_PREFIX.length));
  if (core.host.flags.enhancedErrorSerialization && value !== undefined) {
    const clone = decode(core, { value, fixes }, undefined);
    if (typeof clone === "object" && clone !== null) return clone;
  }
  return makeErrorFromText(name, message);
}

function describe(error: unknown): [name: string, message: string] {
  try {
    if (isOf(error, DOMException)) return [`${DOM_PREFIX}${error.name}`, error.message];
    if (types.isNativeError(error) || isLikeError(error)) {
      // As V8 shows an error: no getter runs.
      return [textOf(dataOf(error, "name"), "Error"), textOf(dataOf(error, "message"), "")];
    }
    return ["", describeValue(error)];
  } catch {
    return ["", "Unknown error"];
  }
}

/** Made without the constructor, as functions that inherit from Error.prototype do it. */
function isLikeError(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  return dataOf(value, "toString") === errorToString;
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

/** `overloaded` and `retryable` choose how production sends the error: the first one counts. */
function flagsOf(error: unknown): number {
  if (typeof error !== "object" || error === null || isOf(error, DOMException)) return 0;
  try {
    const properties = error as Record<string, unknown>;
    const isReset = Object.hasOwn(error, "durableObjectReset") && properties.durableObjectReset;
    const reset = isReset === true ? ErrorFlag.durableObjectReset : 0;
    if (properties.overloaded) return reset | ErrorFlag.overloaded;
    return properties.retryable ? reset | ErrorFlag.retryable : reset;
  } catch {
    // A Proxy or a getter that throws says nothing.
    return 0;
  }
}

/** As production adds it: own, enumerable, over what the error had. */
export function mark(error: object, property: string): void {
  defineValue(error, property, true);
}
