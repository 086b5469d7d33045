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
  /**
   * The last one that was asked for, looked at first: calls of one request come one after the other. Nobody may
   * hold it any more; it is forgotten with the next request.
   */
  #recent: RequestBudget | undefined;

  /** Requests that are open here. */
  get size(): number {
    return this.#open.size - (this.#recent?.isHeld === false ? 1 : 0);
  }

  /** That of a request, of which the caller knows `known` invocations. `requestId` "": nobody else's. */
  of(requestId: string, known: number): SharedBudget {
    if (requestId === "") return new RequestBudget(this, requestId, known);
    const recent = this.#recent;
    const existing = recent?.requestId === requestId ? recent : this.#open.get(requestId);
    if (existing !== undefined) {
      existing.hear(known);
      return existing;
    }
    const budget = new RequestBudget(this, requestId, known);
    if (recent?.isHeld === false) this.#open.delete(recent.requestId);
    this.#recent = budget;
    this.#open.set(requestId, budget);
    return budget;
  }

  /** Nobody holds it any more. */
  onFree(budget: RequestBudget): void {
    if (budget !== this.#recent) this.#open.delete(budget.requestId);
  }
}

class RequestBudget implements SharedBudget {
  invocations: number;
  warned: boolean;
  readonly requestId: string;
  readonly #budgets: Budgets;
  #holders = 0;

  constructor(budgets: Budgets, requestId: string, known: number) {
    this.#budgets = budgets;
    this.requestId = requestId;
    this.invocations = known;
    this.warned = known > MAX_INVOCATIONS;
  }

  get isHeld(): boolean {
    return this.#holders > 0;
  }

  /** Another session of the request, or the first one after the others are over. */
  hear(known: number): void {
    const isNew = this.#holders === 0;
    this.invocations = isNew ? known : Math.max(this.invocations, known);
    this.warned = known > MAX_INVOCATIONS || (this.warned && !isNew);
  }

  hold(): void {
    this.#holders += 1;
  }

  /** An object's context outlives its events; any other goes on until its waitUntil work is done. */
  release(context: Context): void {
    if (context.kind === "durable-object") this.drop();
    else context.addEndListener(new Release(this));
  }

  drop(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#budgets.onFree(this);
  }
}

/** Gives a budget back with the end of a context. */
class Release implements EndListener {
  earlier: EndListener | undefined;
  later: EndListener | undefined;
  readonly #budget: RequestBudget;

  constructor(budget: RequestBudget) {
    this.#budget = budget;
  }

  onContextEnd(): void {
    this.#budget.drop();
  }
}
