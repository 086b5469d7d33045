/**
 * Stream operations as they were before user code could patch them: transfers must not be seen by
 * patched `getReader`, `write` and so on (spec/rpc.md 7). Captured when the engine is loaded.
 */
import { Readable } from "node:stream";

const { isDisturbed: nodeIsDisturbed } = Readable;
const readablePrototype = ReadableStream.prototype;
const writablePrototype = WritableStream.prototype;
const { getReader: readableGetReader } = readablePrototype;
const { getWriter: writableGetWriter } = writablePrototype;
const { read: readerRead, cancel: readerCancel } = ReadableStreamDefaultReader.prototype;
const {
  write: writerWrite,
  close: writerClose,
  abort: writerAbort,
} = WritableStreamDefaultWriter.prototype;
const readableLockedGetter = Object.getOwnPropertyDescriptor(readablePrototype, "locked")?.get;
const writableLockedGetter = Object.getOwnPropertyDescriptor(writablePrototype, "locked")?.get;

export type ByteReader = ReadableStreamDefaultReader<unknown>;
export type ByteWriter = WritableStreamDefaultWriter<unknown>;

function isBranded(getter: ((this: unknown) => unknown) | undefined, value: object): boolean {
  try {
    getter?.call(value);
    return getter !== undefined;
  } catch {
    return false;
  }
}

export function isReadable(value: object): value is ReadableStream {
  return value instanceof ReadableStream && isBranded(readableLockedGetter, value);
}

export function isWritable(value: object): value is WritableStream {
  return value instanceof WritableStream && isBranded(writableLockedGetter, value);
}

export function isReadableLocked(stream: ReadableStream): boolean {
  return readableLockedGetter?.call(stream) as boolean;
}

export function isWritableLocked(stream: WritableStream): boolean {
  return writableLockedGetter?.call(stream) as boolean;
}

/** Somebody has read from it, or cancelled it. */
export function isDisturbed(stream: ReadableStream): boolean {
  // Node's check takes web streams; its type does not say so.
  return nodeIsDisturbed(stream as unknown as Readable);
}

export function getReader(stream: ReadableStream): ByteReader {
  return Reflect.apply(readableGetReader, stream, []) as ByteReader;
}

export function getWriter(stream: WritableStream): ByteWriter {
  return Reflect.apply(writableGetWriter, stream, []) as ByteWriter;
}

export function read(reader: ByteReader): Promise<{ done: boolean; value?: unknown }> {
  return Reflect.apply(readerRead, reader, []) as Promise<{ done: boolean; value?: unknown }>;
}

export function cancel(reader: ByteReader, reason: unknown): Promise<void> {
  return Reflect.apply(readerCancel, reader, [reason]) as Promise<void>;
}

export function write(writer: ByteWriter, chunk: unknown): Promise<void> {
  return Reflect.apply(writerWrite, writer, [chunk]) as Promise<void>;
}

export function close(writer: ByteWriter): Promise<void> {
  return Reflect.apply(writerClose, writer, []) as Promise<void>;
}

export function abort(writer: ByteWriter, reason: unknown): Promise<void> {
  return Reflect.apply(writerAbort, writer, [reason]) as Promise<void>;
}

const encoder = new TextEncoder();

/**
 * The bytes of a chunk, sharing its memory; undefined if it is not bytes (or a string). Never a
 * subclass: `slice` of a Buffer does not copy.
 */
export function bytesOf(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array && Object.getPrototypeOf(chunk) === Uint8Array.prototype) {
    return chunk;
  }
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : undefined;
}
