/**
 * The codecs of CompressionStream and DecompressionStream, by node:zlib, which works beside the
 * thread. Decoders end at the end of the compressed data and say what comes after it.
 */
import type { Transform } from "node:stream";
import { nodeZlib } from "../../util/late-modules.ts";
import type { Codec, CodecListener } from "./core/codec-pipe.ts";
import { streamCompat } from "./core/compat.ts";
import { GzipFrame } from "./gzip-frame.ts";

export type Format = "gzip" | "deflate" | "deflate-raw";

const FAILED = "Decompression failed.";
const INCOMPLETE = "Called close() on a decompression stream with incomplete data";
const TRAILING = "Trailing bytes after end of compressed data";

export function createEncoder(format: Format, listener: CodecListener): Codec {
  const engine =
    format === "gzip"
      ? nodeZlib().createGzip()
      : format === "deflate"
        ? nodeZlib().createDeflate()
        : nodeZlib().createDeflateRaw();
  engine.on("data", (bytes: Uint8Array) => listener.output(new Uint8Array(bytes)));
  engine.on("end", () => listener.ended());
  engine.on("error", (error) => listener.failed(error));
  return {
    write: (bytes) => void engine.write(bytes, () => listener.ready()),
    end: () => void engine.end(),
    destroy: () => void engine.destroy(),
  };
}

export function createDecoder(format: Format, listener: CodecListener): Codec {
  return new Decoder(format, listener);
}

type Engine = Transform & { readonly bytesWritten: number };

class Decoder implements Codec {
  readonly #listener: CodecListener;
  readonly #isStrict = streamCompat().strictCompression;
  readonly #engine: Engine;
  /** gzip's own head and tail around the deflated data. */
  readonly #frame: GzipFrame | undefined;
  /** What the engine was given, and how much of the input came before it. */
  #given: Uint8Array | undefined;
  #givenAt = 0;
  /** The compressed data has come to its end. */
  #isComplete = false;
  #isEnding = false;
  #isOver = false;

  constructor(format: Format, listener: CodecListener) {
    this.#listener = listener;
    this.#frame = format === "gzip" ? new GzipFrame() : undefined;
    const options = this.#isStrict ? {} : { finishFlush: nodeZlib().constants.Z_SYNC_FLUSH };
    this.#engine =
      format === "deflate"
        ? nodeZlib().createInflate(options)
        : nodeZlib().createInflateRaw(options);
    this.#engine.on("data", (bytes: Uint8Array) => {
      const own = new Uint8Array(bytes);
      this.#frame?.addOutput(own);
      if (!this.#isOver) listener.output(own);
    });
    this.#engine.on("end", () => this.#engineEnded());
    this.#engine.on("error", ({ code }: { code?: string }) => {
      this.#fail(code === "Z_BUF_ERROR" ? INCOMPLETE : FAILED);
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#isComplete) {
      this.#afterEnd(bytes);
      return;
    }
    const body = this.#frame === undefined ? bytes : this.#frame.skipHead(bytes);
    if (body === undefined) this.#fail(FAILED);
    else if (body.byteLength === 0) this.#listener.ready();
    else {
      this.#given = body;
      this.#givenAt = this.#engine.bytesWritten;
      this.#engine.write(body, () => this.#processed());
    }
  }

  end(): void {
    this.#isEnding = true;
    if (this.#isComplete) this.#finish();
    else this.#engine.end();
  }

  destroy(): void {
    this.#isOver = true;
    this.#engine.destroy();
  }

  #processed(): void {
    if (this.#isOver || this.#given === undefined) return;
    this.#given = undefined;
    this.#listener.ready();
  }

  /** It has found the end of its data, or was told that there is no more. */
  #engineEnded(): void {
    if (this.#isOver) return;
    const given = this.#given;
    this.#given = undefined;
    if (given === undefined) {
      this.#isComplete = true;
      this.#finish();
      return;
    }
    this.#isComplete = true;
    this.#afterEnd(given.subarray(this.#engine.bytesWritten - this.#givenAt));
  }

  /** Bytes after the compressed data. */
  #afterEnd(bytes: Uint8Array): void {
    const rest = this.#frame === undefined ? bytes : this.#frame.takeTail(bytes);
    if (rest === undefined) this.#fail(FAILED);
    else if (rest.byteLength > 0 && this.#isStrict) this.#fail(TRAILING);
    else this.#listener.ready();
  }

  #finish(): void {
    if (!this.#isEnding || this.#isOver) return;
    if (this.#isStrict && this.#frame?.isComplete === false) {
      this.#fail(INCOMPLETE);
      return;
    }
    this.#isOver = true;
    this.#listener.ended();
  }

  #fail(text: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.failed(new TypeError(text));
  }
}
