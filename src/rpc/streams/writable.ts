/** Both ends of a WritableStream that travels (spec/rpc.md 7). */

import { decodeError, encodeError } from "../codec/thrown.ts";
import type { CloseReason } from "../contracts/ends.ts";
import type { ByteDrain, ByteSink, StreamWriting } from "../contracts/platform-streams.ts";
import type { PipeEnd, StreamSession } from "../contracts/streams.ts";
import { writableDisconnected, writableNotBytes, writeAfterClose } from "../error-texts.ts";
import { Op } from "../frames.ts";
import { lostError } from "../lost-error.ts";
import { platformOf } from "./platform.ts";
import { ByteSender, CreditGiver, dataOf } from "./pump.ts";

/** At the owner of the stream: locks it and writes into it what the peer sends. */
export class WritableDrain implements PipeEnd {
  readonly keepsOpen = true;
  readonly id: number;
  readonly #session: StreamSession;
  readonly #writing: StreamWriting;
  readonly #credit: CreditGiver;
  #over = false;

  constructor(session: StreamSession, stream: object) {
    this.#session = session;
    this.#writing = platformOf(session).write(stream);
    this.id = session.addPipe(this);
    this.#credit = new CreditGiver(session, this.id);
  }

  onFrame(frame: readonly unknown[]): void {
    if (this.#over) return;
    if (frame[0] === Op.data) this.#write(dataOf(frame));
    else if (frame[0] === Op.endPipe) {
      this.#session
        .inContext(() => this.#writing.close())
        .then(() => this.#finish(0), this.#failed);
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
      .inContext(() => this.#writing.write(chunk))
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
      .inContext(() => this.#writing.abort(disconnected()))
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
export class WritableSource implements PipeEnd, ByteSink {
  readonly keepsOpen = false;
  readonly stream: object;
  readonly #id: number;
  readonly #session: StreamSession;
  readonly #sender: ByteSender;
  readonly #drain: ByteDrain;
  #over = false;
  #isClosing = false;
  /** The invocation waits for what is written. */
  #isHolding = false;

  constructor(session: StreamSession, id: number) {
    this.#session = session;
    this.#id = id;
    this.#sender = new ByteSender(session, id);
    const { context } = session;
    const { stream, drain } = platformOf(session).createWritable(this, context, writableNotBytes);
    this.stream = stream;
    this.#drain = drain;
    session.acceptPipe(id, this);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#over) {
      this.#drain.error(new Error(writeAfterClose));
      return false;
    }
    const sending = this.#sender.send(bytes);
    if (sending === undefined) return true;
    this.#hold();
    void this.#sent(sending);
    return false;
  }

  async #sent(sending: Promise<void>): Promise<void> {
    await sending;
    this.#release();
    this.#drain.written();
  }

  close(): boolean {
    if (this.#over) return true;
    this.#session.post([Op.endPipe, 0, this.#id]);
    this.#isClosing = true;
    this.#hold();
    return false;
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#release();
    this.#sender.stop();
    if (this.#session.closed === undefined) this.#session.post([Op.abortPipe, 0, this.#id]);
    this.#session.dropPipe(this.#id);
  }

  #hold(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#session.context.acquire();
  }

  #release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#session.context.drop();
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
    this.#release();
    if (error !== undefined) this.#drain.error(error);
    else if (this.#isClosing) this.#drain.written();
    this.#sender.stop();
  }
}
