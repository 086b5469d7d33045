/**
 * A pipe of bytes in memory: what is written on one side is read on the other, and a write is done
 * when it was read completely (IdentityTransformStream, FixedLengthStream).
 */
import { NativeReadable, type NativeSource } from "./native-readable.ts";
import { type NativeSink, NativeWritable, type NativeWritableOptions } from "./native-writable.ts";
import { soon } from "./promises.ts";
import { tooFewBytes, tooManyBytes } from "./texts.ts";

export interface PipeErrors {
  /** What a later reader hears of an abort. */
  readonly aborted: () => unknown;
  /** What the writer hears of a cancel. */
  readonly cancelled: (reason: unknown) => unknown;
}

export class IdentityPipe implements NativeSource, NativeSink {
  readonly readable: NativeReadable;
  readonly writable: NativeWritable;
  /** Bytes that must still pass; -1: any number. */
  #expected: number;
  /** Of the write under way, not read yet. */
  #unread = 0;
  /** The reader may take it before `write` has returned. */
  #isWriting = false;
  readonly #errors: PipeErrors;

  /** `expected`: bytes that must pass, -1 for any number. */
  constructor(expected: number, options: NativeWritableOptions, errors: PipeErrors) {
    this.#expected = expected;
    this.#errors = errors;
    this.readable = new NativeReadable(this);
    this.readable.length = expected;
    this.writable = new NativeWritable(this, options);
  }

  taken(bytes: number): void {
    if (this.#unread === 0) return;
    this.#unread -= bytes;
    if (this.#unread === 0 && !this.#isWriting) this.writable.written();
  }

  cancel(reason: unknown): void {
    this.writable.error(this.#errors.cancelled(reason));
  }

  write(bytes: Uint8Array, isOwn: boolean): boolean {
    const length = bytes.byteLength;
    if (this.#expected >= 0 && length > this.#expected) {
      const error = new TypeError(tooManyBytes);
      this.readable.error(error);
      // Production's write succeeds: readers, later writes and close hear of it.
      soon(() => this.writable.error(error));
      return true;
    }
    if (this.#expected >= 0) this.#expected -= length;
    this.#unread = length;
    this.#isWriting = true;
    this.readable.push(isOwn ? bytes : bytes.slice());
    this.#isWriting = false;
    return this.#unread === 0;
  }

  close(): boolean {
    if (this.#expected > 0) this.readable.error(new TypeError(tooFewBytes));
    else this.readable.end();
    return true;
  }

  abort(reason: unknown): void {
    const { readable } = this;
    // Whoever waits hears why; others that the other side is gone.
    readable.error(readable.isWaitedFor ? reason : this.#errors.aborted());
  }
}
