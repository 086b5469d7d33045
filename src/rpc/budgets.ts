/**
 * How many Workers a request has called, as far as this thread knows (spec/rpc.md 8): one counter for all
 * sessions of a request that are open here, and for the waitUntil work after them. Owned by the engine,
 * used by links when they accept a session. Counted, not weakly held: a map of weak references has to be
 * searched for dead ones, which costs a short call more than all else that its callee does.
 */
import type { Context, EndListener } from "./contract.ts";
import type { SharedBudget } from "./contracts/core.ts";
import { MAX_INVOCATIONS } from "./limits.ts";

export class Budgets {
  readonly #open: Map<string, RequestBudget> = new Map();

  /** Requests that are open here. */
  get size(): number {
    return this.#open.size;
  }

  /** That of a request, of which the caller knows `known` invocations. `requestId` "": nobody else's. */
  of(requestId: string, known: number): SharedBudget {
    const existing = this.#open.get(requestId);
    if (existing === undefined) return new RequestBudget(this.#open, requestId, known);
    existing.invocations = Math.max(existing.invocations, known);
    existing.warned ||= known > MAX_INVOCATIONS;
    return existing;
  }
}

class RequestBudget implements SharedBudget, EndListener {
  invocations: number;
  warned: boolean;
  readonly #open: Map<string, RequestBudget>;
  readonly #requestId: string;
  #holders = 0;

  constructor(open: Map<string, RequestBudget>, requestId: string, known: number) {
    this.#open = open;
    this.#requestId = requestId;
    this.invocations = known;
    this.warned = known > MAX_INVOCATIONS;
  }

  hold(): void {
    this.#holders += 1;
    if (this.#holders === 1 && this.#requestId !== "") this.#open.set(this.#requestId, this);
  }

  /** An object's context outlives its events; any other goes on until its waitUntil work is done. */
  release(context: Context): void {
    if (context.kind === "durable-object") this.onContextEnd();
    else context.addEndListener(this);
  }

  onContextEnd(): void {
    this.#holders -= 1;
    if (this.#holders > 0 || this.#open.get(this.#requestId) !== this) return;
    this.#open.delete(this.#requestId);
  }
}
