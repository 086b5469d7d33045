/**
 * The listeners of one event target and how they are called (spec/platform.md 2.5): argument checks, `this`,
 * the order, and what becomes of one that throws. Lives in a Worker's thread; used by event-target.ts, and by
 * the runtime for the events that it dispatches itself.
 */
import { httpCompat } from "../compat.ts";
import { beginDispatch, type Event, endDispatch, isStopped } from "./event.ts";

export type Callback = (this: unknown, event: Event) => unknown;
export type Listener = Callback | { handleEvent: Callback };

interface Entry {
  readonly listener: Listener;
  readonly callback: Callback;
  readonly once: boolean;
  isRemoved: boolean;
}

export interface AddOptions {
  readonly once: boolean;
  /** Whose abort removes the listener again. */
  readonly signal?: SignalLike;
}

/** An AbortSignal as this file needs it. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly listeners: ListenerList;
}

/** Given what a listener threw; that it throws itself ends the dispatch. */
type OnThrow = (error: unknown) => void;

let report: OnThrow = () => {};

/** @param reporter what an error becomes that a listener throws, from 2026-09-15 on */
export function setListenerReporter(reporter: OnThrow): void {
  report = reporter;
}

const handlerNames = new Map<string, string>();

export class ListenerList {
  /** Lists are replaced, never changed: a dispatch walks the one that it began with. */
  readonly #lists: Map<string, readonly Entry[]> = new Map();
  readonly #target: object;
  /** Called whenever there are more or fewer listeners for events of a type. */
  onChange: ((type: string, count: number) => void) | undefined;
  /** Types whose `on...` attribute is an accessor, with a place among the listeners. */
  ownHandlers: ReadonlySet<string> | undefined;

  constructor(target: object) {
    this.#target = target;
  }

  /** Nobody listens to anything. */
  get isEmpty(): boolean {
    return this.#lists.size === 0;
  }

  has(type: string): boolean {
    return this.#lists.has(type);
  }

  /** Those of a type, in the order in which they run. */
  of(type: string): Listener[] {
    return (this.#lists.get(type) ?? []).map(({ listener }) => listener);
  }

  add(type: string, listener: Listener, { once, signal }: AddOptions = { once: false }): void {
    const list = this.#lists.get(type) ?? [];
    if (signal?.aborted || list.some((known) => known.listener === listener)) return;
    const callback =
      typeof listener === "function" ? listener : boundHandler(listener, listener.handleEvent);
    const entry: Entry = { listener, callback, once, isRemoved: false };
    this.#set(type, [...list, entry]);
    signal?.listeners.add("abort", () => this.#removeEntry(type, entry), { once: true });
  }

  remove(type: string, listener: Listener): void {
    const entry = this.#lists.get(type)?.find((known) => known.listener === listener);
    if (entry !== undefined) this.#removeEntry(type, entry);
  }

  /** One after the other; `isDone` is asked after each. Throws what `onThrow` throws. */
  dispatch(event: Event, onThrow: OnThrow, isDone: () => boolean = () => false): void {
    const target = this.#target;
    beginDispatch(event, target);
    try {
      if (isStopped(event)) return;
      const list = this.#lists.get(event.type);
      if (list === undefined) return;
      const receiver = httpCompat().eventTargetThis ? target : globalThis;
      for (const entry of list) {
        if (entry.isRemoved) continue;
        if (entry.once) this.#removeEntry(event.type, entry);
        try {
          Reflect.apply(entry.callback, receiver, [event]);
        } catch (error) {
          onThrow(error);
        }
        if (isStopped(event) || isDone()) return;
      }
    } finally {
      endDispatch(event);
    }
  }

  /**
   * As `dispatchEvent` does: what a listener throws is reported from 2026-09-15 on, and thrown before. A
   * property `on<type>` runs first, wherever the object has it from.
   */
  dispatchReporting(event: Event): void {
    this.dispatchWithHandler(event, throwOrReport);
  }

  /**
   * As the runtime dispatches events of its own; never throws. Returns what listeners threw: all of it from
   * 2026-09-15 on, when it is reported too; before, of the one that was the last to run.
   */
  dispatchCatching(event: Event): readonly unknown[] {
    const errors: unknown[] = [];
    try {
      this.dispatchWithHandler(event, (error) => {
        errors.push(error);
        if (!httpCompat().compliantDispatch) throw STOP;
        report(error);
      });
    } catch (error) {
      if (error !== STOP) throw error;
    }
    return errors;
  }

  /** `dispatch`, after the property `on<type>` of the target. */
  dispatchWithHandler(event: Event, onThrow: OnThrow): void {
    const { type } = event;
    if (!this.ownHandlers?.has(type)) {
      const handler: unknown = Reflect.get(this.#target, handlerName(type));
      if (typeof handler === "function") this.#handle(event, handler as Callback, onThrow);
    }
    this.dispatch(event, onThrow);
  }

  #handle(event: Event, handler: Callback, onThrow: OnThrow): void {
    if (isStopped(event)) return;
    beginDispatch(event, this.#target);
    try {
      Reflect.apply(handler, globalThis, [event]);
    } catch (error) {
      onThrow(error);
    } finally {
      endDispatch(event);
    }
  }

  #removeEntry(type: string, entry: Entry): void {
    entry.isRemoved = true;
    const list = this.#lists.get(type);
    if (list?.includes(entry)) {
      this.#set(
        type,
        list.filter((known) => known !== entry),
      );
    }
  }

  #set(type: string, list: readonly Entry[]): void {
    if (list.length === 0) this.#lists.delete(type);
    else this.#lists.set(type, list);
    this.onChange?.(type, list.length);
  }
}

