/**
 * Which of several sessions runs the Durable Objects of a Worker, when they share a state folder: whoever
 * holds the lock of its classes, from the first event on until the session or its process ends. Files of
 * objects have one writer (spec/durable-objects.md 20). In the Worker's thread; owned by objects.ts.
 */
import { type FileLock, lockFile } from "../storage/sqlite/file-lock.ts";

/** How often a session asks for a lock that another one has. */
const ASK_MS = 500;
/** Who asks so has the lock for a moment when it is free, on a busy machine for a turn of the processor. */
const LOOK_MS = 500;

export interface OwnershipOptions {
  readonly path: string;
  /** It is this session's now, perhaps after it had to wait. */
  readonly onOwned: (hasWaited: boolean) => void;
  /** Said once: another session has it. */
  readonly onWait: () => void;
}

export class Ownership {
  readonly #options: OwnershipOptions;
  #isOwner = false;
  #lock: FileLock | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** It was free when it was last looked for, perhaps only while another session reloads. */
  #wasFree = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** Whether objects may run here; asks for the lock unless another session had it a moment ago. */
  has(): boolean {
    return this.#isOwner || (this.#timer === undefined && this.#ask(0));
  }

  /**
   * Asks for the lock that the generation before this one had. Another session may be looking at this moment
   * whether it is free: that is waited for, or it would take the objects over.
   */
  take(): void {
    this.#ask(LOOK_MS);
  }

  /**
   * Another session had it when the generation before this one ended. It is asked for as that one did: once it
   * is free it may only be so for the moment in which the other session reloads, for the same edit.
   */
  wait(): void {
    this.#timer ??= setInterval(() => this.#askAgain(), ASK_MS).unref();
    this.#options.onWait();
  }

  /** Every file is closed: somebody else may have it. Returns whether another session had it anyway. */
  release(): boolean {
    const hasWaited = this.#timer !== undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isOwner = false;
    this.#lock?.release();
    this.#lock = undefined;
    return hasWaited;
  }

  #ask(waitMs: number): boolean {
    if (this.#lockOrFail(waitMs)) this.#become(false);
    else this.wait();
    return this.#isOwner;
  }

  #askAgain(): void {
    const isFree = this.#lockOrFail(0);
    if (isFree && this.#wasFree) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#become(true);
      return;
    }
    this.#wasFree = isFree;
    this.#lock?.release();
    this.#lock = undefined;
  }

  #become(hasWaited: boolean): void {
    this.#isOwner = true;
    this.#options.onOwned(hasWaited);
  }

  #lockOrFail(waitMs: number): boolean {
    try {
      this.#lock = lockFile(this.#options.path, waitMs);
      return this.#lock !== undefined;
    } catch {
      // No file can be made there, by no session: each object says so when it wants to store something.
      return true;
    }
  }
}
