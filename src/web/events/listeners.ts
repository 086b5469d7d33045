/**
 * How listeners are added and called (spec/platform.md 2.5): argument checks, `this`, the order, and
 * what becomes of a listener that throws. Node's EventTarget does the rest; its methods are replaced
 * on the prototype, so that every target of the thread has them. Lives in a Worker's thread.
 */
import { overwrite } from "../../isolate/language/polyfill-define.ts";
import { httpCompat } from "../compat.ts";
import { illegalInvocation } from "../interfaces/guards.ts";

export type Callback = (this: unknown, event: Event) => unknown;
export type Listener = Callback | { handleEvent: Callback };
type Wrapper = (this: EventTarget, event: Event) => void;

/** One dispatch that runs: of which event, what its listeners threw, what waits for its end. */
interface Dispatch {
  readonly target: EventTarget;
  readonly type: string;
  readonly event: Event;
  readonly errors: unknown[];
  readonly added: Map<Wrapper, () => void>;
}

const { apply } = Reflect;
const native = {
  add: EventTarget.prototype.addEventListener,
  remove: EventTarget.prototype.removeEventListener,
  dispatch: EventTarget.prototype.dispatchEvent,
};

const wrappers = new WeakMap<EventTarget, Map<string, Map<Listener, Wrapper>>>();
const running: Dispatch[] = [];
const watched = new WeakMap<EventTarget, { readonly type: string; readonly onAdded: () => void }>();
let report: (error: unknown) => void = () => {};

/** @param reporter what an error becomes that a listener throws, from 2026-09-15 on */
export function replaceListenerMethods(reporter: (error: unknown) => void): void {
  report = reporter;
  overwrite(EventTarget.prototype, {
    addEventListener(this: EventTarget, ...args: unknown[]): void {
      assertTarget(this);
      const [type, listener, options] = args;
      if (isHosts(options)) {
        apply(native.add, this, args);
        return;
      }
      if (args.length < 1) throw wrongParameter("addEventListener", 1, "string");
      const details = optionsOf(options);
      const callback = listenerOf("addEventListener", listener, args.length);
      if (callback !== undefined) addListener(this, `${type}`, callback, details);
    },
    removeEventListener(this: EventTarget, ...args: unknown[]): void {
      assertTarget(this);
      const [type, listener, options] = args;
      if (args.length < 1) throw wrongParameter("removeEventListener", 1, "string");
      refuseCapture("removeEventListener", options);
      const callback = listenerOf("removeEventListener", listener, args.length);
      if (callback !== undefined) removeListener(this, `${type}`, callback);
    },
    dispatchEvent(this: EventTarget, event: Event): boolean {
      assertTarget(this);
      if (!(event instanceof Event)) throw wrongParameter("dispatchEvent", 1, "Event");
      const errors = dispatchCatching(this, event);
      if (errors.length > 0 && !httpCompat().compliantDispatch) throw errors[0];
      for (const error of errors) report(error);
      return !event.defaultPrevented;
    },
  });
}

/**
 * Dispatches an event of the runtime; never throws. What listeners threw is the caller's to deal
 * with: all of it from 2026-09-15 on, before the first, which is the last listener that ran.
 */
export function dispatchCatching(target: EventTarget, event: Event): readonly unknown[] {
  if (running.some((one) => one.event === event)) {
    throw new DOMException("The event is already being dispatched.", "InvalidStateError");
  }
  const dispatch: Dispatch = { target, type: event.type, event, errors: [], added: new Map() };
  running.push(dispatch);
  try {
    native.dispatch.call(target, event);
  } finally {
    running.splice(running.indexOf(dispatch), 1);
    for (const add of dispatch.added.values()) add();
  }
  return dispatch.errors;
}

/** Calls `onAdded` whenever a listener for events of this type is added to the target. */
export function watchListeners(target: EventTarget, type: string, onAdded: () => void): void {
  watched.set(target, { type, onAdded });
}

