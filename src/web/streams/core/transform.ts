/**
 * A TransformStream made in JavaScript: a JsWritable and a DefaultReadable with a transformer
 * between them (the standard's TransformStream and its controller in one).
 */
import { DefaultReadable, PENDING, type SizeFunction } from "./default-readable.ts";
import { JsWritable } from "./js-writable.ts";
import { attempt, Deferred, isPlain, react, soon } from "./promises.ts";
import { transformNotReadable, transformTerminated } from "./texts.ts";

/** All of them are there, so that nobody finds others on a patched Object.prototype. */
export interface TransformAlgorithms {
  readonly start: (() => unknown) | undefined;
  /** Undefined: chunks pass as they are. */
  readonly transform: ((chunk: unknown) => unknown) | undefined;
  readonly flush: (() => unknown) | undefined;
  readonly cancel: ((reason: unknown) => unknown) | undefined;
}

/** Of a stream that has ended: what comes is dropped. */
const NO_TRANSFORMER: TransformAlgorithms = {
  start: undefined,
  transform: () => undefined,
  flush: undefined,
  cancel: undefined,
};

export interface SideOptions {
  readonly highWaterMark: number;
  readonly size?: SizeFunction;
}

export class TransformCore {
  readonly readable: DefaultReadable;
  readonly writable: JsWritable;
  #transformer: TransformAlgorithms;
  /** The readable side is full; undefined before the first look. */
  #backpressure = true;
  /** A chunk that the writable side holds until it is wanted. */
  #waiting: { readonly chunk: unknown } | undefined;
  /** The readable side waits for `pullDone`. */
  #isPulled = false;
  /** The one end that both `flush` and `cancel` may reach. */
  #finishing: Deferred<void> | undefined;

  /** Nothing runs before `begin`. */
  constructor(transformer: TransformAlgorithms, readable: SideOptions, writable: SideOptions) {
    this.#transformer = transformer;
    const started = new Deferred<unknown>();
    this.#start = started;
    const start = (): unknown => started.promise;
    this.readable = new DefaultReadable(
      { start, pull: () => this.#pulled(), cancel: (reason) => this.#cancelled(reason) },
      readable.highWaterMark,
      readable.size,
    );
    this.writable = new JsWritable(
      {
        start,
        write: (chunk) => this.#write(chunk),
        close: () => this.#closed(),
        abort: (reason) => this.#aborted(reason),
      },
      writable.highWaterMark,
      writable.size,
    );
  }

  readonly #start: Deferred<unknown>;

  /** Calls the transformer's `start`; what it throws is the failure of both sides. */
  begin(): this {
    this.writable.begin();
    this.readable.begin();
    try {
      this.#start.resolve(this.#transformer.start?.());
    } catch (error) {
      this.error(error);
      this.#start.resolve(undefined);
    }
    return this;
  }

  get desiredSize(): number | null {
    return this.readable.desiredSize;
  }

  /** Throws if the readable side has ended, or its size function does. */
  enqueue(chunk: unknown): void {
    const { readable } = this;
    if (!readable.isOpen) throw new TypeError(transformNotReadable);
    if (!readable.enqueue(chunk)) {
      this.#failWritable(readable.storedError);
      throw readable.storedError;
    }
    if (readable.hasBackpressure !== this.#backpressure) this.#setBackpressure(true);
  }

  /** Both sides fail. */
  error(error: unknown): void {
    this.readable.error(error);
    this.#failWritable(error);
  }

  /** The readable side ends, the writable fails. */
  terminate(): void {
    if (this.readable.isOpen) this.readable.close();
    this.#failWritable(new TypeError(transformTerminated));
  }

  #write(chunk: unknown): unknown {
    if (!this.#backpressure) return this.#transform(chunk);
    this.#waiting = { chunk };
    return PENDING;
  }

  /** The readable side wants the chunk that waits. */
  readonly #transformWaiting = (): void => {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const { writable } = this;
    if (waiting === undefined) return;
    if (writable.state === "erroring") {
      writable.writeFailed(writable.storedError);
      return;
    }
    let result: unknown;
    try {
      result = this.#transform(waiting.chunk);
    } catch (error) {
      writable.writeFailed(error);
      return;
    }
    if (isPlain(result)) writable.writeDone();
    else {
      react(
        result as Promise<unknown>,
        () => writable.writeDone(),
        (error) => writable.writeFailed(error),
      );
    }
  };

  /** Its failure is that of both sides. */
  #transform(chunk: unknown): unknown {
    const { transform } = this.#transformer;
    if (transform === undefined) {
      this.enqueue(chunk);
      return undefined;
    }
    let result: unknown;
    try {
      result = transform(chunk);
    } catch (error) {
      this.error(error);
      throw error;
    }
    return isPlain(result) ? undefined : this.#settled(result);
  }

