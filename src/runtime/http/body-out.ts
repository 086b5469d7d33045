/**
 * Sends a response body stream to the front door with credit (protocol/http.ts). One per streamed
 * response; owned by its HttpExchange.
 */
import { STREAM_CHUNK, STREAM_WINDOW } from "../../protocol/http.ts";
import type { Context } from "../../rpc/contract.ts";
import { receiverLeft } from "../../rpc/streams/body-ends.ts";
import { bytesOf } from "../../rpc/streams/chunk-bytes.ts";
import { ownerOf, readStream } from "../../web/streams/byte-streams.ts";
import type { Reading } from "../../web/streams/core/reading.ts";
import type { ReadableStream } from "../../web/streams/readable-stream.ts";

export interface BodyOutPort {
  /** Ownership of `bytes` passes over. */
  chunk(bytes: Uint8Array): void;
  end(): void;
  error(error: unknown): void;
}

export class OutgoingBody {
  readonly #owner: Context | undefined;
  readonly #reading: Reading;
  readonly #port: BodyOutPort;
  #unacknowledged = 0;
  #isStopped = false;
  #isStarved = false;
  #wake: (() => void) | null = null;

  /** Locks the stream, which must not be locked. */
  constructor(stream: ReadableStream, port: BodyOutPort) {
    this.#owner = ownerOf(stream);
    this.#reading = readStream(stream);
    this.#port = port;
  }

  /** Settles when the body has ended in one way or another; never rejects. */
  async pump(): Promise<void> {
    const reading = this.#reading;
    try {
      while (!this.#isStopped) {
        if (!reading.take()) {
          this.#isStarved = true;
          const isThere = await reading.wait();
          this.#isStarved = false;
          if (this.#isStopped) return;
          if (!isThere) break;
        }
        const bytes = bytesOf(reading.value);
        if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
        const sending = this.#send(bytes);
        if (sending !== undefined) await sending;
      }
      if (!this.#isStopped) this.#port.end();
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
    this.#stop(receiverLeft(this.#owner));
  }

  #stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#reading.cancel(reason).catch(() => {});
    this.#resume();
  }

  /** Undefined: all of it has gone. */
  #send(bytes: Uint8Array): Promise<void> | undefined {
    const { byteLength } = bytes;
    if (byteLength > STREAM_CHUNK || this.#unacknowledged + byteLength > STREAM_WINDOW) {
      return this.#sendSlowly(bytes);
    }
    if (byteLength > 0) this.#post(bytes.slice());
    return undefined;
  }

  async #sendSlowly(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += STREAM_CHUNK) {
      // A copy: the message leaves at the end of the turn, and the buffer is the user's.
      const chunk = bytes.slice(at, at + STREAM_CHUNK);
      while (this.#unacknowledged + chunk.byteLength > STREAM_WINDOW) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (this.#isStopped) return;
      }
      this.#post(chunk);
    }
  }

  #post(chunk: Uint8Array): void {
    this.#unacknowledged += chunk.byteLength;
    this.#port.chunk(chunk);
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
