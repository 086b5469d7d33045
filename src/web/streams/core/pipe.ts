/**
 * `pipeTo`: from any kind of readable to any kind of writable (the standard's ReadableStreamPipeTo).
 * Chunks that are there move without a promise each; what waits does so in the async context of
 * whoever started the pipe, so that sinks run on behalf of its invocation.
 */
import type { AbortSignal } from "../../events/abort-signal.ts";
import { Deferred, react } from "./promises.ts";
import { NOTHING, type ReadableCore, Reader, type ReadRequest } from "./readable.ts";
import { destinationClosed } from "./texts.ts";
import { type WritableCore, Writer } from "./writable.ts";

export interface PipeOptions {
  readonly preventClose: boolean;
  readonly preventAbort: boolean;
  readonly preventCancel: boolean;
  readonly signal?: AbortSignal;
  /** `pipe_to_backward_propagation`: what ends the destination ends the pipe at once. */
  readonly watchesDestination: boolean;
}

/** Both must be unlocked. Settles when the pipe has ended. */
export function pipe(
  source: ReadableCore,
  destination: WritableCore,
  options: PipeOptions,
): Promise<void> {
  return new Pipe(source, destination, options).done.promise;
}

/** Chunks that move without letting others in. */
const AT_ONCE = 8;

interface Failure {
  readonly error: unknown;
}

class Pipe {
  readonly done: Deferred<void> = new Deferred();
  readonly #source: ReadableCore;
  readonly #destination: WritableCore;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #options: PipeOptions;
  #isShuttingDown = false;
  /** What the pipe waits for, or what has arrived and is not written yet. */
  #next: NextChunk | undefined;

  constructor(source: ReadableCore, destination: WritableCore, options: PipeOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#reader = new Reader(source, false);
    this.#writer = new Writer(destination);
    source.disturbed = true;
    const { signal } = options;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#aborted();
        return;
      }
      signal.addEventListener("abort", this.#aborted);
    }
    if (this.#checkStates()) return;
    this.#watch();
    void this.#move();
  }

  /** In the standard's order; true if the pipe ends here. */
  #checkStates(): boolean {
    const source = this.#source;
    const destination = this.#destination;
    if (source.state === "errored") this.#sourceFailed(source.storedError);
    else if (destination.state === "errored" || destination.state === "erroring") {
      this.#destinationFailed(destination.storedError);
    } else if (source.state === "closed") this.#sourceClosed();
    else if (destination.isClosing) this.#destinationClosed();
    return this.#isShuttingDown;
  }

  #watch(): void {
    react(
      this.#reader.closed.promise,
      () => this.#sourceClosed(),
      (error) => this.#sourceFailed(error),
    );
    if (!this.#options.watchesDestination) return;
    react(
      this.#writer.closed.promise,
      () => this.#destinationClosed(),
      () => this.#destinationFailed(this.#destination.storedError),
    );
  }

  async #move(): Promise<void> {
    const source = this.#source;
    const destination = this.#destination;
    await this.#room();
    let moved = 0;
    while (!this.#isShuttingDown) {
      if (source.state !== "readable" || destination.state !== "writable") {
        if (this.#checkStates()) return;
      }
      let chunk = source.take();
      if (chunk === NOTHING) {
        const next = new NextChunk();
        this.#next = next;
        source.wait(next);
        await next.arrived.promise;
        chunk = next.value;
        this.#next = undefined;
        if (chunk === NOTHING) return;
      }
      const wait = destination.writePiped(chunk);
      if (wait !== undefined) await settling(wait);
      else if (++moved % AT_ONCE === 0) await undefined;
    }
  }

  async #room(): Promise<void> {
    const { ready } = this.#writer;
    await settling(ready.promise);
  }

  readonly #aborted = (): void => {
    const { signal, preventAbort, preventCancel } = this.#options;
    const reason: unknown = signal?.reason;
    const actions: (() => Promise<unknown>)[] = [];
    const { state } = this.#source;
    const source = this.#source;
    const destination = this.#destination;
    if (!preventCancel && state === "readable") actions.push(() => source.cancel(reason));
    if (!preventAbort && destination.state === "writable") {
      actions.push(() => destination.abort(reason));
    }
    const failure = { error: reason };
    this.#shutDown(() => allInOrder(actions), failure);
  };

  #sourceFailed(error: unknown): void {
    const failure = { error };
    if (this.#options.preventAbort) this.#shutDown(undefined, failure);
    else this.#shutDown(() => this.#destination.abort(error), failure);
  }

  #destinationFailed(error: unknown): void {
    const failure = { error };
    if (this.#options.preventCancel) this.#shutDown(undefined, failure);
    else this.#shutDown(() => this.#source.cancel(error), failure);
  }

  #sourceClosed(): void {
    if (this.#options.preventClose) this.#shutDown(undefined, undefined);
    else this.#shutDown(() => this.#closeDestination(), undefined);
  }

  #destinationClosed(): void {
    const error = new TypeError(destinationClosed);
    if (this.#options.preventCancel) this.#shutDown(undefined, { error });
    else this.#shutDown(() => this.#source.cancel(error), { error });
  }

  /** WritableStreamDefaultWriterCloseWithErrorPropagation */
  #closeDestination(): Promise<unknown> {
    const destination = this.#destination;
    if (destination.isClosing) return Promise.resolve();
    if (destination.state === "errored") return Promise.reject(destination.storedError);
    return destination.close();
  }

  /** Once: after what was read is written, `action`, then the end with its error or `failure`. */
  #shutDown(action: (() => Promise<unknown>) | undefined, failure: Failure | undefined): void {
    if (this.#isShuttingDown) return;
    this.#isShuttingDown = true;
    const destination = this.#destination;
    this.#writeArrived();
    const act = (): void => {
      if (action === undefined) this.#finish(failure);
      else {
        react(
          action(),
          () => this.#finish(failure),
          (error) => this.#finish({ error }),
        );
      }
    };
    const writing =
      destination.state === "writable" && !destination.isClosing
        ? destination.drained()
        : undefined;
    if (writing === undefined) act();
    else react(writing, act, act);
  }

  /** What was read before the end of the pipe has to arrive. */
  #writeArrived(): void {
    const next = this.#next;
    if (next === undefined || next.value === NOTHING) return;
    const { value } = next;
    next.value = NOTHING;
    void this.#destination.writePiped(value);
  }

  #finish(failure: Failure | undefined): void {
    this.#writer.release();
    this.#reader.release();
    this.#options.signal?.removeEventListener("abort", this.#aborted);
    if (failure === undefined) this.done.resolve();
    else this.done.reject(failure.error);
  }
}

/** One after the other; what the last one failed with counts first. */
async function allInOrder(actions: readonly (() => Promise<unknown>)[]): Promise<void> {
  const results = await Promise.allSettled(actions.map((action) => action()));
  for (const result of results.reverse()) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** A chunk on its way. It is no result of a promise: then a thenable would be awaited. */
class NextChunk implements ReadRequest {
  readonly arrived: Deferred<void> = new Deferred();
  value: unknown = NOTHING;

  chunk(value: unknown): void {
    this.value = value;
    this.arrived.resolve();
  }

  /** The pipe hears of the end through `closed`. */
  close(): void {
    this.arrived.resolve();
  }

  error(): void {
    this.arrived.resolve();
  }
}

/** Settles like `promise`, but never rejects: the pipe hears of failures through `closed`. */
async function settling(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch {
    // Told by the writer's `closed`.
  }
}
