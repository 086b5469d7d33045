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
  /** Ends of the list of those that are told, in the order added. */
  #firstListener: EndListener | undefined;
  #lastListener: EndListener | undefined;
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
    const listener = { onContextEnd: cleanup, earlier: undefined, later: undefined };
    this.addEndListener(listener);
    return () => this.removeEndListener(listener);
  }

  /** After the end, `listener` is told at once. */
  addEndListener(listener: EndListener): void {
    if (this.#ended) {
      listener.onContextEnd(this.#reason);
      return;
    }
    const last = this.#lastListener;
    listener.earlier = last;
    if (last === undefined) this.#firstListener = listener;
    else last.later = listener;
    this.#lastListener = listener;
  }

  removeEndListener(listener: EndListener): void {
    const { earlier, later } = listener;
    if (earlier === undefined) {
      if (this.#firstListener !== listener) return;
      this.#firstListener = later;
    } else earlier.later = later;
    if (later === undefined) this.#lastListener = earlier;
    else later.earlier = earlier;
    listener.earlier = undefined;
    listener.later = undefined;
  }

  end(reason?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    for (let next = this.#firstListener; next !== undefined; next = this.#firstListener) {
      this.removeEndListener(next);
      next.onContextEnd(reason);
    }
    this.#idle = undefined;
  }
}
