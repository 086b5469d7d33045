/**
 * The turns of one object: an event is delivered, microtasks drain, then the turn ends: what was
 * written in it is committed, what was held back leaves, and the next event may be delivered
 * (spec/durable-objects.md 8, 25.3). Two events never share a turn, else `await get` of one would
 * interleave with the other. One per live instance, in the owner's thread.
 */
export class Turns {
  readonly #onEnd: () => void;
  #isScheduled = false;
  #hasEvent = false;
  #jobs = 0;

  /** `onEnd`: called between two turns, outside of any invocation. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** An event was delivered in this turn: the next one has to wait. */
  get hasEvent(): boolean {
    return this.#hasEvent;
  }

  /** An event is about to be delivered. */
  begin(): void {
    this.#hasEvent = true;
    this.touch();
  }

  /** Something happened that the end of the turn has to see to. */
  touch(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(endTurn, this);
  }

  /** The turn goes on until the returned function is called: a native job's result belongs to it. */
  extend(): () => void {
    this.#jobs += 1;
    this.#hasEvent = true;
    return () => {
      this.#jobs -= 1;
      this.touch();
    };
  }

  end(): void {
    this.#isScheduled = false;
    if (this.#jobs > 0) return;
    this.#hasEvent = false;
    this.#onEnd();
  }
}

function endTurn(turns: Turns): void {
  turns.end();
}
