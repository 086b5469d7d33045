/**
 * What all kinds of WritableStreams are to their writer, to pipes and to the runtime. User code
 * never sees these objects. Kinds: js-writable.ts (made in JavaScript), native-writable.ts (a sink
 * of bytes in the runtime).
 */
import type { Context } from "../../../rpc/contract.ts";
import { LazyPromise } from "./promises.ts";
import { writerReleased } from "./texts.ts";

export type WritableState = "writable" | "erroring" | "errored" | "closed";

export abstract class WritableCore {
  state: WritableState = "writable";
  storedError: unknown;
  writer: Writer | undefined;
  /** The invocation that it belongs to (spec/rpc.md 4.4); undefined: nobody. */
  owner: Context | undefined;

  readonly isNative: boolean = false;

  /** Null once it has failed or is about to. */
  abstract readonly desiredSize: number | null;
  /** Its `close` was called, or it is closed. */
  abstract readonly isClosing: boolean;
  /** Whoever writes more should wait for `ready`. */
  abstract readonly hasBackpressure: boolean;

  /** Of the writer that holds it: settles when the sink has taken it. */
  abstract write(chunk: unknown): Promise<void>;
  /** The same for a pipe; answers what to wait for before the next, if anything. Never throws. */
  abstract writePiped(chunk: unknown): Promise<unknown> | undefined;
  /** Settles when nothing that was written is under way any more. Undefined: nothing is. */
  abstract drained(): Promise<unknown> | undefined;
  abstract close(): Promise<void>;
  abstract abort(reason: unknown): Promise<void>;

  get isLocked(): boolean {
    return this.writer !== undefined;
  }
}

/** The state of a writer. */
export class Writer {
  /** Undefined once released. */
  stream: WritableCore | undefined;
  readonly closed: LazyPromise = new LazyPromise();
  readonly ready: LazyPromise = new LazyPromise();
  readonly #rejectsReady: boolean;

  /** Locks `stream`, which must not be locked. `rejectsReady`: on release, as the standard has it. */
  constructor(stream: WritableCore, rejectsReady = true) {
    this.stream = stream;
    this.#rejectsReady = rejectsReady;
    stream.writer = this;
    const { state, storedError } = stream;
    if (state === "errored") this.closed.reject(storedError);
    else if (state === "closed") this.closed.resolve();
    if ((state === "erroring" || state === "errored") && !stream.isNative) {
      this.ready.reject(storedError);
    } else if (state !== "writable" || stream.isClosing || !stream.hasBackpressure) {
      this.ready.resolve();
    }
  }

  release(): void {
    const stream = this.stream;
    if (stream === undefined) return;
    const error = new TypeError(writerReleased);
    if (this.#rejectsReady) this.ready.reject(error);
    this.closed.reject(error);
    stream.writer = undefined;
    this.stream = undefined;
  }
}
