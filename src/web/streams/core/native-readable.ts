/**
 * A byte stream of the runtime: bodies, pipes of RPC, sockets, files, what a Blob holds (production's
 * "native" streams, spec/platform.md 9.5). One read at a time, and no promise but the reader's. Its
 * source pushes bytes as they come, and hears when somebody waits for them and when they were taken.
 */
import { streamCompat } from "./compat.ts";
import { Deque } from "./deque.ts";
import { settling } from "./promises.ts";
import { NOTHING, ReadableCore, type ReadIntoRequest, type ReadRequest } from "./readable.ts";
import { onePendingRead } from "./texts.ts";
import { kindOf, transfer } from "./views.ts";

export interface NativeSource {
  /** Somebody waits and nothing is there: ends with `push`, `end` or `fail` (or `cancel`). */
  pull?(): void;
  /** So many of the bytes that were pushed have been read. */
  taken?(bytes: number): void;
  /** Nobody will read any more; what is under way is not wanted. */
  cancel?(reason: unknown): unknown;
}

interface PendingInto {
  readonly target: Uint8Array;
  filled: number;
  /** In bytes. */
  readonly minimum: number;
}

export class NativeReadable extends ReadableCore {
  readonly supportsByob = true;
  override readonly isNative = true;
  readonly #chunks: Deque<Uint8Array> = new Deque();
  #source: NativeSource;
  #isEnded = false;
  /** Comes after what is queued. */
  #failure: { readonly error: unknown } | undefined;
  #into: PendingInto | undefined;

  constructor(source: NativeSource) {
    super();
    this.#source = source;
  }

  /** A read is pending. */
  get isWaitedFor(): boolean {
    const reader = this.reader;
    return reader !== undefined && reader.requests.length + reader.intoRequests.length > 0;
  }

  /** Bytes are there that nobody has read. */
  get hasBytes(): boolean {
    return this.#chunks.length > 0;
  }

  /** Neither ended nor failed nor cancelled. */
  get isOpen(): boolean {
    return this.state === "readable" && !this.#isEnded && this.#failure === undefined;
  }

  /** Takes `bytes` over: nobody else may write to them. After the end they are dropped. */
  push(bytes: Uint8Array): void {
    if (!this.isOpen || bytes.byteLength === 0) return;
    const reader = this.reader;
    if (reader !== undefined && reader.requests.length > 0) {
      const request = reader.requests.shift();
      request?.chunk(bytes);
      this.#source.taken?.(bytes.byteLength);
      return;
    }
    this.#chunks.push(bytes);
    if (this.#into !== undefined) this.#serveInto(this.#into);
  }

  /** What was pushed is still read. */
  end(): void {
    if (!this.isOpen) return;
    this.#isEnded = true;
    if (this.#chunks.length === 0) this.#finish();
  }

  /** At once: what was pushed is dropped. */
  error(error: unknown): void {
    if (this.state !== "readable") return;
    this.#chunks.clear();
    this.#into = undefined;
    this.#source = {};
    this.fail(error);
  }

  /** After what was pushed. */
  errorAfterwards(error: unknown): void {
    if (!this.isOpen) return;
    if (this.#chunks.length === 0) this.error(error);
    else this.#failure = { error };
  }

  take(): unknown {
    const bytes = this.#chunks.shift();
    if (bytes === undefined) return NOTHING;
    this.#drained();
    this.#source.taken?.(bytes.byteLength);
    return bytes;
  }

  wait(request: ReadRequest): void {
    if (this.isWaitedFor) {
      request.error(new TypeError(onePendingRead));
      return;
    }
    this.reader?.requests.push(request);
    this.#source.pull?.();
  }

  /** The result is always a Uint8Array, whatever kind the view is. */
  override readInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    this.disturbed = true;
    if (this.state === "errored") {
      request.error(this.storedError);
      return;
    }
    if (this.isWaitedFor) {
      request.error(new TypeError(onePendingRead));
      return;
    }
    let target: Uint8Array;
    const minimum = Math.max(1, min * kindOf(view).elementSize);
    try {
      const { byteOffset, byteLength } = view;
      const buffer = streamCompat().byobDetaches ? transfer(view.buffer) : view.buffer;
      target = new Uint8Array(buffer, byteOffset, byteLength);
    } catch (error) {
      request.error(error);
      return;
    }
    if (this.state === "closed") {
      request.close(emptyOf(target));
      return;
    }
    const into = { target, filled: 0, minimum };
    this.#into = into;
    this.reader?.intoRequests.push(request);
    this.#serveInto(into);
    if (this.#into !== undefined) this.#source.pull?.();
  }

  cancelSource(reason: unknown): Promise<unknown> {
    this.#chunks.clear();
    this.#into = undefined;
    const source = this.#source;
    this.#source = {};
    return settling(() => source.cancel?.(reason));
  }

  releaseSource(): void {
    this.#into = undefined;
  }

  #serveInto(into: PendingInto): void {
    const { target } = into;
    let taken = 0;
    while (into.filled < target.byteLength) {
      const head = this.#chunks.peek();
      if (head === undefined) break;
      const room = target.byteLength - into.filled;
      if (head.byteLength <= room) {
        target.set(head, into.filled);
        this.#chunks.shift();
        into.filled += head.byteLength;
        taken += head.byteLength;
      } else {
        target.set(head.subarray(0, room), into.filled);
        this.#chunks.replaceHead(head.subarray(room));
        into.filled += room;
        taken += room;
      }
    }
    if (into.filled >= into.minimum) {
      this.#into = undefined;
      const { buffer, byteOffset } = target;
      const filled = new Uint8Array(buffer, byteOffset, into.filled);
      this.reader?.intoRequests.shift()?.chunk(filled);
    }
    if (taken === 0) return;
    this.#drained();
    this.#source.taken?.(taken);
  }

  /** The last of what was pushed may be gone. */
  #drained(): void {
    if (this.#chunks.length > 0) return;
    if (this.#failure !== undefined) this.error(this.#failure.error);
    else if (this.#isEnded) this.#finish();
  }

  #finish(): void {
    const into = this.#into;
    const request = into === undefined ? undefined : this.reader?.intoRequests.shift();
    this.#into = undefined;
    this.finish();
    if (into === undefined || request === undefined) return;
    if (into.filled === 0) request.close(emptyOf(into.target));
    else {
      const { buffer, byteOffset } = into.target;
      request.chunk(new Uint8Array(buffer, byteOffset, into.filled));
    }
  }
}

function emptyOf(target: Uint8Array): Uint8Array | undefined {
  if (!streamCompat().byobReturnsView) return undefined;
  return new Uint8Array(target.buffer, target.byteOffset, 0);
}
