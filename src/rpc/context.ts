/**
 * One invocation as the engine sees it: what keeps it alive and what ends with it. The runtime
 * makes one per invocation and keeps it in AsyncLocalStorage; it lives in the Worker's thread.
 */
import type { Context, Gates, TraceInfo } from "./contract.ts";

export interface RpcContextOptions {
  readonly trace: TraceInfo;
  readonly kind: "request" | "durable-object";
  readonly gates?: Gates;
}

export class RpcContext implements Context {
  readonly trace: TraceInfo;
  readonly kind: "request" | "durable-object";
  declare readonly gates?: Gates;
  #pending = 0;
  #ended = false;
  #reason: unknown;
  /** The first clean-up of many contexts is the only one: it needs no Set. */
  #cleanup: ((reason: unknown) => void) | undefined;
  #moreCleanups: Set<(reason: unknown) => void> | undefined;
  #idle: Set<() => void> | undefined;

  constructor(options: RpcContextOptions) {
    this.trace = options.trace;
    this.kind = options.kind;
    if (options.gates !== undefined) this.gates = options.gates;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Why it ended; undefined while it runs and after an orderly end. */
  get reason(): unknown {
    return this.#reason;
  }

  get pending(): number {
    return this.#pending;
  }

  hold(): () => void {
    this.acquire();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.drop();
    };
  }

  acquire(): void {
    this.#pending += 1;
  }

  drop(): void {
    this.#pending -= 1;
    if (this.#pending > 0 || this.#idle === undefined) return;
    for (const listener of [...this.#idle]) listener();
  }

  onIdle(listener: () => void): () => void {
    this.#idle ??= new Set();
    const idle = this.#idle.add(listener);
    return () => idle.delete(listener);
  }

  /** After the end, `cleanup` runs at once. */
  onEnd(cleanup: (reason: unknown) => void): () => void {
    if (this.#ended) {
      cleanup(this.#reason);
      return () => {};
    }
    if (this.#cleanup === undefined) this.#cleanup = cleanup;
    else {
      this.#moreCleanups ??= new Set();
      this.#moreCleanups.add(cleanup);
    }
    return () => {
      if (this.#cleanup === cleanup) this.#cleanup = undefined;
      else this.#moreCleanups?.delete(cleanup);
    };
  }

  end(reason?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    const first = this.#cleanup;
    const more = this.#moreCleanups;
    this.#cleanup = undefined;
    this.#moreCleanups = undefined;
    first?.(reason);
    for (const cleanup of more ?? []) cleanup(reason);
    this.#idle = undefined;
  }
}
