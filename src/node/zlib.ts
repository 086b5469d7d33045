/**
 * `node:zlib`: Node's computations. The one-shot functions with a callback compute at once and call
 * back in a microtask, and errors are told as production tells them (spec/node.md 6.5). Zstandard is
 * there where Node has it (22.15).
 */
import { hostModule } from "../isolate/own-world.ts";
import { invalidType } from "./errors.ts";
import { nativeMembers } from "./native-copies.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const ONE_SHOT =
  "brotliCompress brotliDecompress deflate deflateRaw gunzip gzip inflate inflateRaw unzip zstdCompress zstdDecompress".split(
    " ",
  );
const WRONG_INPUT =
  "Failed to execute 'zlibSync' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.";

export function zlibModule(): Record<string, unknown> {
  const zlib = nativeMembers("zlib");
  const { constants } = hostModule("zlib") as typeof import("node:zlib");
  for (const name of ONE_SHOT) {
    const native = zlib[`${name}Sync`];
    if (typeof native !== "function") {
      Object.assign(zlib, missing(name));
      continue;
    }
    const sync = (input: unknown, options?: unknown): unknown => {
      if (typeof input !== "string" && !isBytes(input)) throw new TypeError(WRONG_INPUT);
      try {
        return (native as AnyFunction)(input, options);
      } catch (error) {
        throw told(error);
      }
    };
    zlib[`${name}Sync`] = named(`${name}Sync`, sync);
    zlib[name] = named(name, (input: unknown, ...rest: unknown[]) => {
      const done = rest.at(-1);
      if (typeof done !== "function") throw invalidType("callback", "of type function", done);
      let results: unknown[];
      try {
        results = [null, sync(input, rest.length > 1 ? rest[0] : undefined)];
      } catch (error) {
        results = [error];
      }
      queueMicrotask(() => done(...results));
    });
  }
  return { ...constants, ...zlib };
}

/** Without the codes of Node's errors, as production's one-shot functions. */
function told(error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (code === "ERR_BUFFER_TOO_LARGE") return new RangeError("Memory limit exceeded");
  if (/^Z_/.test(String(code))) return new Error(message);
  // Brotli's words, for both directions.
  if (message === "Decompression failed") return new Error("Compression failed");
  return error;
}

/** Of Node before 22.15. */
function missing(name: string): Record<string, unknown> {
  const refuse = (key: string) => (): never => {
    throw new Error(
      `node:zlib ${key} needs Node.js 22.15 or newer: drover runs on ${process.version}.`,
    );
  };
  const create = `create${name[0]?.toUpperCase()}${name.slice(1)}`;
  const keys = [name, `${name}Sync`, create];
  return Object.fromEntries(keys.map((key) => [key, named(key, refuse(key))]));
}

function named<F extends AnyFunction>(name: string, fn: F): F {
  return Object.defineProperty((...args: unknown[]) => fn(...args), "name", {
    value: name,
    configurable: true,
  }) as F;
}

function isBytes(value: unknown): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer)
  );
}
