/**
 * A WebSocket to elsewhere that keeps its invocation: from the moment it is open and accepted until its `close` has been told,
 * it counts as waitUntil work, as in production (docs/parity.md). Ends of a pair within the Worker do not.
 * Used by client.ts (servers outside) and streams.ts (other Workers and objects).
 */
import type { Invocation } from "../../isolate/invocation.ts";

export class KeptSocket {
  readonly #invocation: Invocation | undefined;
  #isOver = false;
  #release: (() => void) | undefined;

  /** Undefined: the runtime's own. */
  constructor(invocation: Invocation | undefined) {
    this.#invocation = invocation;
  }

  begin(): void {
    if (!this.#isOver) this.#release ??= this.#invocation?.keepForSocket();
  }

  /** Nothing more comes: what listeners begin when they hear of that still counts. */
  end(): void {
    this.#isOver = true;
    this.#release?.();
    this.#release = undefined;
  }
}
