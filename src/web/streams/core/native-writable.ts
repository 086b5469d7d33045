/**
 * A sink of bytes of the runtime: the writable side of identity and compression streams, pipes of
 * RPC, sockets (production's "native" streams, spec/platform.md 9.5). One write at a time is with the
 * sink; others wait here. Strings are written as UTF-8.
 */
import { bytesOf } from "../../../rpc/streams/chunk-bytes.ts";
import { streamCompat } from "./compat.ts";
import { Deque } from "./deque.ts";
import { attempt, Deferred } from "./promises.ts";
import { transformNotBytes, writableClosed } from "./texts.ts";
import { WritableCore } from "./writable.ts";

export interface NativeSink {
  /**
   * True if it has taken the bytes already; else it calls `written` or `error` of the stream later.
   * It may keep `bytes` if they are its own (`isOwn`), else it must copy what it keeps.
   */
  write(bytes: Uint8Array, isOwn: boolean): boolean;
  /** True if it has ended already; else it calls `written` or `error` of the stream. */
  close(): boolean;
  abort(reason: unknown): unknown;
}

interface Item {
  readonly kind: "write" | "close" | "abort";
  readonly bytes?: Uint8Array;
  isOwn?: boolean;
  readonly reason?: unknown;
  /** A pipe does not wait for single writes. */
  readonly done: Deferred<void> | undefined;
}

export interface NativeWritableOptions {
  /** Bytes that may wait before `ready` does; undefined: `ready` never waits. */
  readonly highWaterMark?: number;
  /** What a chunk that is no bytes is refused with. */
  readonly notBytes?: string;
}

export class NativeWritable extends WritableCore {
  override readonly isNative = true;
  readonly #sink: NativeSink;
  readonly #highWaterMark: number | undefined;
  readonly #notBytes: string;
  readonly #items: Deque<Item> = new Deque();
  #queuedBytes = 0;
  #isBusy = false;
  #closing: Deferred<void> | undefined;
  /** Somebody was told why it has failed: others hear that it is closed. */
  #isTold = false;
  #drained: Deferred<void> | undefined;

  constructor(sink: NativeSink, options: NativeWritableOptions = {}) {
    super();
    this.#sink = sink;
    this.#highWaterMark = options.highWaterMark;
    this.#notBytes = options.notBytes ?? transformNotBytes;
  }

  get desiredSize(): number | null {
    if (this.state !== "writable") return 0;
    return this.#highWaterMark === undefined ? 1 : this.#highWaterMark - this.#queuedBytes;
  }

  get isClosing(): boolean {
    return this.state === "closed" || this.#closing !== undefined;
  }

  get hasBackpressure(): boolean {
    const limit = this.#highWaterMark;
    return limit !== undefined && limit - this.#queuedBytes <= 0;
  }

  write(chunk: unknown): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    const bytes = bytesOf(chunk);
    if (bytes === undefined) return Promise.reject(new TypeError(this.#notBytes));
    if (bytes.byteLength === 0) return Promise.resolve();
    const done = new Deferred<void>();
    this.#enqueue({ kind: "write", bytes, isOwn: typeof chunk === "string", done });
    return done.promise;
  }

  /** Chunks of a pipe from a byte stream of the runtime are the sink's own. */
  writePiped(chunk: unknown, isOwn = false): Promise<unknown> | undefined {
    if (this.state !== "writable" || this.isClosing) return undefined;
    const bytes = bytesOf(chunk);
    if (bytes === undefined) {
      void this.#abortNow(new TypeError(this.#notBytes));
      return undefined;
    }
    if (bytes.byteLength === 0) return undefined;
    this.#enqueue({ kind: "write", bytes, isOwn, done: undefined });
    return this.drained();
  }

  drained(): Promise<unknown> | undefined {
    if (!this.#isBusy && this.#items.length === 0) return undefined;
    this.#drained ??= new Deferred();
    return this.#drained.promise;
  }

  close(): Promise<void> {
    if (this.state === "closed") return Promise.reject(new TypeError(writableClosed));
    if (this.#closing !== undefined) return Promise.resolve();
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    const done = new Deferred<void>();
    this.#closing = done;
    this.#enqueue({ kind: "close", done });
    return done.promise;
  }

  abort(reason: unknown): Promise<void> {
    this.#isTold = true;
    if (this.state !== "writable") return Promise.resolve();
    if (streamCompat().abortClearsQueue || (!this.#isBusy && this.#items.length === 0)) {
      return this.#abortNow(reason);
    }
    const done = new Deferred<void>();
    this.#enqueue({ kind: "abort", reason, done });
    return done.promise;
  }

  /** The sink has failed, or will take nothing any more. */
  error(error: unknown): void {
    if (this.state !== "writable") return;
    this.#fail(error);
  }

  /** The sink has taken what it was given last, or has ended. */
  written(): void {
    if (!this.#isBusy) return;
    this.#isBusy = false;
    this.#finishHead();
    this.#run();
  }

  /** What a write, or close, is refused with now. */
  #refusal(): Promise<never> | undefined {
    if (this.state === "errored") {
      const error = this.#isTold ? new TypeError(writableClosed) : this.storedError;
      this.#isTold = true;
      return Promise.reject(error);
    }
    return this.isClosing ? Promise.reject(new TypeError(writableClosed)) : undefined;
  }

  #enqueue(item: Item): void {
    this.#items.push(item);
    this.#queuedBytes += item.bytes?.byteLength ?? 0;
    if (this.hasBackpressure) this.writer?.ready.reset();
    this.#run();
    // What waits must not change under the writer's hands.
    if (this.state !== "writable" || item.bytes === undefined || item.isOwn === true) return;
    if (this.#items.length > 1) this.#keepOwn(item);
  }

  #keepOwn(item: Item): void {
    if (this.#items.peek() === item) return;
    this.#items.replaceLast({ ...item, bytes: (item.bytes as Uint8Array).slice(), isOwn: true });
  }

  #run(): void {
    while (!this.#isBusy && this.state === "writable") {
      const item = this.#items.peek();
      if (item === undefined) return;
      this.#isBusy = true;
      let isDone = true;
      if (item.kind === "write") {
        isDone = this.#sink.write(item.bytes as Uint8Array, item.isOwn === true);
      } else if (item.kind === "close") isDone = this.#sink.close();
      else void this.#abortNow(item.reason).then(() => item.done?.resolve());
      if (!isDone || !this.#isBusy) return;
      this.#isBusy = false;
      this.#finishHead();
    }
  }

  #finishHead(): void {
    const item = this.#items.shift();
    if (item === undefined) return;
    this.#queuedBytes -= item.bytes?.byteLength ?? 0;
    if (item.kind === "close") {
      this.state = "closed";
      this.#closing = undefined;
      this.writer?.closed.resolve();
    }
    item.done?.resolve();
    if (!this.hasBackpressure) this.writer?.ready.resolve();
    if (this.#items.length > 0) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #abortNow(reason: unknown): Promise<void> {
    this.#fail(reason);
    return attempt(() => this.#sink.abort(reason)) as Promise<void>;
  }

  #fail(error: unknown): void {
    this.state = "errored";
    this.storedError = error;
    this.#isBusy = false;
    this.#queuedBytes = 0;
    this.#closing = undefined;
    for (const { done } of this.#items.takeAll()) {
      if (done === undefined) continue;
      this.#isTold = true;
      done.reject(error);
    }
    this.#drained?.resolve();
    this.#drained = undefined;
    this.writer?.ready.resolve();
    this.writer?.closed.reject(error);
  }
}
