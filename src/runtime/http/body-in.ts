/**
 * The body of one incoming request, chunk by chunk from the front door (protocol/http.ts). Becomes
 * a stream only when user code reads; what is never read is declined. Owned by its HttpExchange.
 */
import type { LazyStream } from "../../web/http/body-source.ts";
import { openByteStream } from "../../web/streams/byte-streams.ts";
import type { NativeReadable } from "../../web/streams/core/native-readable.ts";
import type { ReadableStream } from "../../web/streams/readable-stream.ts";

/** What goes back to the front door. */
export interface BodyInPort {
  /** The consumer took that many bytes. */
  credit(bytes: number): void;
  /** No more is wanted. */
  decline(): void;
  /** Somebody waits for bytes, until the returned function is called. */
  hold(): () => void;
}

export class IncomingBody implements LazyStream {
  readonly length: number;
  readonly #port: BodyInPort;
  /** What came before anybody wanted a stream. */
  #chunks: Uint8Array[] = [];
  #feed: NativeReadable | null = null;
  #state: "open" | "complete" | "over" = "open";
  #error: unknown = undefined;
  #release: (() => void) | null = null;

  constructor(length: number, port: BodyInPort) {
    this.length = length;
    this.#port = port;
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#feed === null) this.#chunks.push(chunk);
    else {
      this.#feed.push(chunk);
      this.#releaseHold();
    }
  }

  complete(): void {
    if (this.#state !== "open") return;
    this.#state = "complete";
    this.#feed?.end();
    this.#releaseHold();
  }

  /** The client is gone. */
  fail(error: unknown): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#error = error;
    this.#chunks = [];
    this.#feed?.error(error);
    this.#releaseHold();
  }

  /** The request is answered: whoever still reads gets an end with an error. */
  abandon(error: unknown): void {
    if (this.#state === "open") this.#port.decline();
    this.fail(error);
  }

  cancel(): void {
    if (this.#state === "open") this.#port.decline();
    this.#state = "over";
    this.#chunks = [];
    this.#releaseHold();
  }

  open(): ReadableStream {
    const { stream, feed } = openByteStream(
      {
        pull: () => {
          this.#release ??= this.#port.hold();
        },
        taken: (bytes) => {
          if (this.#state === "open") this.#port.credit(bytes);
        },
        cancel: () => this.cancel(),
      },
      this.length,
    );
    this.#feed = feed;
    for (const chunk of this.#chunks) feed.push(chunk);
    this.#chunks = [];
    if (this.#error !== undefined) feed.error(this.#error);
    else if (this.#state !== "open") feed.end();
    return stream;
  }

  #releaseHold(): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}
