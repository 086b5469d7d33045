/**
 * How far a session has come: *settled* when every Worker has been loaded or has failed and the port is open,
 * *ready* when the primary answers besides. Each once. Owned by DevSession.
 */
import { createDeferred, type Deferred } from "../util/deferred.ts";
import type { ReadyInfo } from "./events.ts";

export interface ProgressOwner {
  /** `waiting`: where the session is reached, if the primary does not answer yet. */
  onSettled(waiting: ReadyInfo | undefined): void;
  onReady(ready: ReadyInfo): void;
}

export interface ProgressState {
  /** Every Worker has been loaded or has failed, and all is known that the session waits for. */
  readonly isComplete: boolean;
  readonly isPrimaryReady: boolean;
}

export class Progress {
  readonly #owner: ProgressOwner;
  readonly #ready: Deferred<ReadyInfo> = createDeferred();
  readonly #settled: Deferred<void> = createDeferred();
  #isSettled = false;
  #isReady = false;

  constructor(owner: ProgressOwner) {
    this.#owner = owner;
    for (const promise of [this.#ready.promise, this.#settled.promise]) {
      // Whoever waits hears of it; nobody has to wait.
      promise.catch(() => {});
    }
  }

  get ready(): Promise<ReadyInfo> {
    return this.#ready.promise;
  }

  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Something has changed; the port is open. */
  update(address: ReadyInfo, { isComplete, isPrimaryReady }: ProgressState): void {
    if (!this.#isSettled && isComplete) {
      this.#isSettled = true;
      this.#owner.onSettled(isPrimaryReady ? undefined : address);
      this.#settled.resolve();
    }
    if (this.#isSettled && !this.#isReady && isPrimaryReady) {
      this.#isReady = true;
      this.#owner.onReady(address);
      this.#ready.resolve(address);
    }
  }

  /** The session ends: what has not come will not. */
  fail(error: unknown): void {
    this.#ready.reject(error);
    this.#settled.reject(error);
  }
}
