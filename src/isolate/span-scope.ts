/**
 * In which span JavaScript runs now: carried with asynchronous work beside the invocation, because the events
 * of a Durable Object share one. One per recorder, in the Worker's thread.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export class SpanScope<T extends object> {
  /** Node 20 hangs what is stored on every promise, where user code sees it: it says nothing. */
  readonly #storage: AsyncLocalStorage<object> = new AsyncLocalStorage();
  readonly #spans: WeakMap<object, T> = new WeakMap();

  run<R>(span: T, fn: () => R): R {
    const ticket = Object.freeze(Object.create(null) as object);
    this.#spans.set(ticket, span);
    return this.#storage.run(ticket, fn);
  }

  /** The innermost, which may have ended. */
  get current(): T | undefined {
    const ticket = this.#storage.getStore();
    return ticket === undefined ? undefined : this.#spans.get(ticket);
  }
}
