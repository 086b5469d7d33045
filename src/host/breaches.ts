/**
 * What has been done about the breaches of one Worker: each is told once, each thread is ended once,
 * and a request that lost its thread to another one's breach is asked again once (it may have been
 * the guilty one after all). Owned by a worker-slot.ts.
 */
import { type Breach, breachFailure, guiltyRequest } from "./breach.ts";
import type { Delivery } from "./delivery.ts";
import { OrphanTraces } from "./orphan-traces.ts";
import { WORKER_CRASHED } from "./web-socket-ends.ts";
import type { WorkerThread } from "./worker-thread.ts";

export class Breaches {
  /** What ended threads had to say. */
  readonly orphans: OrphanTraces = new OrphanTraces();
  readonly #told: WeakMap<WorkerThread, Set<string>> = new WeakMap();
  readonly #ending: WeakSet<WorkerThread> = new WeakSet();
  readonly #askedAgain: WeakSet<Delivery> = new WeakSet();

  /** Answers the request that is guilty, if one is. False: that has been done before. */
  tell(thread: WorkerThread, breach: Breach): boolean {
    const key = `${breach.message}${breach.invocation}`;
    const told = this.#told.get(thread) ?? new Set();
    if (told.has(key)) return false;
    this.#told.set(thread, told.add(key));
    const delivery = guiltyRequest(thread, breach);
    // It is a WebSocket by now.
    if (delivery?.isDone === true) delivery.shutDown(WORKER_CRASHED);
    else delivery?.fail(breachFailure(breach));
    return true;
  }

  /** True the first time: the caller ends the thread. */
  beginEnd(thread: WorkerThread): boolean {
    if (this.#ending.has(thread)) return false;
    this.#ending.add(thread);
    return true;
  }

  /** Whether a request that an ended thread left open may be asked of the next one. */
  mayAskAgain(delivery: Delivery): boolean {
    if (!delivery.isReplayable || this.#askedAgain.has(delivery)) return false;
    this.#askedAgain.add(delivery);
    return true;
  }
}
