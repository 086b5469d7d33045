/**
 * Requests, events and links that wait for a Worker's thread, in the order in which they came. Main thread of
 * the host; one per worker-slot.ts.
 */
import type { Delivery } from "./delivery.ts";
import type { Refusal } from "./refusals.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** Gets the thread that serves, or why there is none. */
export type LinkWaiter = (outcome: WorkerThread | Refusal) => void;

export const PARKED_LIMIT = 10_000;

export class WaitingRoom {
  readonly #deliveries: Set<Delivery> = new Set();
  #links: LinkWaiter[] = [];

  get isFull(): boolean {
    return this.#deliveries.size >= PARKED_LIMIT;
  }

  /** A request leaves by itself when its client does. */
  park(delivery: Delivery): void {
    this.#deliveries.add(delivery);
    delivery.park(() => this.#deliveries.delete(delivery));
  }

  addLink(waiter: LinkWaiter): void {
    this.#links.push(waiter);
  }

  /** Everybody; the room is empty after that. */
  leave(): { readonly deliveries: readonly Delivery[]; readonly links: readonly LinkWaiter[] } {
    const links = this.#links;
    const deliveries = [...this.#deliveries];
    this.#links = [];
    this.#deliveries.clear();
    return { deliveries, links };
  }
}
