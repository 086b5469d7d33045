/**
 * Content-Encoding of bodies: encoded ones are decoded when somebody reads them and otherwise pass
 * through as they came; responses that say gzip or br are encoded on their way out unless they came
 * in that way (`encodeBody: "automatic"`). Every other coding is none of ours, both ways
 * (spec/platform.md 5, 7.3). Uses node:zlib, which streams with backpressure.
 */
import { pipeline, type Readable, type Transform } from "node:stream";
import { nodeZlib } from "../../util/late-modules.ts";
import { httpCompat } from "../compat.ts";
import { isReadableStream } from "../streams/byte-streams.ts";
import { nodeOfStream, streamOfNode } from "../streams/node-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import {
  type BodySource,
  isLazyStream,
  type LazyStream,
  openSource,
  sourceLength,
} from "./body-source.ts";

export type Coding = "gzip" | "br";

/** The coding that we understand, from a Content-Encoding value: one, in lower case. */
export function codingOf(header: string | null): Coding | undefined {
  if (header === "gzip") return header;
  return header === "br" && httpCompat().brotli ? header : undefined;
}

/** Accept-Encoding of a `fetch` that names none: what is decoded for the reader, and no more. */
export function decodedCodings(): string {
  return httpCompat().brotli ? "br, gzip" : "gzip";
}

/** Decoded bytes of a Node stream; errors of the source come through. */
export function decodeNodeStream(source: Readable, coding: Coding): Readable {
  const decoder =
    coding === "gzip"
      ? nodeZlib().createGunzip({ finishFlush: nodeZlib().constants.Z_SYNC_FLUSH })
      : nodeZlib().createBrotliDecompress({ flush: nodeZlib().constants.BROTLI_OPERATION_FLUSH });
  return pipeline(source, decoder, () => {});
}

/** What readers are told of bytes that are not what their coding says; undefined: another error. */
export function decodingError(error: unknown): TypeError | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^Z_(?:DATA|BUF|STREAM)_ERROR$/.test(code))
    return new TypeError("Gzip decompression failed.");
  if (/^ERR_(?:_ERROR|BROTLI)/.test(code)) return new TypeError("Brotli decompression failed.");
  return undefined;
}

/** A body whose bytes are encoded: readers get them decoded, whoever passes it on as they are. */
export function encodedBody(source: NonNullable<BodySource>, coding: Coding): LazyStream {
  const open = (): ReadableStream => {
    const decoded = decodeNodeStream(nodeOfStream(openSource(source)), coding);
    return streamOfNode(decoded, (error) => decodingError(error) ?? error);
  };
  return {
    length: -1,
    open,
    encoded: { coding, length: sourceLength(source), open: () => openSource(source) },
    cancel: () => {
      if (isReadableStream(source)) source.cancel().catch(() => {});
      else if (isLazyStream(source)) void source.cancel?.();
    },
  };
}

/** Encode a body for the wire. Strings and bytes at once; streams chunk by chunk, flushed. */
export function encodeBody(
  body: string | Uint8Array | ReadableStream,
  coding: Coding,
): Uint8Array | ReadableStream {
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (coding === "gzip") return nodeZlib().gzipSync(body);
    return nodeZlib().brotliCompressSync(body, {
      params: { [nodeZlib().constants.BROTLI_PARAM_QUALITY]: 4 },
    });
  }
  const source = nodeOfStream(body);
  return streamOfNode(pipeline(source, createEncoder(coding), () => {}));
}

function createEncoder(coding: Coding): Transform {
  if (coding === "gzip") return nodeZlib().createGzip({ flush: nodeZlib().constants.Z_SYNC_FLUSH });
  return nodeZlib().createBrotliCompress({
    flush: nodeZlib().constants.BROTLI_OPERATION_FLUSH,
    params: { [nodeZlib().constants.BROTLI_PARAM_QUALITY]: 4 },
  });
}
