/**
 * One invocation as the engine sees it: what keeps it alive and what ends with it. The runtime
 * makes one per invocation and keeps it in AsyncLocalStorage; it lives in the Worker's thread.
 */
import type { Context, EndListener, Gates, TraceInfo } from "./contract.ts";

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
  /** The first listener of many contexts is the only one: it needs no Set. */
  #endListener: EndListener | undefined;
  #moreEndListeners: Set<EndListener> | undefined;
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

  onEnd(cleanup: (reason: unknown) => void): () => void {
    const listener = { onContextEnd: cleanup };
    this.addEndListener(listener);
    return () => this.removeEndListener(listener);
  }

  /** After the end, `listener` is told at once. */
  addEndListener(listener: EndListener): void {
    if (this.#ended) listener.onContextEnd(this.#reason);
    else if (this.#endListener === undefined) this.#endListener = listener;
    else {
      this.#moreEndListeners ??= new Set();
      this.#moreEndListeners.add(listener);
    }
  }

  removeEndListener(listener: EndListener): void {
    if (this.#endListener === listener) this.#endListener = undefined;
    else this.#moreEndListeners?.delete(listener);
  }

  end(reason?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    const first = this.#endListener;
    const more = this.#moreEndListeners;
    this.#endListener = undefined;
    this.#moreEndListeners = undefined;
    first?.onContextEnd(reason);
    for (const listener of more ?? []) listener.onContextEnd(reason);
    this.#idle = undefined;
  }
}
