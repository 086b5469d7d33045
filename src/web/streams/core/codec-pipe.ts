/**
 * A pipe of bytes through a codec (CompressionStream, DecompressionStream). Writes do not wait for
 * the reader: what comes out waits in the readable side.
 */
import { NativeReadable, type NativeSource } from "./native-readable.ts";
import { type NativeSink, NativeWritable } from "./native-writable.ts";

export interface Codec {
  /** Ends with one of the listener's calls. */
  write(bytes: Uint8Array): void;
  /** No more input; the listener hears of the end, or why there cannot be one. */
  end(): void;
  /** Nobody wants it any more. */
  destroy(): void;
}

export interface CodecListener {
  /** Output, which is the listener's own. */
  output(bytes: Uint8Array): void;
  /** The last input has been processed. */
  ready(): void;
  ended(): void;
  failed(error: Error): void;
}

export class CodecPipe implements NativeSource, NativeSink, CodecListener {
  readonly readable: NativeReadable;
  readonly writable: NativeWritable;
  readonly #codec: Codec;

  constructor(make: (listener: CodecListener) => Codec) {
    this.readable = new NativeReadable(this);
    this.writable = new NativeWritable(this);
    this.#codec = make(this);
  }

  output(bytes: Uint8Array): void {
    this.readable.push(bytes);
  }

  ready(): void {
    this.writable.written();
  }

  ended(): void {
    this.readable.end();
    this.writable.written();
  }

  failed(error: Error): void {
    this.#codec.destroy();
    this.writable.error(error);
    this.readable.errorAfterwards(error);
  }

  write(bytes: Uint8Array, isOwn: boolean): boolean {
    this.#codec.write(isOwn ? bytes : bytes.slice());
    return false;
  }

  close(): boolean {
    this.#codec.end();
    return false;
  }

  abort(reason: unknown): void {
    this.#codec.destroy();
    this.readable.error(reason);
  }

  cancel(reason: unknown): void {
    this.#codec.destroy();
    this.writable.error(reason);
  }
}
