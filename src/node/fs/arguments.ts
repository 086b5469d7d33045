/** Checks of what `node:fs` is called with, in Node's words. */

import { inspect } from "node:util";
import { invalidType, nodeError, received } from "../errors.ts";
import { constants } from "./constants.ts";

export type Encoding = BufferEncoding | "buffer" | undefined;

export interface Options {
  readonly [name: string]: unknown;
}

/** `options`, or an encoding in its place. */
export function optionsOf(given: unknown): Options {
  if (given === undefined || given === null) return {};
  if (typeof given === "string") return { encoding: given };
  if (typeof given === "object") return given as Options;
  throw invalidType("options", "of type object", given);
}

export function encodingOf(options: Options): Encoding {
  const { encoding } = options;
  if (encoding === undefined || encoding === null) return undefined;
  if (encoding === "buffer" || Buffer.isEncoding(String(encoding))) return encoding as Encoding;
  throw invalidValue("options.encoding", "is invalid", encoding);
}

export function invalidValue(name: string, reason: string, value: unknown): Error {
  const kind = name.includes(".") ? "property" : "argument";
  const message = `The ${kind} '${name}' ${reason}. Received ${inspect(value)}`;
  return nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}

export function outOfRange(name: string, range: string, value: unknown): Error {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${String(value)}`;
  return nodeError(RangeError, "ERR_OUT_OF_RANGE", message);
}

/** An integer of at least 0 and below 2^32 unless `max` says otherwise. */
export function integerOf(name: string, value: unknown, max?: number): number {
  if (typeof value !== "number") throw invalidType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  const range = max === undefined ? ">= 0 && < 4294967296" : `>= 0 && <= ${max}`;
  if (value < 0 || value > (max ?? 2 ** 32 - 1)) throw outOfRange(name, range, value);
  return value;
}

export function descriptorOf(value: unknown): number {
  return integerOf("fd", value, 2_147_483_647);
}

/** Checked and without effect: modes are fixed. */
export function checkMode(value: unknown, name = "mode"): void {
  if (value === undefined || value === null) return;
  const isNumber = typeof value === "number" && Number.isInteger(value);
  if (isNumber && value >= 0 && value < 2 ** 32) return;
  if (typeof value === "string" && /^[0-7]+$/.test(value)) return;
  throw invalidValue(name, "must be a 32-bit unsigned integer or an octal string", value);
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  const message = `The "options.${name}" property must be of type boolean. Received ${received(value)}`;
  throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}

export interface OpenFlags {
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly appends: boolean;
  readonly truncates: boolean;
  readonly creates: boolean;
  readonly isExclusive: boolean;
}

/** "r+", "wx", ... or numbers of `fs.constants`. */
export function flagsOf(value: unknown, fallback = "r"): OpenFlags {
  const flags = value ?? fallback;
  if (typeof flags === "number" && Number.isInteger(flags)) return numberFlags(flags);
  const found = typeof flags === "string" ? /^([rwa])([sx]*)(\+?)([sx]*)$/.exec(flags) : null;
  if (found === null) throw invalidValue("flags", "is invalid", value);
  const [, kind, before = "", plus, after = ""] = found;
  return {
    isReadable: kind === "r" || plus === "+",
    isWritable: kind !== "r" || plus === "+",
    appends: kind === "a",
    truncates: kind === "w",
    creates: kind !== "r",
    isExclusive: `${before}${after}`.includes("x"),
  };
}

function numberFlags(flags: number): OpenFlags {
  const access = flags & 3;
  return {
    isReadable: access !== constants.O_WRONLY,
    isWritable: access !== constants.O_RDONLY,
    appends: (flags & constants.O_APPEND) !== 0,
    truncates: (flags & constants.O_TRUNC) !== 0,
    creates: (flags & constants.O_CREAT) !== 0,
    isExclusive: (flags & constants.O_EXCL) !== 0,
  };
}

/** What is to be written, as bytes of their own. */
export function bytesToWrite(data: unknown, encoding: Encoding): Buffer {
  if (typeof data === "string") {
    return Buffer.from(data, encoding === "buffer" ? "utf8" : encoding);
  }
  return Buffer.from(viewOf(data, "data"));
}

/** The bytes under a view, shared. */
export function viewOf(data: unknown, name: string): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  const expected = "of type string or an instance of Buffer, TypedArray, or DataView";
  throw invalidType(name, expected, data);
}

/** The view that is read into. */
export function targetOf(buffer: unknown): Uint8Array {
  if (ArrayBuffer.isView(buffer)) return viewOf(buffer, "buffer");
  throw invalidType("buffer", "an instance of Buffer, TypedArray, or DataView", buffer);
}

export type Callback = (...results: unknown[]) => void;

export function callbackOf(value: unknown): Callback {
  if (typeof value === "function") return value as Callback;
  throw invalidType("callback", "of type function", value);
}
