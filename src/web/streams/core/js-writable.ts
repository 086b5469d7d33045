/**
 * A WritableStream made in JavaScript: the standard's stream and its
 * WritableStreamDefaultController in one. The sink is a set of algorithms, from user code or from
 * another file here.
 */
import { AbortController, type AbortSignal } from "../../events/abort-signal.ts";
import { checkedSize, PENDING, type SizeFunction } from "./default-readable.ts";
import { Deque, SizedQueue } from "./deque.ts";
import {
  attempt,
  Deferred,
  isPlain,
  react,
  reactToResult,
  reactToStart,
  soon,
} from "./promises.ts";
import { writableClosed, writerReleased } from "./texts.ts";
import { WritableCore } from "./writable.ts";

/** All of them are there, so that nobody finds others on a patched Object.prototype. */
export interface SinkAlgorithms {
  readonly start: (() => unknown) | undefined;
  readonly write: ((chunk: unknown) => unknown) | undefined;
  readonly close: (() => unknown) | undefined;
  readonly abort: ((reason: unknown) => unknown) | undefined;
}

const NO_SINK: SinkAlgorithms = {
  start: undefined,
  write: undefined,
  close: undefined,
  abort: undefined,
};

interface PendingAbort {
  readonly deferred: Deferred<void>;
  readonly reason: unknown;
  readonly wasErroring: boolean;
}

export class JsWritable extends WritableCore {
  readonly #queue = new SizedQueue();
  /** Who waits for each chunk of the queue; undefined: a pipe, which does not. */
  readonly #requests: Deque<Deferred<void> | undefined> = new Deque();
  readonly #highWaterMark: number;
  readonly #isSized: boolean;
  #size: SizeFunction | undefined;
  #sink: SinkAlgorithms;
  #isStarted = false;
  #backpressure = false;
  #isWriting = false;
  #inFlightWrite: Deferred<void> | undefined;
  #closeRequest: Deferred<void> | undefined;
  #inFlightClose: Deferred<void> | undefined;
  #pendingAbort: PendingAbort | undefined;
  /** Made when somebody asks for `controller.signal`, or aborts. */
  #controller: AbortController | undefined;
  #abortReason: { readonly reason: unknown } | undefined;
  #drained: Deferred<void> | undefined;

  /** `size` undefined: every chunk counts 1. Nothing runs before `begin`. */
  constructor(sink: SinkAlgorithms, highWaterMark: number, size?: SizeFunction) {
    super();
    this.#sink = sink;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    this.#isSized = size !== undefined;
    this.#backpressure = highWaterMark <= 0;
  }

