/** `tee` of a stream of any kind. */
import { ByteReadable } from "./byte-readable.ts";
import { teeBytes } from "./byte-tee.ts";
import { NativeReadable } from "./native-readable.ts";
import { teeNative } from "./native-tee.ts";
import type { ReadableCore } from "./readable.ts";
import { teeDefault } from "./tee.ts";

/** Locks `source`, which must not be locked. */
export function teeAny(source: ReadableCore): [ReadableCore, ReadableCore] {
  if (source instanceof NativeReadable) return teeNative(source);
  return source instanceof ByteReadable ? teeBytes(source) : teeDefault(source);
}
