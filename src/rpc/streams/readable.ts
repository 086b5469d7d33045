/** Both ends of a ReadableStream that travels (spec/rpc.md 7). */

import { decodeError, encodeError } from "../codec/thrown.ts";
import type { CloseReason } from "../contracts/ends.ts";
import type { PipeEnd, StreamSession } from "../contracts/streams.ts";
import { readableDisconnected, readableNotBytes } from "../error-texts.ts";
import { Op } from "../frames.ts";
import { networkLost } from "../lost-error.ts";
import { alreadyAnswered, callerLeft, receiverLeft } from "./body-ends.ts";
import { type ByteReader, bytesOf, cancel, getReader, read } from "./natives.ts";
import { setOwner } from "./owners.ts";
import { ByteSender, CreditGiver, dataOf } from "./pump.ts";

/** At the sender: locks the stream and pumps it out, starting at once. */
export class ReadableSource implements PipeEnd {
  readonly keepsOpen = true;
  readonly id: number;
  readonly #session: StreamSession;
  readonly #stream: ReadableStream;
  readonly #reader: ByteReader;
  readonly #sender: ByteSender;
  #over = false;
  isStarved = false;

  constructor(session: StreamSession, stream: ReadableStream) {
    this.#session = session;
    this.#stream = stream;
    this.#reader = getReader(stream);
    this.id = session.addPipe(this);
    this.#sender = new ByteSender(session, this.id);
    // The frame that announces the pipe must be queued before its first data.
    queueMicrotask(() => session.inContext(() => void this.#pump()));
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#over) {
        this.isStarved = true;
        const { done, value } = await read(this.#reader);
        this.isStarved = false;
        if (this.#over) return;
        if (done) {
          this.#finish(Op.endPipe);
          return;
        }
        const bytes = bytesOf(value);
        if (bytes === undefined) throw new TypeError(readableNotBytes);
        await this.#sender.send(bytes);
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
    cancel(this.#reader, reason).catch(() => {
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
    return isOwn || this.#session.role === "callee" ? receiverLeft(this.#stream) : networkLost();
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
export class ReadableDrain implements PipeEnd {
  readonly keepsOpen = false;
  readonly stream: ReadableStream<Uint8Array>;
  readonly #id: number;
  readonly #session: StreamSession;
  readonly #credit: CreditGiver;
  #controller: ReadableByteStreamController | undefined;
  readonly #queue: Uint8Array[] = [];
  #ended = false;
  /** The sender broke off with this: comes after what has arrived. */
  #failure: { readonly error: unknown } | undefined;
  #over = false;
  #wake: (() => void) | undefined;

  constructor(session: StreamSession, id: number) {
    this.#session = session;
    this.#id = id;
    this.#credit = new CreditGiver(session, id);
    this.stream = new ReadableStream({
      type: "bytes",
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason: unknown) => this.#cancel(reason),
    }) as ReadableStream<Uint8Array>;
    setOwner(this.stream, session.context);
    session.acceptPipe(id, this);
  }

  #pull(): Promise<void> | undefined {
    if (this.#queue.length > 0 || this.#ended || this.#failure !== undefined) {
      this.#push();
      return undefined;
    }
    // Somebody reads: the invocation waits for the bytes.
    const { context } = this.#session;
    context.acquire();
    return new Promise((resolve) => {
      this.#wake = () => {
        context.drop();
        resolve();
      };
    });
  }

  #push(): void {
    const controller = this.#controller;
    if (controller === undefined || this.#over) return;
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      const { length } = chunk;
      controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      this.#credit.taken(length);
    } else if (this.#failure !== undefined) {
      this.#fail(this.#failure.error);
    } else if (this.#ended) {
      this.#over = true;
      controller.close();
      // A waiting BYOB read is answered only now.
      controller.byobRequest?.respond(0);
    }
  }

  #resume(): void {
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    this.#push();
    wake();
  }

  onFrame(frame: readonly unknown[]): void {
    if (frame[0] === Op.data) this.#queue.push(dataOf(frame));
    else if (frame[0] === Op.endPipe) {
      this.#ended = true;
      this.#session.dropPipe(this.#id);
    } else if (frame[0] === Op.abortPipe) {
      const { core } = this.#session;
      // First, for it can throw: then the link is closed, and the pipe with it.
      const error = Array.isArray(frame[3]) ? decodeError(core, frame[3], 0) : disconnected();
      this.#session.dropPipe(this.#id);
      if (this.#queue.length === 0) this.#fail(error);
      else this.#failure = { error };
    }
    this.#resume();
  }

  onLost(reason: CloseReason): void {
    if (!this.#ended) this.#fail(this.#lossOf(reason));
  }

  #lossOf(reason: CloseReason): unknown {
    const { isEvent, role } = this.#session;
    if (!isEvent) return disconnected();
    if (role === "callee") return reason.type === "done" ? alreadyAnswered() : callerLeft();
    if (reason.type === "lost") return reason.error();
    return (reason.type === "revoked" && reason.error?.(true)) || networkLost();
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.error(error);
    this.#resume();
  }

  #cancel(reason: unknown): void {
    this.#over = true;
    this.#resume();
    if (this.#ended || this.#session.closed !== undefined) return;
    const error = reason === undefined ? 0 : encodeError(this.#session.core, reason);
    this.#session.post([Op.cancelPipe, 0, this.#id, error]);
    this.#session.dropPipe(this.#id);
  }
}
