/**
 * Requests and links that wait for a Worker's thread, in the order in which they came. Main thread of
 * the host; one per worker-slot.ts.
 */
import type { Exchange } from "./exchange.ts";
import type { Refusal } from "./refusals.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** Gets the thread that serves, or why there is none. */
export type LinkWaiter = (outcome: WorkerThread | Refusal) => void;

export const PARKED_LIMIT = 10_000;

export class WaitingRoom {
  readonly #exchanges: Set<Exchange> = new Set();
  #links: LinkWaiter[] = [];

  get isFull(): boolean {
    return this.#exchanges.size >= PARKED_LIMIT;
  }

  /** A request leaves by itself when its client does. */
  park(exchange: Exchange): void {
    this.#exchanges.add(exchange);
    exchange.park(() => this.#exchanges.delete(exchange));
  }

  addLink(waiter: LinkWaiter): void {
    this.#links.push(waiter);
  }

  /** Everybody; the room is empty after that. */
  leave(): { readonly exchanges: readonly Exchange[]; readonly links: readonly LinkWaiter[] } {
    const links = this.#links;
    const exchanges = [...this.#exchanges];
    this.#links = [];
    this.#exchanges.clear();
    return { exchanges, links };
  }
}
