/** Values of `put` and `uploadPart` on their way out (spec/resources.md 5.4). */
import { assertOwnIo } from "../../../isolate/invocation.ts";
import { bytesOf } from "../../../rpc/streams/chunk-bytes.ts";
import { isWellFormed, utf8Of } from "../../../util/utf8.ts";
import { blobBytes, isBlob } from "../../../web/forms/blob.ts";
import { Response } from "../../../web/http/response.ts";
import { streamPlatform } from "../../../web/streams/platform.ts";

export const VALUE_TYPES = "JsReadableStream or ArrayBuffer or ArrayBufferView or string or Blob";

/** Larger ones travel as streams: a message may have 32 MiB. */
const WHOLE_BYTES: number = 16 * 1024 * 1024;

const UNKNOWN_LENGTH =
  "Provided readable stream must have a known length (request/response body or readable half of FixedLengthStream)";

/** @throws what `wrong` makes for a value of another type */
export function sentValue(value: unknown, wrong: () => TypeError): string | Uint8Array | object {
  if (typeof value === "string") {
    if (value.length * 3 <= WHOLE_BYTES && isWellFormed(value)) return value;
    return whole(utf8Of(value));
  }
  if (typeof value !== "object" || value === null) throw wrong();
  if (isBlob(value)) return whole(blobBytes(value));
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return whole(bytesOf(value) as Uint8Array);
  }
  if (!streamPlatform.isReadable(value)) throw wrong();
  assertOwnIo(streamPlatform.ownerOf(value), "ReadableStreamSource>");
  if (streamPlatform.lengthOf(value) < 0) throw new TypeError(UNKNOWN_LENGTH);
  return value;
}

/** In bytes; undefined: a stream that nobody knows the length of. */
export function sentSize(value: string | Uint8Array | object): bigint | undefined {
  if (typeof value === "string") return BigInt(Buffer.byteLength(value));
  if (value instanceof Uint8Array) return BigInt(value.byteLength);
  const length = streamPlatform.lengthOf(value);
  return length < 0 ? undefined : BigInt(length);
}

/** Exactly these bytes: neither the buffer around them nor one that the caller may change. */
function whole(bytes: Uint8Array): Uint8Array | object {
  if (bytes.byteLength > WHOLE_BYTES) return new Response(bytes).body as object;
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
