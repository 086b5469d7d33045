/** The global `Buffer` and `node:buffer` (spec/node.md 4.3). */
import { nativeMembers } from "./native-copies.ts";

/**
 * Never pooled: `Buffer.from("abc").buffer` holds these three bytes, and not 8 KiB that other code
 * of the thread, the runtime included, has written to. Never uninitialized either.
 */
export function prepareBuffer(): typeof Buffer {
  Buffer.poolSize = 0;
  for (const name of ["allocUnsafe", "allocUnsafeSlow"]) {
    Object.defineProperty(Buffer, name, {
      value: { [name]: (size: number) => Buffer.alloc(size) }[name],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return Buffer;
}

export function bufferModule(globals: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    ...nativeMembers("buffer"),
    ...globals,
    resolveObjectURL: () => {
      throw new Error("resolveObjectURL is not implemented");
    },
  };
}
