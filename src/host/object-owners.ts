/**
 * Which generation of a Worker runs its Durable Objects: one at a time, for their files have one
 * writer. A thread that is replaced ends its objects and closes the files; the one that follows may
 * run them when all before it have done so, or are gone. Main thread of the host; one per slot.
 */
import type { WorkerThread } from "./worker-thread.ts";

/** For what runs in objects of a replaced thread; callers of the new one wait meanwhile. */
const RELEASE_MS = 2_000;
/**
 * A thread that was ended has its files open until it is gone, which takes moments. It never is while it is in a
 * native call: then callers of the new one hear so.
 */
const GONE_MS = 5_000;

export class ObjectOwners {
  /** Threads that may still have files open. */
  readonly #before: Set<WorkerThread> = new Set();
  #current: WorkerThread | undefined;
  #isReload = false;
  /** Threads that were ended, are not gone, and are not waited for any more. */
  readonly #held: Set<WorkerThread> = new Set();
  /** Another session ran them when the generation before gave them up. */
  #isElsewhere = false;

  /** `current` serves from now on, after `previous` if that is still there. */
  switchTo(current: WorkerThread, previous: WorkerThread | undefined): void {
    this.#current = current.hasObjects ? current : undefined;
    this.#isReload = previous?.hasObjects === true;
    if (previous?.hasObjects === true) {
      this.#before.add(previous);
      previous.post({ type: "release-objects", limitMs: RELEASE_MS });
    }
    this.#grant();
  }

  /** Nobody follows: the session ends. */
  release(thread: WorkerThread, limitMs: number): void {
    if (this.#current === thread) this.#current = undefined;
    if (thread.hasObjects) thread.post({ type: "release-objects", limitMs });
  }

  /** The thread was told to end, or has ended by itself. */
  onEnded(thread: WorkerThread): void {
    const mayHaveOpen = this.#current === thread || this.#before.has(thread);
    if (thread.isGone || !mayHaveOpen) {
      this.onReleased(thread);
      return;
    }
    this.#current = this.#current === thread ? undefined : this.#current;
    this.#before.add(thread);
    const timer = setTimeout(() => {
      this.#held.add(thread);
      this.onReleased(thread);
    }, GONE_MS).unref();
    thread.worker.once("exit", () => {
      clearTimeout(timer);
      this.#held.delete(thread);
      this.onReleased(thread);
    });
  }

  /** The thread says that it has closed its files, and whether another session ran the objects; or it is gone. */
  onReleased(thread: WorkerThread, isElsewhere = false): void {
    if (this.#current === thread) this.#current = undefined;
    if (this.#before.has(thread)) this.#isElsewhere = isElsewhere;
    if (this.#before.delete(thread)) this.#grant();
  }

  #grant(): void {
    if (this.#before.size > 0) return;
    this.#current?.post({
      type: "own-objects",
      isReload: this.#isReload,
      isHeld: this.#held.size > 0,
      isElsewhere: this.#isElsewhere,
    });
  }
}
