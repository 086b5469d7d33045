/**
 * A connection between two Workers as a socket has it: two byte streams, that of a service binding's
 * `connect` over RPC (runtime/bindings/connect.ts), or those of a Socket that node:net takes over.
 * The side that accepts says so with one byte, before anything else (`greet`).
 */
import type { NetworkFailure } from "../../protocol/outbound.ts";
import { readStream, writeStream } from "../streams/byte-streams.ts";
import type { Reading, Writing } from "../streams/core/reading.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import type { WritableStream } from "../streams/writable-stream.ts";
import type { TcpCall, TcpEvents } from "./transport.ts";

export interface StreamEnds {
  readonly incoming: ReadableStream;
  readonly outgoing: WritableStream;
}

const GREETING = 1;
/** Bytes that may wait for the reader before the source does. */
const WINDOW = 64 * 1024;
const LOST: NetworkFailure = { message: "Network connection lost.", code: "" };

export class StreamCall implements TcpCall {
  readonly #reading: Reading;
  readonly #writing: Writing;
  #events: TcpEvents;
  /** The last write; failures are told, never thrown. */
  #written: Promise<void> = Promise.resolve();
  #unread = 0;
  #wake: (() => void) | undefined;
  #isOpen: boolean;
  #isOver = false;

  /** Locks both. `isGreeted`: it is open when the other side has said so, else at once. */
  constructor({ incoming, outgoing }: StreamEnds, events: TcpEvents, isGreeted: boolean) {
    this.#reading = readStream(incoming);
    this.#writing = writeStream(outgoing);
    this.#events = events;
    this.#isOpen = !isGreeted;
    void this.#read();
  }

  /** Tells the other side that somebody is there. */
  greet(): void {
    this.#send(new Uint8Array([GREETING]));
  }

  write(bytes: Uint8Array): boolean {
    this.#send(bytes);
    void this.#written.then(() => {
      if (!this.#isOver) this.#events.onDrain();
    });
    return false;
  }

  taken(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread >= WINDOW) return;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  end(): void {
    this.#written = this.#written.then(() => this.#writing.close()).catch(() => {});
  }

  close(): void {
    this.end();
    void this.#written.then(() => this.#finish(null));
  }

  startTls(): void {
    this.fail({ message: "startTls() is not supported on this connection.", code: "" });
  }

  listen(events: TcpEvents): void {
    this.#events = events;
  }

  abort(): void {
    this.#isOver = true;
    this.#writing.abort(undefined).catch(() => {});
    this.#reading.cancel(undefined).catch(() => {});
  }

  /** The other side will never answer, or has broken off. */
  fail(failure: NetworkFailure): void {
    this.#finish(failure);
  }

  #send(bytes: Uint8Array): void {
    this.#written = this.#written
      .then(() => this.#writing.write(bytes))
      .catch(() => this.#finish(LOST));
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    // Whoever made this has it before anything happens.
    await Promise.resolve();
    if (this.#isOpen) this.#events.onOpen();
    const reading = this.#reading;
    try {
      while (reading.take() || (await reading.wait())) {
        if (this.#isOver) return;
        this.#onBytes(reading.value as Uint8Array);
        while (this.#unread >= WINDOW) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
      // Before it was open: `fail` follows.
      if (this.#isOpen && !this.#isOver) this.#events.onEnd();
    } catch {
      this.#finish(LOST);
    }
  }

  #onBytes(chunk: Uint8Array): void {
    let bytes = chunk;
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#events.onOpen();
      bytes = bytes.slice(1);
    }
    if (bytes.byteLength === 0) return;
    this.#unread += bytes.byteLength;
    this.#events.onData(bytes);
  }

  #finish(failure: NetworkFailure | null): void {
    if (this.#isOver) return;
    this.abort();
    this.#events.onClosed(failure);
  }
}
