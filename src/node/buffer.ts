/** The global `Buffer` and `node:buffer` (spec/node.md 4.3). */
import { nodeError } from "./errors.ts";
import { nativeMembers } from "./native-copies.ts";

const MAX_LENGTH = 2_147_483_647;
const MAX_STRING_LENGTH = 536_870_888;
const TAKEN =
  "string or an instance of Buffer, TypedArray, ArrayBuffer, SharedArrayBuffer, or Array or an Array-like Object";

type AnyFunction = (...args: never[]) => unknown;

/**
 * Never pooled: `Buffer.from("abc").buffer` holds these three bytes, and not 8 KiB that other code
 * of the thread, the runtime included, has written to. Never uninitialized either.
 */
export function prepareBuffer(): typeof Buffer {
  Buffer.poolSize = 0;
  const { alloc, from } = Buffer as unknown as Record<"alloc" | "from", AnyFunction>;
  define("alloc", (size: number, ...rest: never[]) => {
    if (typeof size === "number" && size > MAX_LENGTH) throw sizeError(size);
    return Reflect.apply(alloc, Buffer, [size, ...rest]);
  });
  define("from", (value: unknown, ...rest: never[]) => {
    try {
      return Reflect.apply(from, Buffer, [value, ...rest]);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      if (code !== "ERR_INVALID_ARG_TYPE") throw error;
      const text = message.replace(/of type string or an .*Array-like Object/, `of type ${TAKEN}`);
      throw nodeError(TypeError, code, text);
    }
  });
  Reflect.deleteProperty(Buffer, "copyBytesFrom");
  for (const name of ["allocUnsafe", "allocUnsafeSlow"]) {
    define(name, (size: number) => Buffer.alloc(size));
  }
  return Buffer;
}

function define(name: string, value: (...args: never[]) => unknown): void {
  Object.defineProperty(value, "name", { value: name, configurable: true });
  Object.defineProperty(Buffer, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function sizeError(size: number): Error {
  const shown = String(size).replace(/\B(?=(?:\d{3})+$)/g, "_");
  const message = `The value of "size" is out of range. It must be 0 to ${MAX_LENGTH}. Received ${shown}`;
  return nodeError(RangeError, "ERR_OUT_OF_RANGE", message);
}

export function bufferModule(globals: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { atob, btoa } = globals as Record<string, (data: unknown) => unknown>;
  const native = nativeMembers("buffer");
  const transcode = native.transcode as (source: Uint8Array, from: string, to: string) => Buffer;
  return {
    ...native,
    ...globals,
    atob: (data: unknown) => Reflect.apply(atob as AnyFunction, globalThis, [data]),
    btoa: (data: unknown) => Reflect.apply(btoa as AnyFunction, globalThis, [data]),
    constants: { MAX_LENGTH, MAX_STRING_LENGTH },
    kMaxLength: MAX_LENGTH,
    kStringMaxLength: MAX_STRING_LENGTH,
    transcode: (source: Uint8Array, from: string, to: string) => {
      for (const name of [from, to]) {
        if (Buffer.isEncoding(name)) continue;
        throw nodeError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${name}`);
      }
      return transcode(source, from, to);
    },
    resolveObjectURL: () => {
      throw new Error("resolveObjectURL is not implemented");
    },
  };
}
