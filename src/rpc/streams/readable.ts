/** Both ends of a ReadableStream that travels (spec/rpc.md 7). */

import { decodeError, encodeError } from "../codec/thrown.ts";
import type { Context } from "../contract.ts";
import type { CloseReason } from "../contracts/ends.ts";
import type { ByteFeed, ByteSource, StreamReading } from "../contracts/platform-streams.ts";
import type { PipeEnd, StreamSession } from "../contracts/streams.ts";
import { readableDisconnected, readableNotBytes } from "../error-texts.ts";
import { Op } from "../frames.ts";
import { networkLost } from "../lost-error.ts";
import { alreadyAnswered, callerLeft, receiverLeft } from "./body-ends.ts";
import { bytesOf } from "./chunk-bytes.ts";
import { platformOf } from "./platform.ts";
import { ByteSender, CreditGiver, dataOf } from "./pump.ts";

/** At the sender: locks the stream and pumps it out, starting at once. */
export class ReadableSource implements PipeEnd {
  readonly keepsOpen = true;
  readonly id: number;
  readonly #session: StreamSession;
  readonly #owner: Context | undefined;
  readonly #reading: StreamReading;
  readonly #sender: ByteSender;
  #over = false;
  isStarved = false;

  constructor(session: StreamSession, stream: object) {
    const platform = platformOf(session);
    this.#session = session;
    this.#owner = platform.ownerOf(stream);
    this.#reading = platform.read(stream);
    this.id = session.addPipe(this);
    this.#sender = new ByteSender(session, this.id);
    // The frame that announces the pipe must be queued before its first data.
    queueMicrotask(() => session.inContext(() => void this.#pump()));
  }

  async #pump(): Promise<void> {
    const reading = this.#reading;
    try {
      while (!this.#over) {
        if (!reading.take()) {
          this.isStarved = true;
          const isThere = await reading.wait();
          this.isStarved = false;
          if (this.#over) return;
          if (!isThere) {
            this.#finish(Op.endPipe);
            return;
          }
        }
        const bytes = bytesOf(reading.value);
        if (bytes === undefined) throw new TypeError(readableNotBytes);
        const sending = this.#sender.send(bytes);
        if (sending !== undefined) await sending;
      }
    } catch (error) {
      if (!this.#over) this.#breakOff(error);
    }
  }

  cancelAsHung(error: Error): void {
    if (!this.#over) this.#breakOff(error);
  }

  /** A body fails with what its source failed with. */
  #breakOff(error: unknown): void {
    const { isEvent, core } = this.#session;
    this.#finish(Op.abortPipe, isEvent ? encodeError(core, error) : 0);
    this.#cancel(error);
  }

  #finish(op: number, ...fields: unknown[]): void {
    this.#over = true;
    if (this.#session.closed === undefined) this.#session.post([op, 0, this.id, ...fields]);
    this.#session.dropPipe(this.id);
  }

  #cancel(reason: unknown): void {
    this.#reading.cancel(reason).catch(() => {
      // The source failed on its own: nobody is left to hear of it.
    });
  }

  onFrame(frame: readonly unknown[]): void {
    if (frame[0] === Op.credit) this.#sender.onCredit(frame[3] as number);
    else if (frame[0] === Op.cancelPipe) {
      const { core, isEvent } = this.#session;
      const error = Array.isArray(frame[3]) ? decodeError(core, frame[3], 0) : undefined;
      this.#stop(isEvent ? this.#bodyReason(false) : error);
      this.#session.callerLeft();
      this.#session.dropPipe(this.id);
    }
  }

  onLost(reason: CloseReason): void {
    if (this.#session.isEvent) {
      const isOwn = reason.type === "context-ended" || (reason.type === "revoked" && reason.isOwn);
      this.#stop(this.#bodyReason(isOwn === true));
    } else this.#stop(reason.type === "lost" ? reason.error() : disconnected());
  }

  /** What the source of a body hears when it is not wanted; `isOwn`: because of this end. */
  #bodyReason(isOwn: boolean): Error | undefined {
    return isOwn || this.#session.role === "callee" ? receiverLeft(this.#owner) : networkLost();
  }

  #stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender.stop();
    this.#cancel(reason);
  }
}

function disconnected(): Error {
  return new Error(readableDisconnected);
}

/** At the receiver: a byte stream that asks for more as it is read. */
export class ReadableDrain implements PipeEnd, ByteSource {
  readonly keepsOpen = false;
  readonly stream: object;
  readonly #id: number;
  readonly #session: StreamSession;
  readonly #credit: CreditGiver;
  readonly #feed: ByteFeed;
  /** Somebody reads: the invocation waits for the bytes. */
  #isHolding = false;
  #ended = false;

  /** `length`: bytes that it promises, -1 if unknown. */
  constructor(session: StreamSession, id: number, length: number) {
    this.#session = session;
    this.#id = id;
    this.#credit = new CreditGiver(session, id);
    const { context } = session;
    const { stream, feed } = platformOf(session).createReadable(this, context, length);
    this.stream = stream;
    this.#feed = feed;
    session.acceptPipe(id, this);
  }

  pull(): void {
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#session.context.acquire();
  }

  taken(bytes: number): void {
    this.#credit.taken(bytes);
  }

  #release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#session.context.drop();
  }

  onFrame(frame: readonly unknown[]): void {
    if (frame[0] === Op.data) this.#feed.push(dataOf(frame));
    else if (frame[0] === Op.endPipe) {
      this.#ended = true;
      this.#session.dropPipe(this.#id);
      this.#feed.end();
    } else if (frame[0] === Op.abortPipe) {
      const { core } = this.#session;
      // First, for it can throw: then the link is closed, and the pipe with it.
      const error = Array.isArray(frame[3]) ? decodeError(core, frame[3], 0) : disconnected();
      this.#ended = true;
      this.#session.dropPipe(this.#id);
      this.#feed.errorAfterwards(error);
    }
    this.#release();
  }

  onLost(reason: CloseReason): void {
    if (!this.#ended) this.#feed.error(this.#lossOf(reason));
    this.#release();
  }

  #lossOf(reason: CloseReason): unknown {
    const { isEvent, role } = this.#session;
    if (!isEvent) return disconnected();
    if (role === "callee") return reason.type === "done" ? alreadyAnswered() : callerLeft();
    if (reason.type === "lost") return reason.error();
    return (reason.type === "revoked" && reason.error?.(true)) || networkLost();
  }

  cancel(reason: unknown): void {
    this.#release();
    if (this.#ended || this.#session.closed !== undefined) return;
    this.#ended = true;
    const error = reason === undefined ? 0 : encodeError(this.#session.core, reason);
    this.#session.post([Op.cancelPipe, 0, this.#id, error]);
    this.#session.dropPipe(this.#id);
  }
}
