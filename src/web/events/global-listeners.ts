/**
 * The listeners of the global scope, for the runtime's own events: `fetch` and its kin in service-worker format,
 * errors, rejections. Lives in a Worker's thread; one per thread, made by install.ts.
 */
import { type Event, preventable, trusted } from "./event.ts";
import { setGlobalListeners } from "./event-target.ts";
import { rejectionEvent } from "./events.ts";
import { ListenerList } from "./listeners.ts";

export class GlobalListeners {
  readonly #list: ListenerList;
  readonly #onError: (error: unknown) => void;

  /** `onError`: what a listener of errors or rejections threw. */
  constructor(target: object, onError: (error: unknown) => void) {
    this.#list = new ListenerList(target);
    this.#onError = onError;
    setGlobalListeners(this.#list);
  }

  /** Nobody listens to anything. */
  get isEmpty(): boolean {
    return this.#list.isEmpty;
  }

  has(type: string): boolean {
    return this.#list.has(type);
  }

  /** An event of the runtime: throws what a listener throws; `isDone` is asked after each. */
  deliver(event: Event, isDone: () => boolean): void {
    this.#list.dispatch(
      trusted(event),
      (error) => {
        throw error;
      },
      isDone,
    );
  }

  /** Of an error or a rejection. False if a listener called preventDefault: then nothing is to be logged. */
  tell(event: Event): boolean {
    this.#list.dispatchWithHandler(preventable(trusted(event)), this.#onError);
    return !event.defaultPrevented;
  }

  /** True if user code listens, i.e. nothing is to be logged. */
  dispatchRejection(
    type: "unhandledrejection" | "rejectionhandled",
    promise: Promise<unknown>,
    reason: unknown,
  ): boolean {
    if (!this.has(type)) return false;
    this.tell(rejectionEvent(type, promise, reason));
    return true;
  }
}
