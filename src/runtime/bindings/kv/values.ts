/** Values of KV on their way in (`put`) and out (`get`) (spec/resources.md 4.2, 4.4). */
import { assertOwnIo } from "../../../isolate/invocation.ts";
import { bytesOf } from "../../../rpc/streams/chunk-bytes.ts";
import { concatBytes } from "../../../util/bytes.ts";
import { isWellFormed, utf8Of } from "../../../util/utf8.ts";
import { Response } from "../../../web/http/response.ts";
import { isReadableStream, ownerOf, readStream } from "../../../web/streams/byte-streams.ts";
import type { ReadableStream } from "../../../web/streams/readable-stream.ts";

const MAX_VALUE_BYTES = 26_214_400;

const WRONG_VALUE =
  "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.";
const UNKNOWN_TYPE =
  'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".';

/** What `put` takes: text, bytes of its own, or a stream that is still to be read. */
export function putValue(value: unknown): string | Uint8Array | ReadableStream {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    const text = `${value as string}`;
    return isWellFormed(text) ? text : utf8Of(text);
  }
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const bytes = bytesOf(value) as Uint8Array;
    // Exactly these bytes travel, not the buffer around them.
    return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  }
  if (!isReadableStream(value)) throw new TypeError(WRONG_VALUE);
  assertOwnIo(ownerOf(value), "ReadableStreamSource>");
  return value;
}

/** Reads a stream to its end; throws what it fails with. What is too long is only counted. */
export async function readValue(stream: ReadableStream): Promise<Uint8Array> {
  const reading = readStream(stream);
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reading.take() || (await reading.wait())) {
    const bytes = bytesOf(reading.value);
    if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
    length += bytes.byteLength;
    if (length <= MAX_VALUE_BYTES) chunks.push(bytes);
    else chunks.length = 0;
  }
  assertValueLength(length);
  return concatBytes(chunks, length);
}

export function assertValueLength(bytes: number): void {
  if (bytes > MAX_VALUE_BYTES) {
    throw new Error(
      `KV PUT failed: 413 Value length of ${bytes} exceeds limit of ${MAX_VALUE_BYTES}.`,
    );
  }
}

// A byte order mark stays, at every compatibility date.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A value as `type` wants it. */
export function valueAs(type: string, bytes: Uint8Array<ArrayBuffer>): unknown {
  switch (type) {
    case "text":
      return textOf(bytes);
    case "json":
      return JSON.parse(textOf(bytes));
    case "arrayBuffer":
      return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    case "stream":
      return new Response(bytes).body;
    default:
      throw new TypeError(UNKNOWN_TYPE);
  }
}
