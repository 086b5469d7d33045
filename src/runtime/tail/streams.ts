/**
 * The events of one invocation on their way to the `tailStream` handlers of its consumers: each a length
 * and the value as it would be stored, in a byte stream that ends with the invocation. Made by
 * tailed-worker.ts, read by consume.ts, perhaps in another process.
 */
import type { TailStreamEvent } from "../../protocol/tail.ts";
import { openByteStream } from "../../web/streams/byte-streams.ts";
import type { NativeReadable } from "../../web/streams/core/native-readable.ts";
import type { ReadableStream } from "../../web/streams/readable-stream.ts";

const LENGTH_BYTES = 4;

/** A structured clone as bytes. */
export type EventEncoder = (value: unknown) => Uint8Array;

export class StreamSender {
  readonly #encode: EventEncoder;
  readonly #feeds: NativeReadable[] = [];

  constructor(encode: EventEncoder) {
    this.#encode = encode;
  }

  /** Of a consumer that hears of it from the beginning. */
  add(): ReadableStream {
    const { stream, feed } = openByteStream({}, -1);
    this.#feeds.push(feed);
    return stream;
  }

  send(event: TailStreamEvent): void {
    const bytes = this.#encode(event);
    for (const feed of this.#feeds) {
      // Each takes its bytes over.
      const framed = new Uint8Array(LENGTH_BYTES + bytes.byteLength);
      new DataView(framed.buffer).setUint32(0, bytes.byteLength);
      framed.set(bytes, LENGTH_BYTES);
      feed.push(framed);
    }
  }

  end(): void {
    for (const feed of this.#feeds) feed.end();
  }
}

/** Takes chunks as they come, and gives the events that are whole. */
export class StreamReader {
  readonly #decode: (bytes: Uint8Array) => unknown;
  #left: Uint8Array = new Uint8Array(0);

  constructor(decode: (bytes: Uint8Array) => unknown) {
    this.#decode = decode;
  }

  *read(chunk: Uint8Array): Generator<TailStreamEvent> {
    let bytes = chunk;
    if (this.#left.byteLength > 0) {
      bytes = new Uint8Array(this.#left.byteLength + chunk.byteLength);
      bytes.set(this.#left);
      bytes.set(chunk, this.#left.byteLength);
    }
    let at = 0;
    while (bytes.byteLength - at >= LENGTH_BYTES) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.byteLength) break;
      yield this.#decode(bytes.slice(at + LENGTH_BYTES, end)) as TailStreamEvent;
      at = end;
    }
    this.#left = bytes.slice(at);
  }
}
