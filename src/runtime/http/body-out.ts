/**
 * Sends a response body stream to the front door with credit (protocol/http.ts). One per streamed
 * response; owned by its HttpExchange.
 */
import { STREAM_CHUNK, STREAM_WINDOW } from "../../protocol/http.ts";
import { receiverLeft } from "../../rpc/streams/body-ends.ts";
import { type ByteReader, cancel, getReader, read } from "../../rpc/streams/natives.ts";
import { chunkBytes } from "../../web/http/body-source.ts";

export interface BodyOutPort {
  /** Ownership of `bytes` passes over. */
  chunk(bytes: Uint8Array): void;
  end(): void;
  error(error: unknown): void;
}

export class OutgoingBody {
  readonly #stream: ReadableStream<unknown>;
  readonly #reader: ByteReader;
  readonly #port: BodyOutPort;
  #unacknowledged = 0;
  #isStopped = false;
  #isStarved = false;
  #wake: (() => void) | null = null;

  /** Throws TypeError if the stream is locked. */
  constructor(stream: ReadableStream<unknown>, port: BodyOutPort) {
    this.#stream = stream;
    this.#reader = getReader(stream);
    this.#port = port;
  }

  /** Settles when the body has ended in one way or another; never rejects. */
  async pump(): Promise<void> {
    try {
      for (;;) {
        this.#isStarved = true;
        const { done, value } = await read(this.#reader);
        this.#isStarved = false;
        if (this.#isStopped) return;
        if (done) break;
        const bytes = chunkBytes(value);
        if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
        await this.#send(bytes);
        if (this.#isStopped) return;
      }
      this.#port.end();
    } catch (error) {
      this.fail(error);
    }
  }

  /** It waits for its own stream, not for the client. */
  get isStarved(): boolean {
    return this.#isStarved && !this.#isStopped;
  }

  /** The stream is bad, or will never bring anything. */
  fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#stop(error);
    this.#port.error(error);
  }

  /** The front door passed `bytes` on. */
  credit(bytes: number): void {
    this.#unacknowledged -= bytes;
    this.#resume();
  }

  /** The client is gone. */
  abandon(): void {
    this.#stop(receiverLeft(this.#stream));
  }

  #stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    cancel(this.#reader, reason).catch(() => {});
    this.#resume();
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += STREAM_CHUNK) {
      // A copy: the message leaves at the end of the turn, and the buffer is the user's.
      const chunk = bytes.slice(at, at + STREAM_CHUNK);
      while (this.#unacknowledged + chunk.byteLength > STREAM_WINDOW) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (this.#isStopped) return;
      }
      this.#unacknowledged += chunk.byteLength;
      this.#port.chunk(chunk);
    }
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
