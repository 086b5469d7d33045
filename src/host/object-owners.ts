/**
 * Which generation of a Worker runs its Durable Objects: one at a time, for their files have one
 * writer. A thread that is replaced ends its objects and closes the files; the one that follows may
 * run them when all before it have done so, or are gone. Main thread of the host; one per slot.
 */
import type { WorkerThread } from "./worker-thread.ts";

/** For what runs in objects of a replaced thread; callers of the new one wait meanwhile. */
const RELEASE_MS = 2_000;

export class ObjectOwners {
  /** Threads that may still have files open. */
  readonly #before: Set<WorkerThread> = new Set();
  #current: WorkerThread | undefined;
  #isReload = false;

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

  /** The thread says so, or is gone. */
  onReleased(thread: WorkerThread): void {
    if (this.#current === thread) this.#current = undefined;
    if (this.#before.delete(thread)) this.#grant();
  }

  #grant(): void {
    if (this.#before.size > 0) return;
    this.#current?.post({ type: "own-objects", isReload: this.#isReload });
  }
}