function addListener(
  target: EventTarget,
  type: string,
  listener: Listener,
  options: AddOptions,
): void {
  const wrapper = wrapperOf(target, type, listener);
  const add = (): void => native.add.call(target, type, wrapper, options);
  // One that is added while its event is dispatched waits for the next.
  const dispatch = running.findLast((one) => one.target === target && one.type === type);
  if (dispatch === undefined) add();
  else dispatch.added.set(wrapper, add);
  const watch = watched.get(target);
  if (watch?.type === type) watch.onAdded();
}

function removeListener(target: EventTarget, type: string, listener: Listener): void {
  const wrapper = wrappers.get(target)?.get(type)?.get(listener);
  if (wrapper === undefined) {
    native.remove.call(target, type, listener);
    return;
  }
  for (const { added } of running) added.delete(wrapper);
  native.remove.call(target, type, wrapper);
}

/** The same for the same listener, so that Node knows it again. */
function wrapperOf(target: EventTarget, type: string, listener: Listener): Wrapper {
  const byType = getOrAdd(wrappers, target, () => new Map());
  const byListener = getOrAdd(byType, type, () => new Map());
  return getOrAdd(byListener, listener, () => wrap(listener));
}

function wrap(listener: Listener): Wrapper {
  return function (event) {
    try {
      if (typeof listener !== "function") listener.handleEvent(event);
      else listener.call(httpCompat().eventTargetThis ? this : globalThis, event);
    } catch (error) {
      onThrow(error, event);
    }
  };
}

function onThrow(error: unknown, event: Event): void {
  const dispatch = running.find((one) => one.event === event);
  if (!httpCompat().compliantDispatch) event.stopImmediatePropagation();
  // Without: an event that Node dispatches itself, such as a signal's.
  if (dispatch === undefined) report(error);
  else dispatch.errors.push(error);
}

function getOrAdd<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export interface AddOptions {
  readonly once: boolean;
  readonly signal?: AbortSignal;
}

export function optionsOf(options: unknown): AddOptions {
  refuseCapture("addEventListener", options);
  if (typeof options !== "object" || options === null) return { once: false };
  const { once, signal } = options as { once?: unknown; signal?: unknown };
  if (signal === undefined) return { once: Boolean(once) };
  if (!(signal instanceof AbortSignal)) {
    throw new TypeError(
      "Incorrect type for the 'signal' field on 'AddEventListenerOptions': the provided value is not of type 'AbortSignal'.",
    );
  }
  return { once: Boolean(once), signal };
}

export function refuseCapture(method: string, options: unknown): void {
  if (options === true) throw new TypeError(`${method}(): useCapture must be false.`);
  if (typeof options === "object" && options !== null && Reflect.get(options, "capture")) {
    throw new TypeError(`${method}(): options.capture must be false.`);
  }
}

/** undefined: nothing to call. */
export function listenerOf(method: string, listener: unknown, given: number): Listener | undefined {
  if (typeof listener === "function") return listener as Callback;
  if ((listener === null || listener === undefined) && given > 1) return undefined;
  if (typeof listener !== "object" || listener === null) {
    throw wrongParameter(method, 2, "function or HandlerObject");
  }
  if (typeof Reflect.get(listener, "handleEvent") !== "function") {
    throw new TypeError(
      "Incorrect type for the 'handleEvent' field on 'HandlerObject': the provided value is not of type 'function'.",
    );
  }
  return listener as { handleEvent: Callback };
}

/** Node's own targets, such as the ports between threads, say by a symbol that a listener is theirs. */
function isHosts(options: unknown): boolean {
  if (typeof options !== "object" || options === null) return false;
  return Object.getOwnPropertySymbols(options).length > 0;
}

function assertTarget(target: unknown): void {
  if (!(target instanceof EventTarget)) throw illegalInvocation();
}

function wrongParameter(method: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'EventTarget': parameter ${position} is not of type '${type}'.`,
  );
}