  /** Calls the sink's `start`. */
  begin(): this {
    if (this.#sink.start === undefined) {
      soon(this.#started);
      return this;
    }
    try {
      reactToStart(this.#sink.start(), this.#started, this.#startFailed);
    } catch (error) {
      soon(() => this.#startFailed(error));
    }
    return this;
  }

  get desiredSize(): number | null {
    if (this.state === "errored" || this.state === "erroring") return null;
    return this.state === "closed" ? 0 : this.#highWaterMark - this.#queue.total;
  }

  get isClosing(): boolean {
    return (
      this.state === "closed" ||
      this.#closeRequest !== undefined ||
      this.#inFlightClose !== undefined
    );
  }

  get hasBackpressure(): boolean {
    return this.#backpressure;
  }

  /** Of the controller. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason.reason);
    }
    return this.#controller.signal;
  }

  write(chunk: unknown): Promise<void> {
    const { writer } = this;
    const size = this.#sizeOf(chunk);
    // Sizing runs user code.
    if (writer !== this.writer) return Promise.reject(new TypeError(writerReleased));
    const refusal = this.#refusal();
    if (refusal !== undefined) return Promise.reject(refusal.error);
    const request = new Deferred<void>();
    this.#enqueue(chunk, size, request);
    return request.promise;
  }

  writePiped(chunk: unknown): Promise<unknown> | undefined {
    const size = this.#sizeOf(chunk);
    if (this.#refusal() === undefined) this.#enqueue(chunk, size, undefined);
    return this.#backpressure ? this.writer?.ready.promise : undefined;
  }

  drained(): Promise<unknown> | undefined {
    if (!this.#isWriting && this.#requests.length === 0) return undefined;
    this.#drained ??= new Deferred();
    return this.#drained.promise;
  }

  /** WritableStreamClose; the caller has looked at locks. */
  close(): Promise<void> {
    if (this.state === "errored" || this.isClosing) {
      return Promise.reject(new TypeError(writableClosed));
    }
    this.#closeRequest = new Deferred();
    if (this.#backpressure && this.state === "writable") this.writer?.ready.resolve();
    const { promise } = this.#closeRequest;
    this.#advance();
    return promise;
  }

  abort(reason: unknown): Promise<void> {
    if (this.state === "closed" || this.state === "errored") return Promise.resolve();
    this.#abortReason = { reason };
    this.#controller?.abort(reason);
    // Listeners of the signal can have ended it.
    if (this.#hasEnded()) return Promise.resolve();
    if (this.#pendingAbort !== undefined) return this.#pendingAbort.deferred.promise;
    const wasErroring = this.state === "erroring";
    const deferred = new Deferred<void>();
    this.#pendingAbort = { deferred, reason: wasErroring ? undefined : reason, wasErroring };
    if (!wasErroring) this.#startErroring(reason);
    return deferred.promise;
  }

  /** WritableStreamDefaultControllerErrorIfNeeded */
  error(error: unknown): void {
    if (this.state !== "writable") return;
    this.#clear();
    this.#startErroring(error);
  }

  #hasEnded(): boolean {
    return this.state === "closed" || this.state === "errored";
  }

  /** What a write is refused with now. */
  #refusal(): { readonly error: unknown } | undefined {
    if (this.state === "errored") return { error: this.storedError };
    if (this.isClosing) return { error: new TypeError(writableClosed) };
    return this.state === "erroring" ? { error: this.storedError } : undefined;
  }

  #sizeOf(chunk: unknown): number {
    const size = this.#size;
    if (size === undefined) return 1;
    try {
      return Number(size(chunk));
    } catch (error) {
      this.error(error);
      return 1;
    }
  }

  #enqueue(chunk: unknown, size: number, request: Deferred<void> | undefined): void {
    this.#requests.push(request);
    try {
      if (this.#isSized) this.#queue.pushSized(chunk, checkedSize(size));
      else this.#queue.push(chunk);
    } catch (error) {
      this.error(error);
      return;
    }
    if (this.state === "writable") this.#updateBackpressure();
    this.#advance();
  }

  #updateBackpressure(): void {
    const backpressure = this.#highWaterMark - this.#queue.total <= 0;
    if (backpressure === this.#backpressure) return;
    this.#backpressure = backpressure;
    if (backpressure) this.writer?.ready.reset();
    else this.writer?.ready.resolve();
  }

  #advance(): void {
    while (this.#isStarted && !this.#isWriting) {
      if (this.state === "erroring") {
        this.#finishErroring();
        return;
      }
      if (this.#queue.length === 0) {
        if (this.#closeRequest !== undefined) this.#processClose();
        return;
      }
      this.#processWrite(this.#queue.peek());
    }
  }

  #processWrite(chunk: unknown): void {
    this.#isWriting = true;
    const request = this.#requests.shift();
    this.#inFlightWrite = request;
    let result: unknown;
    try {
      result = this.#sink.write?.(chunk);
    } catch (error) {
      soon(() => this.#writeFailed(error));
      return;
    }
    if (result === PENDING) return;
    if (!isPlain(result)) react(Promise.resolve(result), this.#written, this.#writeFailed);
    else if (request !== undefined) soon(this.#written);
    // A pipe does not look: it goes on at once.
    else this.#finishWrite();
  }

  /** A write that was PENDING has come to its end. */
  writeDone(): void {
    this.#written();
  }

  writeFailed(error: unknown): void {
    this.#writeFailed(error);
  }

  #processClose(): void {
    this.#inFlightClose = this.#closeRequest;
    this.#closeRequest = undefined;
    const sink = this.#sink;
    try {
      const result = sink.close?.();
      this.#clear();
      reactToResult(result, this.#closed, this.#closeFailed);
    } catch (error) {
      this.#clear();
      soon(() => this.#closeFailed(error));
    }
  }

  readonly #started = (): void => {
    this.#isStarted = true;
    this.#advance();
  };

  readonly #startFailed = (error: unknown): void => {
    this.#isStarted = true;
    this.#dealWithRejection(error);
  };

  readonly #written = (): void => {
    this.#finishWrite();
    this.#advance();
  };

  #finishWrite(): void {
    const request = this.#inFlightWrite;
    this.#inFlightWrite = undefined;
    this.#isWriting = false;
    request?.resolve();
    this.#queue.shift();
    if (this.state === "writable" && !this.isClosing) this.#updateBackpressure();
    if (this.#requests.length === 0) this.#settleDrained();
  }

  readonly #writeFailed = (error: unknown): void => {
    if (this.state === "writable") this.#clear();
    const request = this.#inFlightWrite;
    this.#inFlightWrite = undefined;
    this.#isWriting = false;
    request?.reject(error);
    this.#dealWithRejection(error);
  };

  readonly #closed = (): void => {
    this.#inFlightClose?.resolve();
    this.#inFlightClose = undefined;
    if (this.state === "erroring") {
      this.storedError = undefined;
      this.#pendingAbort?.deferred.resolve();
      this.#pendingAbort = undefined;
    }
    this.state = "closed";
    this.writer?.closed.resolve();
  };

  readonly #closeFailed = (error: unknown): void => {
    this.#inFlightClose?.reject(error);
    this.#inFlightClose = undefined;
    this.#pendingAbort?.deferred.reject(error);
    this.#pendingAbort = undefined;
    this.#dealWithRejection(error);
  };

  #dealWithRejection(error: unknown): void {
    if (this.state === "writable") this.#startErroring(error);
    else this.#finishErroring();
  }

  #startErroring(reason: unknown): void {
    this.state = "erroring";
    this.storedError = reason;
    this.writer?.ready.reject(reason);
    const isBusy = this.#isWriting || this.#inFlightClose !== undefined;
    if (!isBusy && this.#isStarted) this.#finishErroring();
  }

  #finishErroring(): void {
    this.state = "errored";
    this.#queue.clear();
    for (const request of this.#requests.takeAll()) request?.reject(this.storedError);
    this.#settleDrained();
    const abort = this.#pendingAbort;
    this.#pendingAbort = undefined;
    if (abort === undefined) {
      this.#rejectClosed();
      return;
    }
    if (abort.wasErroring) {
      abort.deferred.reject(this.storedError);
      this.#rejectClosed();
      return;
    }
    const sink = this.#sink;
    const result = attempt(() => sink.abort?.(abort.reason));
    this.#clear();
    react(
      result,
      () => {
        abort.deferred.resolve();
        this.#rejectClosed();
      },
      (error) => {
        abort.deferred.reject(error);
        this.#rejectClosed();
      },
    );
  }

  #rejectClosed(): void {
    this.#closeRequest?.reject(this.storedError);
    this.#closeRequest = undefined;
    this.writer?.closed.reject(this.storedError);
  }

  #settleDrained(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Lets go of what user code gave. */
  #clear(): void {
    this.#sink = NO_SINK;
    this.#size = undefined;
  }
}
