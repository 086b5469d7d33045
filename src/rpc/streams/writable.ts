/** Both ends of a WritableStream that travels (spec/rpc.md 7). */

import { decodeError, encodeError } from "../codec/thrown.ts";
import type { CloseReason } from "../contracts/ends.ts";
import type { PipeEnd, StreamSession } from "../contracts/streams.ts";
import { writableDisconnected, writableNotBytes, writeAfterClose } from "../error-texts.ts";
import { Op } from "../frames.ts";
import { lostError } from "../lost-error.ts";
import { abort, type ByteWriter, bytesOf, close, getWriter, write } from "./natives.ts";
import { setOwner } from "./owners.ts";
import { ByteSender, CreditGiver, dataOf } from "./pump.ts";

/** At the owner of the stream: locks it and writes into it what the peer sends. */
export class WritableDrain implements PipeEnd {
  readonly keepsOpen = true;
  readonly id: number;
  readonly #session: StreamSession;
  readonly #writer: ByteWriter;
  readonly #credit: CreditGiver;
  #over = false;

  constructor(session: StreamSession, stream: WritableStream) {
    this.#session = session;
    this.#writer = getWriter(stream);
    this.id = session.addPipe(this);
    this.#credit = new CreditGiver(session, this.id);
    // Failures are told through write and close; nobody looks at this promise.
    (this.#writer.closed as Promise<unknown>).catch(() => {});
  }

  onFrame(frame: readonly unknown[]): void {
    if (this.#over) return;
    if (frame[0] === Op.data) this.#write(dataOf(frame));
    else if (frame[0] === Op.endPipe) {
      this.#session.inContext(() => close(this.#writer)).then(() => this.#finish(0), this.#failed);
    } else if (frame[0] === Op.abortPipe) {
      this.#session.dropPipe(this.id);
      this.#abort();
    }
  }

  #write(bytes: Uint8Array): void {
    // Sinks written in JavaScript see ArrayBuffers, as in production.
    const chunk =
      bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    const { length } = bytes;
    this.#session
      .inContext(() => write(this.#writer, chunk))
      .then(() => this.#credit.taken(length), this.#failed);
  }

  readonly #failed = (error: unknown): void => {
    this.#finish(encodeError(this.#session.core, error));
  };

  #finish(result: unknown): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#session.closed === undefined) {
      this.#session.post([Op.cancelPipe, 0, this.id, result]);
    }
    this.#session.dropPipe(this.id);
  }

  onLost(): void {
    this.#abort();
  }

  #abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#session
      .inContext(() => abort(this.#writer, disconnected()))
      .catch(() => {
        // The sink failed while it was told: nobody is left to hear of it.
      });
  }
}

/** The sink is told so; production counts it among the disconnects. */
function disconnected(): Error {
  return Object.assign(new Error(writableDisconnected), { retryable: true });
}

/** At the receiver: a stream whose writes go out with credit. */
export class WritableSource implements PipeEnd {
  readonly keepsOpen = false;
  readonly stream: WritableStream<unknown>;
  readonly #id: number;
  readonly #session: StreamSession;
  readonly #sender: ByteSender;
  #controller: WritableStreamDefaultController | undefined;
  #over = false;
  #closing: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(session: StreamSession, id: number) {
    this.#session = session;
    this.#id = id;
    this.#sender = new ByteSender(session, id);
    this.stream = new WritableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: () => this.#abort(),
    });
    setOwner(this.stream, session.context);
    session.acceptPipe(id, this);
  }

  async #write(chunk: unknown): Promise<void> {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) throw new TypeError(writableNotBytes);
    if (this.#over) throw new Error(writeAfterClose);
    await this.#held(() => this.#sender.send(bytes));
  }

  async #close(): Promise<void> {
    if (this.#over) return;
    this.#session.post([Op.endPipe, 0, this.#id]);
    await this.#held(
      () =>
        new Promise<void>((resolve, reject) => {
          this.#closing = { resolve, reject };
        }),
    );
  }

  /** The invocation waits for what is written. */
  async #held(wait: () => Promise<unknown>): Promise<void> {
    const { context } = this.#session;
    context.acquire();
    try {
      await wait();
    } finally {
      context.drop();
    }
  }

  #abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender.stop();
    if (this.#session.closed === undefined) this.#session.post([Op.abortPipe, 0, this.#id]);
    this.#session.dropPipe(this.#id);
  }

  onFrame(frame: readonly unknown[]): void {
    if (frame[0] === Op.credit) this.#sender.onCredit(frame[3] as number);
    else if (frame[0] === Op.cancelPipe) {
      const encoded = frame[3];
      // First, for it can throw: then the link is closed, and the pipe with it.
      const error = Array.isArray(encoded)
        ? decodeError(this.#session.core, encoded, 0, false)
        : undefined;
      this.#session.dropPipe(this.#id);
      this.#finish(error);
    }
  }

  onLost(reason: CloseReason): void {
    this.#finish(reason.type === "lost" ? reason.error() : lostError());
  }

  #finish(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender.stop();
    if (error === undefined) this.#closing?.resolve();
    else {
      this.#closing?.reject(error);
      this.#controller?.error(error);
    }
  }
}
