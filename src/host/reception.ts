/**
 * Who wants something of a Worker: served by its thread, waiting for one, or refused with the reason. Main
 * thread of the host; one per worker-slot.ts, which says when there is a thread or a reason.
 */
import type { Delivery } from "./delivery.ts";
import { failureOf, type Refusal, tooManyWait } from "./refusals.ts";
import { type LinkWaiter, PARKED_LIMIT, WaitingRoom } from "./waiting-room.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface ReceptionOwner {
  readonly name: string;
  /** The serving thread. */
  readonly live: WorkerThread | undefined;
  /** The thread is given something to do. */
  onServed(): void;
  /** Somebody waits for a thread. */
  wake(): void;
}

export class Reception {
  readonly #owner: ReceptionOwner;
  readonly #waiting: WaitingRoom = new WaitingRoom();
  #refusal: Refusal | undefined;

  constructor(owner: ReceptionOwner) {
    this.#owner = owner;
  }

  /** Why nobody is served who comes without a thread; undefined: he waits. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** Serves the request or event now, later, or says why not. */
  dispatch(delivery: Delivery): void {
    const { live, name } = this.#owner;
    // It may be ended with whatever it is given now: the next one gets it, or this one if it hears.
    if (live?.isSuspect === true && !this.#waiting.isFull) this.#waiting.park(delivery);
    else if (live?.http !== undefined) {
      this.#owner.onServed();
      live.http.start(delivery);
    } else if (this.#refusal !== undefined) {
      delivery.fail(failureOf(this.#refusal));
    } else if (this.#waiting.isFull) {
      delivery.fail(tooManyWait(name, PARKED_LIMIT));
    } else {
      this.#waiting.park(delivery);
      this.#owner.wake();
    }
  }

  /** Calls back with the live thread, as soon as there is one, or with the refusal. */
  whenLinkable(waiter: LinkWaiter): void {
    const outcome = this.#owner.live ?? this.#refusal;
    if (outcome === undefined) {
      this.#waiting.addLink(waiter);
      this.#owner.wake();
    } else waiter(outcome);
  }

  /** Whoever comes now waits, until there is a thread. */
  open(): void {
    this.#refusal = undefined;
  }

  refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    this.settle();
  }

  /** Parked requests and waiting links get the live thread or the refusal. */
  settle(): void {
    const { links, deliveries } = this.#waiting.leave();
    for (const waiter of links) this.whenLinkable(waiter);
    for (const delivery of deliveries) this.dispatch(delivery);
  }
}
