/**
 * Brings one version of a Worker after the other into a thread: takes one, has it evaluate, and gives up what
 * a newer version has overtaken. Main thread of the host; owned by worker-slot.ts, which hears from the
 * thread itself how it went.
 */
import { type SerializedError, serializeError } from "../protocol/errors.ts";
import type { SlotContext } from "./slot-context.ts";
import type { Taker } from "./spares.ts";
import type { ThreadOwner, Version, WorkerThread } from "./worker-thread.ts";

/** When a Worker that is still evaluating is worth a line in the log. */
const SLOW_MS = 5000;

export interface LoadingOwner extends ThreadOwner, Taker {
  readonly name: string;
  /** There is no thread for the version that is being loaded. */
  onNoThread(error: SerializedError): void;
  /** Its top-level code has been running for `ms`. */
  onSlowStart(ms: number): void;
}

export class Loading {
  readonly #owner: LoadingOwner;
  readonly #context: SlotContext;
  /** Compared after each await. */
  #version: Version | undefined;
  #thread: WorkerThread | undefined;

  constructor(owner: LoadingOwner, context: SlotContext) {
    this.#owner = owner;
    this.#context = context;
  }

  get version(): Version | undefined {
    return this.#version;
  }

  /** The thread that evaluates it, once there is one. */
  get thread(): WorkerThread | undefined {
    return this.#thread;
  }

  /** In place of what was being loaded. */
  async begin(version: Version): Promise<void> {
    this.#version = version;
    if (this.#thread !== undefined) this.discard(this.#thread);
    this.#thread = undefined;
    const { spares, onWork, settings, debuggers } = this.#context;
    const owner = this.#owner;
    let thread: WorkerThread;
    try {
      thread = await spares.take(owner);
    } catch (error) {
      if (this.#version === version) owner.onNoThread(serializeError(error));
      return;
    }
    if (this.#version !== version) return spares.giveBack(thread);
    this.#thread = thread;
    thread.owner = owner;
    const attached = debuggers.beforeLoad(owner.name, thread, version);
    if (attached !== undefined) await attached;
    if (thread !== this.#thread) return;
    onWork(owner.name);
    thread.load(version, settings());
    // A loop or an await without end at the top level would otherwise look like a hung session.
    setTimeout(() => {
      if (thread === this.#thread && !thread.isDebugged) owner.onSlowStart(SLOW_MS);
    }, SLOW_MS).unref();
  }

  /** It was evaluated, or failed to: what it was. The thread is the caller's. */
  finish(): Version | undefined {
    const version = this.#version;
    this.#version = undefined;
    this.#thread = undefined;
    return version;
  }

  /** Nothing is loaded any more. */
  cancel(): void {
    const thread = this.#thread;
    this.finish();
    if (thread !== undefined) this.discard(thread);
  }

  /** Ends a thread that never came to serve. */
  discard(thread: WorkerThread): void {
    thread.http?.close();
    thread.terminate();
    this.#context.spares.settled(thread);
  }
}