  async #settled(result: unknown): Promise<void> {
    try {
      await result;
    } catch (error) {
      this.error(error);
      throw error;
    }
  }

  #closed(): Promise<void> {
    if (this.#finishing !== undefined) return this.#finishing.promise;
    const transformer = this.#transformer;
    const { readable } = this;
    const finishing = this.#finish(() => transformer.flush?.());
    react(
      finishing.result,
      () => {
        if (readable.state === "errored") finishing.deferred.reject(readable.storedError);
        else {
          if (readable.isOpen) readable.close();
          finishing.deferred.resolve();
        }
      },
      (error) => {
        readable.error(error);
        finishing.deferred.reject(error);
      },
    );
    return finishing.deferred.promise;
  }

  #aborted(reason: unknown): Promise<void> {
    if (this.#finishing !== undefined) return this.#finishing.promise;
    const transformer = this.#transformer;
    const { readable } = this;
    const finishing = this.#finish(() => transformer.cancel?.(reason));
    react(
      finishing.result,
      () => {
        if (readable.state === "errored") finishing.deferred.reject(readable.storedError);
        else {
          readable.error(reason);
          finishing.deferred.resolve();
        }
      },
      (error) => {
        readable.error(error);
        finishing.deferred.reject(error);
      },
    );
    return finishing.deferred.promise;
  }

  #cancelled(reason: unknown): Promise<void> {
    if (this.#finishing !== undefined) return this.#finishing.promise;
    const transformer = this.#transformer;
    const { writable } = this;
    const finishing = this.#finish(() => transformer.cancel?.(reason));
    react(
      finishing.result,
      () => {
        if (writable.state === "errored") finishing.deferred.reject(writable.storedError);
        else {
          this.#failOnlyWritable(reason);
          finishing.deferred.resolve();
        }
      },
      (error) => {
        this.#failOnlyWritable(error);
        finishing.deferred.reject(error);
      },
    );
    return finishing.deferred.promise;
  }

  /** Calls the last of the transformer's functions. */
  #finish(last: () => unknown): {
    readonly deferred: Deferred<void>;
    readonly result: Promise<unknown>;
  } {
    const deferred = new Deferred<void>();
    this.#finishing = deferred;
    const result = attempt(last);
    this.#transformer = NO_TRANSFORMER;
    return { deferred, result };
  }

  /** TransformStreamErrorWritableAndUnblockWrite */
  #failWritable(error: unknown): void {
    this.#transformer = NO_TRANSFORMER;
    this.#failOnlyWritable(error);
  }

  #failOnlyWritable(error: unknown): void {
    this.writable.error(error);
    if (this.#backpressure) this.#setBackpressure(false);
  }

  /** The readable side wants more: ends when it has enough. */
  #pulled(): typeof PENDING {
    this.#isPulled = true;
    this.#setBackpressure(false);
    return PENDING;
  }

  #setBackpressure(backpressure: boolean): void {
    this.#backpressure = backpressure;
    if (backpressure && this.#isPulled) {
      this.#isPulled = false;
      this.readable.pullDone();
    } else if (!backpressure && this.#waiting !== undefined) soon(this.#transformWaiting);
  }
}
