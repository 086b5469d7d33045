/**
 * How the runtime itself reads and writes streams, of whatever kind: a body to its end, what is sent
 * over RPC. No object is made for a chunk that is there, and one promise for one that is not.
 */
import { Deferred } from "./promises.ts";
import { NOTHING, type ReadableCore, Reader, type ReadRequest } from "./readable.ts";
import { type WritableCore, Writer } from "./writable.ts";

export class Reading implements ReadRequest {
  /** The chunk that `take` or `wait` found. */
  value: unknown;
  readonly #stream: ReadableCore;
  #waiting: Deferred<boolean> | undefined;

  /** Locks `stream`, which must not be locked. */
  constructor(stream: ReadableCore) {
    this.#stream = stream;
    new Reader(stream, false);
    stream.disturbed = true;
  }

  /** A chunk that is there already; false: none at the moment, or at all. */
  take(): boolean {
    if (this.#stream.state !== "readable") return false;
    const chunk = this.#stream.take();
    if (chunk === NOTHING) return false;
    this.value = chunk;
    return true;
  }

  /** For the next chunk; false: the stream has ended. Rejects with why it failed. */
  wait(): Promise<boolean> {
    const waiting = new Deferred<boolean>();
    this.#waiting = waiting;
    this.#stream.read(this);
    return waiting.promise;
  }

  cancel(reason: unknown): Promise<unknown> {
    return this.#stream.cancel(reason);
  }

  chunk(value: unknown): void {
    this.value = value;
    this.#waiting?.resolve(true);
  }

  close(): void {
    this.#waiting?.resolve(false);
  }

  error(reason: unknown): void {
    this.#waiting?.reject(reason);
  }
}

export class Writing {
  readonly #stream: WritableCore;

  /** Locks `stream`, which must not be locked. */
  constructor(stream: WritableCore) {
    this.#stream = stream;
    new Writer(stream);
  }

  write(chunk: unknown): Promise<void> {
    return this.#stream.write(chunk);
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  abort(reason: unknown): Promise<void> {
    return this.#stream.abort(reason);
  }
}
