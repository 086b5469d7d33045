/**
 * The forms of `node:fs` that tell later, made from the synchronous ones: the work is done at once,
 * and the callback is called in a microtask, as in production (spec/node.md 5.2). What is wrong with
 * the arguments is thrown.
 */
import { invalidType } from "../errors.ts";
import { type Callback, callbackOf } from "./arguments.ts";
import type { Operations } from "./contents.ts";
import { unsupported } from "./errors.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const INVALID = /^ERR_(?:INVALID_ARG|OUT_OF_RANGE)/;
/** Sizes of what `read` reads into if it is given nothing. */
const READ_BUFFER = 16_384;

export function callbackOperations(sync: Operations): Operations {
  const result: Operations = {};
  for (const [name, fn] of Object.entries(sync)) {
    const base = name.slice(0, -"Sync".length);
    result[base] = named(base, later(fn as AnyFunction));
  }
  result.close = named("close", (fd: unknown, callback: unknown = () => {}) =>
    tell(callbackOf(callback), () => call(sync, "closeSync", [fd])),
  );
  result.exists = named("exists", (path: unknown, callback: unknown) => {
    const found = call(sync, "existsSync", [path]);
    if (callback === undefined) return;
    const done = callbackOf(callback);
    queueMicrotask(() => done(found));
  });
  result.read = named("read", (...args: unknown[]) => readLater(sync, args));
  result.write = named("write", (...args: unknown[]) => {
    const [done, [fd, data, ...rest]] = split(args);
    const bytes = typeof data === "string" ? Buffer.from(data, textEncoding(rest)) : data;
    tell(done, () => call(sync, "writeSync", [fd, data, ...rest]), bytes);
  });
  for (const name of ["readv", "writev"]) {
    result[name] = named(name, (...args: unknown[]) => {
      const [done, given] = split(args);
      tell(done, () => call(sync, `${name}Sync`, given), given[1]);
    });
  }
  const { realpathSync } = sync;
  if (realpathSync !== undefined && result.realpath !== undefined) {
    const native = named("native", later(realpathSync as AnyFunction));
    Object.defineProperty(result.realpath, "native", { value: native, writable: true });
  }
  for (const name of ["unwatchFile", "watch", "watchFile"]) {
    result[name] = named(name, () => {
      throw unsupported();
    });
  }
  return result;
}

function readLater(sync: Operations, args: readonly unknown[]): void {
  const [done, [fd, first, ...rest]] = split(args);
  if (ArrayBuffer.isView(first)) {
    tell(done, () => call(sync, "readSync", [fd, first, ...rest]), first);
    return;
  }
  const options = (first ?? {}) as { readonly buffer?: unknown };
  if (typeof options !== "object") {
    throw invalidType("buffer", "an instance of Buffer, TypedArray, or DataView", first);
  }
  const buffer = options.buffer ?? Buffer.alloc(READ_BUFFER);
  tell(done, () => call(sync, "readSync", [fd, buffer, options]), buffer);
}

function later(fn: AnyFunction): AnyFunction {
  return (...args) => {
    const last = args.at(-1);
    // Where it would be: a missing one is said to be undefined.
    const done = callbackOf(typeof last === "function" ? last : args[fn.length]);
    const given = args.slice(0, -1);
    tell(done, () => fn(...given));
  };
}

/** The callback, which comes last, and what is in front of it. */
function split(args: readonly unknown[]): [Callback, readonly unknown[]] {
  const done = callbackOf(args.length === 0 ? undefined : args.at(-1));
  return [done, args.slice(0, -1)];
}

function tell(done: Callback, run: () => unknown, ...more: unknown[]): void {
  let results: unknown[];
  try {
    const value = run();
    results = value === undefined && more.length === 0 ? [null] : [null, value, ...more];
  } catch (error) {
    if (INVALID.test(String((error as { readonly code?: unknown }).code))) throw error;
    results = [error];
  }
  queueMicrotask(() => done(...results));
}

function call(sync: Operations, name: string, args: readonly unknown[]): unknown {
  return (sync[name] as AnyFunction)(...args);
}

function textEncoding(rest: readonly unknown[]): BufferEncoding {
  const found = rest.find((value) => typeof value === "string" && Buffer.isEncoding(value));
  return (found ?? "utf8") as BufferEncoding;
}

export function named<F extends (...args: never[]) => unknown>(name: string, fn: F): F {
  return Object.defineProperty(fn, "name", { value: name, configurable: true });
}
