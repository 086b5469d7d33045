/**
 * What a body is before anybody asks for a stream, how user-given values become one, and how a
 * stream is read to its end. Used by body.ts and by the fetch code; no class state here.
 */
import { concatBytes } from "../../util/bytes.ts";
import { isWellFormed, utf8Of } from "../../util/utf8.ts";
import { httpCompat } from "../compat.ts";
import { blobBytes, isBlob } from "../forms/blob.ts";
import { type FormData, isFormData } from "../forms/form-data.ts";
import { encodeMultipart } from "../forms/multipart.ts";
import type { AnyClass } from "../interfaces/outside.ts";
import {
  coreOf,
  isDisturbed,
  isLocked,
  isReadableStream,
  lengthOf,
  readStream,
  streamOfBytes,
} from "../streams/byte-streams.ts";
import { ownReadable } from "../streams/node-web-streams.ts";
import { ReadableStream } from "../streams/readable-stream.ts";

/** A stream that is only made when somebody looks (request bodies from the wire). */
export interface LazyStream {
  /** Called at most once. */
  open(): ReadableStream;
  /** Nobody will read it. Never called after `open`. */
  cancel?(): void;
  /** Bytes if known from Content-Length, else -1. */
  readonly length: number;
  /** The same body still encoded (Content-Encoding), for passing it on unread instead of `open`. */
  readonly encoded?: {
    readonly coding: string;
    readonly length: number;
    open(): ReadableStream;
  };
}

/** Of node:buffer. */
type NodeWebStream = Parameters<typeof ownReadable>[0];

export type BodySource = null | string | Uint8Array | ReadableStream | LazyStream;

/** Anything that user code may pass as a body; numbers and objects become strings. */
export type BodyInit = unknown;

export interface ExtractedBody {
  readonly source: BodySource;
  /** Content type that this kind of body brings along; "" for none. */
  readonly type: string;
}

const encoder = new TextEncoder();

/** The class of that name which the Worker has. */
let SearchParams: AnyClass = URLSearchParams;

/** Before `url_standard` it is not Node's. Called by scope/older-classes.ts. */
export function useSearchParams(own: typeof SearchParams): void {
  SearchParams = own;
}

export const TEXT_TYPE = "text/plain;charset=UTF-8";
const FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8";

/** A body from user code. Bytes are copied: the caller may go on writing to its buffer. */
export function extractBody(init: BodyInit): ExtractedBody {
  if (init === null || init === undefined) return { source: null, type: "" };
  if (typeof init === "string") return { source: textSource(init), type: TEXT_TYPE };
  if (typeof init !== "object" && typeof init !== "function") {
    return { source: `${init as string}`, type: TEXT_TYPE };
  }
  if (isReadableStream(init)) {
    assertUsableAsBody(init);
    return { source: init, type: "" };
  }
  if (ArrayBuffer.isView(init)) {
    const view = new Uint8Array(init.buffer, init.byteOffset, init.byteLength);
    return { source: new Uint8Array(view), type: "" };
  }
  if (init instanceof ArrayBuffer) {
    return { source: new Uint8Array(new Uint8Array(init)), type: "" };
  }
  if (isBlob(init)) return { source: blobBytes(init).slice(), type: init.type };
  if (isFormData(init)) return extractForm(init);
  if (init instanceof SearchParams) return { source: `${init as object}`, type: FORM_TYPE };
  if (isForeignBlob(init)) return { source: ownReadable(init.stream()), type: init.type as string };
  if (httpCompat().iterableBodies && isIterable(init)) {
    return { source: streamOfIterable(init), type: "" };
  }
  return { source: textSource(`${init as object}`), type: TEXT_TYPE };
}

/** Text stays text, unless its bytes are not those of what it reads as. */
export function textSource(text: string): string | Uint8Array {
  return isWellFormed(text) ? text : utf8Of(text);
}

export function isLazyStream(source: BodySource): source is LazyStream {
  return (
    typeof source === "object" &&
    source !== null &&
    !(source instanceof Uint8Array) &&
    !isReadableStream(source)
  );
}

/** In bytes; -1 if unknown. */
export function sourceLength(source: NonNullable<BodySource>): number {
  if (typeof source === "string") return Buffer.byteLength(source);
  if (source instanceof Uint8Array) return source.byteLength;
  return isReadableStream(source) ? lengthOf(source) : source.length;
}

/** The stream of a body, with its length if that is known. Bytes are handed over. */
export function openSource(source: NonNullable<BodySource>): ReadableStream {
  if (typeof source === "string") return streamOfBytes(encoder.encode(source));
  if (source instanceof Uint8Array) {
    const isWhole = source.byteLength === source.buffer.byteLength;
    return streamOfBytes(isWhole ? source : source.slice());
  }
  if (isReadableStream(source)) return source;
  const stream = source.open();
  if (source.length >= 0) coreOf(stream).length = source.length;
  return stream;
}

/** All bytes of a stream; it ends locked, as production leaves it. */
export async function readAll(stream: ReadableStream): Promise<Uint8Array> {
  const reading = readStream(stream);
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reading.take() || (await reading.wait())) {
    const chunk = chunkBytes(reading.value);
    if (chunk === undefined) {
      const error = new TypeError("This ReadableStream did not return bytes.");
      reading.cancel(error).catch(() => {});
      throw error;
    }
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  const only = chunks[0];
  if (chunks.length === 1 && only !== undefined && only.byteLength === only.buffer.byteLength) {
    return only;
  }
  return concatBytes(chunks, length);
}

/** The bytes of a chunk; undefined if it is not bytes. */
export function chunkBytes(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  return undefined;
}

function extractForm(form: FormData): ExtractedBody {
  const { bytes, contentType } = encodeMultipart(form);
  return { source: bytes, type: contentType };
}

function assertUsableAsBody(stream: ReadableStream): void {
  if (isDisturbed(stream)) {
    throw new TypeError(
      "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.",
    );
  }
  if (isLocked(stream)) {
    throw new TypeError("This ReadableStream is locked to a reader, and cannot be used as a body.");
  }
}

function isIterable(value: object): value is Iterable<unknown> {
  // What says how it reads as text is text.
  if (value instanceof String || Object.hasOwn(value, "toString")) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

function streamOfIterable(iterable: Iterable<unknown>): ReadableStream {
  return ReadableStream.from(iterable);
}

/** node:buffer's Blob, from code that runs with nodejs_compat. */
function isForeignBlob(value: object): value is { stream(): NodeWebStream; readonly type: string } {
  return (
    Object.prototype.toString.call(value) === "[object Blob]" &&
    "stream" in value &&
    typeof value.stream === "function"
  );
}
