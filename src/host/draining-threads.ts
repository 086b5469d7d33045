/**
 * Replaced threads of one Worker that finish what they began: in-flight requests and waitUntil,
 * within a deadline. Owned by a worker-slot.ts; a thread in here takes no new work.
 */
import type { Delivery } from "./delivery.ts";
import type { WebSocketEnd } from "./web-socket-ends.ts";
import type { WorkerThread } from "./worker-thread.ts";

export class DrainingThreads {
  readonly #deadlines: Map<WorkerThread, NodeJS.Timeout> = new Map();
  readonly #onEnded: (thread: WorkerThread, left: readonly Delivery[]) => void;
  #waiters: (() => void)[] = [];

  /** `onEnded` gets what a thread left open, each time one ends. */
  constructor(onEnded: (thread: WorkerThread, left: readonly Delivery[]) => void) {
    this.#onEnded = onEnded;
  }

  has(thread: WorkerThread): boolean {
    return this.#deadlines.has(thread);
  }

  list(): WorkerThread[] {
    return [...this.#deadlines.keys()];
  }

  /**
   * Takes the thread over; it is gone in `drainMs` at the latest, whatever it is doing. Its
   * WebSockets, which may have no end, are closed at once. It is told to drain when `callersKnow`:
   * a call that was posted to it before that must not find it gone.
   */
  add(
    thread: WorkerThread,
    drainMs: number,
    webSocketEnd: WebSocketEnd,
    callersKnow: Promise<void>,
  ): void {
    thread.http?.endWebSockets(webSocketEnd);
    // Requests of this turn first: what is queued belongs to the old generation.
    thread.http?.flush();
    this.#deadlines.set(
      thread,
      setTimeout(() => this.end(thread), drainMs),
    );
    void callersKnow.then(() => {
      if (this.has(thread)) thread.post({ type: "drain" });
    });
  }

  /** The thread says that nothing runs in it any more. */
  onDrained(thread: WorkerThread): void {
    if (!this.has(thread)) return;
    const { http } = thread;
    if (http === undefined || http.size === 0) {
      this.end(thread);
      return;
    }
    // Requests and answers travel on another port: "drain" overtook the last request, or "drained"
    // the last answer. Ask again when that is over.
    http.onIdle = () => thread.post({ type: "drain" });
  }

  /** Ends the thread now. Does nothing for threads that are not in here. */
  end(thread: WorkerThread): void {
    if (!this.has(thread)) return;
    clearTimeout(this.#deadlines.get(thread));
    this.#deadlines.delete(thread);
    const left = thread.http?.close() ?? [];
    thread.terminate();
    this.#onEnded(thread, left);
    if (this.#deadlines.size > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  /** Resolves when no thread is left. */
  allEnded(): Promise<void> {
    if (this.#deadlines.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
