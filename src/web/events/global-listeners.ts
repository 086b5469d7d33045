/**
 * The listeners of the global scope. A list of its own, since Node's EventTarget methods refuse
 * `globalThis`, and user code calls them without a receiver. Lives in a Worker's thread; one per thread,
 * made by install.ts.
 */
import { httpCompat } from "../compat.ts";
import { rejectionEvent } from "./events.ts";
import {
  type AddOptions,
  type Listener,
  listenerOf,
  optionsOf,
  refuseCapture,
} from "./listeners.ts";

const AT_TARGET = 2;

interface Entry {
  readonly listener: Listener;
  readonly once: boolean;
}

export class GlobalListeners {
  readonly #lists: Map<string, readonly Entry[]> = new Map();
  readonly #target: object;
  readonly #onError: (error: unknown) => void;

  /** `onError`: what a listener threw, where that does not stop the others. */
  constructor(target: object, onError: (error: unknown) => void) {
    this.#target = target;
    this.#onError = onError;
  }

  /** Nobody listens to anything. */
  get isEmpty(): boolean {
    return this.#lists.size === 0;
  }

  add(...args: unknown[]): void {
    const [type, listener, options] = args;
    if (args.length < 1) throw wrongParameter("addEventListener", 1, "string");
    const details = optionsOf(options);
    const callback = listenerOf("addEventListener", listener, args.length);
    if (callback !== undefined) this.#add(`${type}`, callback, details);
  }

  remove(...args: unknown[]): void {
    const [type, listener, options] = args;
    if (args.length < 1) throw wrongParameter("removeEventListener", 1, "string");
    refuseCapture("removeEventListener", options);
    const callback = listenerOf("removeEventListener", listener, args.length);
    if (callback !== undefined) this.#remove(`${type}`, callback);
  }

  has(type: string): boolean {
    return (this.#lists.get(type)?.length ?? 0) > 0;
  }

  /**
   * False if a listener called preventDefault. From 2026-09-15 on what a listener throws is reported and the
   * others still run, before it is thrown.
   */
  dispatch(event: unknown): boolean {
    if (!(event instanceof Event)) throw wrongParameter("dispatchEvent", 1, "Event");
    this.#run(event, (error) => {
      if (!httpCompat().compliantDispatch && event.type !== "error") throw error;
      this.#onError(error);
    });
    return !event.defaultPrevented;
  }

  /** An event of the runtime: throws what a listener throws; `isDone` is asked after each. */
  deliver(event: Event, isDone: () => boolean): void {
    const rethrow = (error: unknown): never => {
      throw error;
    };
    this.#run(event, rethrow, isDone);
  }

  /** True if user code listens, i.e. nothing is to be logged. */
  dispatchRejection(
    type: "unhandledrejection" | "rejectionhandled",
    promise: Promise<unknown>,
    reason: unknown,
  ): boolean {
    if (!this.has(type)) return false;
    this.#run(rejectionEvent(type, promise, reason), this.#onError);
    return true;
  }

  #run(event: Event, onThrow: (error: unknown) => void, isDone: () => boolean = () => false): void {
    Object.defineProperties(event, {
      target: { value: this.#target, configurable: true },
      currentTarget: { value: this.#target, configurable: true },
      srcElement: { value: this.#target, configurable: true },
      eventPhase: { value: AT_TARGET, configurable: true },
      composedPath: { value: () => [this.#target], configurable: true },
    });
    let isStopped = false;
    Object.defineProperty(event, "stopImmediatePropagation", {
      value: () => {
        isStopped = true;
      },
      configurable: true,
    });
    for (const entry of this.#lists.get(event.type) ?? []) {
      // One that was removed meanwhile does not run.
      if (!this.#lists.get(event.type)?.includes(entry)) continue;
      if (entry.once) this.#remove(event.type, entry.listener);
      try {
        const { listener } = entry;
        if (typeof listener === "function") listener.call(this.#target, event);
        else listener.handleEvent(event);
      } catch (error) {
        onThrow(error);
      }
      if (isStopped || isDone()) break;
    }
    for (const name of ["stopImmediatePropagation", "eventPhase", "composedPath"]) {
      Reflect.deleteProperty(event, name);
    }
  }

  #add(type: string, listener: Listener, { once, signal }: AddOptions): void {
    const list = this.#lists.get(type) ?? [];
    if (list.some((known) => known.listener === listener) || signal?.aborted) return;
    signal?.addEventListener("abort", () => this.#remove(type, listener), { once: true });
    this.#lists.set(type, [...list, { listener, once }]);
  }

  #remove(type: string, listener: Listener): void {
    const list = this.#lists.get(type) ?? [];
    this.#lists.set(
      type,
      list.filter((known) => known.listener !== listener),
    );
  }
}

function wrongParameter(method: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'EventTarget': parameter ${position} is not of type '${type}'.`,
  );
}