/** Ends a dispatch. */
const STOP: unique symbol = Symbol("stop");

function throwOrReport(error: unknown): void {
  if (!httpCompat().compliantDispatch) throw error;
  report(error);
}

function boundHandler(listener: object, handleEvent: Callback): Callback {
  return (event) => handleEvent.call(listener, event);
}

function handlerName(type: string): string {
  const known = handlerNames.get(type);
  if (known !== undefined) return known;
  const name = `on${type}`;
  if (handlerNames.size < 1000) handlerNames.set(type, name);
  return name;
}

/** What `addEventListener(type, listener, options)` is to add; undefined: nothing. */
export function addArguments(
  args: readonly unknown[],
  signalOf: (value: unknown) => SignalLike | undefined,
): readonly [string, Listener, AddOptions] | undefined {
  const [type, listener, options] = args;
  if (args.length < 1) throw wrongParameter("addEventListener", 1, "string");
  const name = `${type}`;
  const callback = listenerOf(
    "addEventListener",
    "function or HandlerObject",
    listener,
    args.length,
  );
  if (callback === undefined) return undefined;
  refuseCapture("addEventListener", options);
  if (typeof options !== "object" || options === null) return [name, callback, { once: false }];
  const { once, signal: given } = options as { once?: unknown; signal?: unknown };
  if (given === undefined) return [name, callback, { once: Boolean(once) }];
  const signal = signalOf(given);
  if (signal === undefined) {
    throw new TypeError(
      "Incorrect type for the 'signal' field on 'AddEventListenerOptions': the provided value is not of type 'AbortSignal'.",
    );
  }
  return [name, callback, { once: Boolean(once), signal }];
}

/** What `removeEventListener(type, listener, options)` is to remove; undefined: nothing. */
export function removeArguments(args: readonly unknown[]): readonly [string, Listener] | undefined {
  const [type, listener, options] = args;
  if (args.length < 1) throw wrongParameter("removeEventListener", 1, "string");
  const name = `${type}`;
  const callback = listenerOf("removeEventListener", "Object", listener, args.length);
  refuseCapture("removeEventListener", options);
  return callback === undefined ? undefined : [name, callback];
}

export function wrongParameter(method: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'EventTarget': parameter ${position} is not of type '${type}'.`,
  );
}

function refuseCapture(method: string, options: unknown): void {
  if (typeof options === "object" && options !== null) {
    if (Reflect.get(options, "capture")) {
      throw new TypeError(`${method}(): options.capture must be false.`);
    }
  } else if (options) {
    throw new TypeError(`${method}(): useCapture must be false.`);
  }
}

/** undefined: nothing to call. */
function listenerOf(
  method: string,
  type: string,
  listener: unknown,
  given: number,
): Listener | undefined {
  if (typeof listener === "function") return listener as Callback;
  if ((listener === null || listener === undefined) && given > 1) return undefined;
  if (typeof listener !== "object" || listener === null) {
    if (given > 1 && !httpCompat().strictNullables) return undefined;
    throw wrongParameter(method, 2, type);
  }
  if (typeof Reflect.get(listener, "handleEvent") !== "function") {
    throw new TypeError(
      "Incorrect type for the 'handleEvent' field on 'HandlerObject': the provided value is not of type 'function'.",
    );
  }
  return listener as { handleEvent: Callback };
}
