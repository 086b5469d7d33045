/**
 * Byte streams as the rest of web/ and the runtime make and look at them: past whatever user code
 * has patched.
 */
import type { Context } from "../../rpc/contract.ts";
import { readableBrand, writableBrand } from "./brands.ts";
import { NativeReadable, type NativeSource } from "./core/native-readable.ts";
import type { ReadableCore } from "./core/readable.ts";
import { Reading, Writing } from "./core/reading.ts";
import { teeAny } from "./core/tee-any.ts";
import { ReadableStream } from "./readable-stream.ts";
import type { WritableStream } from "./writable-stream.ts";

/** The core of a stream, which it must be. */
export function coreOf(stream: ReadableStream): ReadableCore {
  const core = readableBrand.of(stream);
  if (core === undefined) throw new TypeError("Not a ReadableStream");
  return core;
}

export function isReadableStream(value: unknown): value is ReadableStream {
  return readableBrand.of(value) !== undefined;
}

/** Somebody has read from it, or cancelled it. */
export function isDisturbed(stream: ReadableStream): boolean {
  return coreOf(stream).disturbed;
}

export function isLocked(stream: ReadableStream): boolean {
  return coreOf(stream).isLocked;
}

/** Whose it is; undefined: nobody's. */
export function ownerOf(stream: ReadableStream): Context | undefined {
  return coreOf(stream).owner;
}

/** Bytes that it promises from its beginning, -1 if unknown. */
export function lengthOf(stream: ReadableStream): number {
  return coreOf(stream).length;
}

/** Locks it and reads on. */
export function readStream(stream: ReadableStream): Reading {
  return new Reading(coreOf(stream));
}

/** Locks it for what the runtime writes. */
export function writeStream(stream: WritableStream): Writing {
  const core = writableBrand.of(stream);
  if (core === undefined) throw new TypeError("Not a WritableStream");
  return new Writing(core);
}

/** Two streams of the same bytes; locks the one. */
export function teeStream(stream: ReadableStream): [ReadableStream, ReadableStream] {
  const [one, other] = teeAny(coreOf(stream));
  return [new ReadableStream(one), new ReadableStream(other)];
}

/** A stream that `source` fills, and its inner side. `length`: bytes it promises, -1 if unknown. */
export function openByteStream(
  source: NativeSource,
  length: number,
): { readonly stream: ReadableStream; readonly feed: NativeReadable } {
  const feed = new NativeReadable(source);
  feed.length = length;
  return { stream: new ReadableStream(feed), feed };
}

/** A stream of bytes that are there; it takes them over. */
export function streamOfBytes(bytes: Uint8Array): ReadableStream {
  const { stream, feed } = openByteStream({}, bytes.byteLength);
  feed.push(bytes);
  feed.end();
  return stream;
}
