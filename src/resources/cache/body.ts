/** Bodies of cached responses: their files, small ones at once, larger ones in pieces. */
import type { BlobFolder } from "../../storage/blobs.ts";
import { readBody, type Segment } from "../r2/body.ts";
import type { Span } from "../r2/ranges.ts";
import { byteStream, readChunks } from "../streams.ts";

const SMALL_BYTES: number = 256 * 1024;

/** Leaves nothing behind when it fails. `value`: bytes, or a stream of them. */
export async function writeResponse(
  blobs: BlobFolder,
  value: Uint8Array | object,
): Promise<Segment> {
  if (value instanceof Uint8Array && value.byteLength <= SMALL_BYTES) {
    return { blob: blobs.writeSync(value), size: value.byteLength };
  }
  const writer = await blobs.create();
  try {
    if (value instanceof Uint8Array) await writer.write(value);
    else for await (const bytes of readChunks(value)) await writer.write(bytes);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
  return { blob: writer.id, size: writer.size };
}

type Bytes = Uint8Array<ArrayBuffer> | undefined;

/** Small files at once, else bytes or a stream of them; undefined if the file is gone. */
export function readSpan(
  blobs: BlobFolder,
  file: Segment,
  span: Span,
): Bytes | Promise<Bytes | object> {
  if (file.size > SMALL_BYTES) return readLarge(blobs, file, span);
  const bytes = blobs.readSync(file.blob, SMALL_BYTES);
  if (!(bytes instanceof Uint8Array)) return undefined;
  if (span.length === bytes.byteLength) return bytes;
  return bytes.slice(span.offset, span.offset + span.length);
}

async function readLarge(blobs: BlobFolder, file: Segment, span: Span): Promise<Bytes | object> {
  const body = await readBody(blobs, [file], span);
  if (body === undefined || body instanceof Uint8Array) return body;
  return byteStream(body.length, body.next, body.close);
}
