/**
 * Content-Encoding of bodies: fetched ones are decoded when somebody reads them and otherwise pass
 * through as they came; responses that say gzip or br are encoded on their way out unless they came
 * in that way (`encodeBody: "automatic"`). Uses node:zlib, which streams with backpressure.
 */
import { pipeline, type Readable, type Transform } from "node:stream";
import zlib from "node:zlib";
import { nodeOfStream, streamOfNode } from "../streams/node-streams.ts";

export type Coding = "gzip" | "br" | "deflate";

/** The single coding that we understand, from a Content-Encoding value. */
export function codingOf(header: string | null): Coding | undefined {
  const name = header?.trim().toLowerCase();
  if (name === "x-gzip") return "gzip";
  return name === "gzip" || name === "br" || name === "deflate" ? name : undefined;
}

/** Decoded bytes of a Node stream; errors of the source come through. */
export function decodeNodeStream(source: Readable, coding: Coding): Readable {
  const decoder =
    coding === "gzip"
      ? zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH })
      : coding === "br"
        ? zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH })
        : zlib.createInflate({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
  return pipeline(source, decoder, () => {});
}

/** Encode a body for the wire. Strings and bytes at once; streams chunk by chunk, flushed. */
export function encodeBody(
  body: string | Uint8Array | ReadableStream<Uint8Array>,
  coding: Coding,
): Uint8Array | ReadableStream<Uint8Array> {
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (coding === "gzip") return zlib.gzipSync(body);
    return coding === "br"
      ? zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } })
      : zlib.deflateSync(body);
  }
  const source = nodeOfStream(body);
  return streamOfNode(pipeline(source, createEncoder(coding), () => {}));
}

function createEncoder(coding: Coding): Transform {
  const flush = zlib.constants.Z_SYNC_FLUSH;
  if (coding === "gzip") return zlib.createGzip({ flush });
  if (coding === "deflate") return zlib.createDeflate({ flush });
  return zlib.createBrotliCompress({
    flush: zlib.constants.BROTLI_OPERATION_FLUSH,
    params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 },
  });
}
