/**
 * `EventTarget` (spec/platform.md 2.5), which the platform's own targets extend. Its methods work without a
 * receiver too: they are then those of the global scope. Lives in a Worker's thread.
 */

import { defineInterface } from "../interfaces/define-interface.ts";
import { illegalInvocation } from "../interfaces/guards.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import { type Event, isEvent } from "./event.ts";
import {
  addArguments,
  type Listener,
  ListenerList,
  removeArguments,
  type SignalLike,
  wrongParameter,
} from "./listeners.ts";

let listenersOf: (target: EventTarget) => ListenerList;
let isTargetBrand: (value: object) => boolean;
let signalOf: (value: unknown) => SignalLike | undefined = () => undefined;
let globalListeners: ListenerList | undefined;

export class EventTarget {
  /** Made with the first look: most targets of an invocation never have one. */
  #listeners: ListenerList | undefined;

  constructor() {
    giveOwnAccessors?.(this);
  }

  static {
    listenersOf = (target) => {
      target.#listeners ??= new ListenerList(target);
      return target.#listeners;
    };
    isTargetBrand = (value) => #listeners in value;
  }

  addEventListener(type: string, listener: Listener | null, options?: object): void;
  addEventListener(...args: readonly unknown[]): void {
    const listeners = receiver(this);
    const adding = addArguments(args, signalOf);
    if (adding !== undefined) listeners.add(...adding);
  }

  removeEventListener(type: string, listener: Listener | null, options?: object): void;
  removeEventListener(...args: readonly unknown[]): void {
    const listeners = receiver(this);
    const removing = removeArguments(args);
    if (removing !== undefined) listeners.remove(...removing);
  }

  /** False if a listener called preventDefault. */
  dispatchEvent(event: Event): boolean {
    const listeners = receiver(this);
    if (!isEvent(event)) throw wrongParameter("dispatchEvent", 1, "Event");
    listeners.dispatchReporting(event);
    return !event.defaultPrevented;
  }
}
defineInterface(EventTarget, "EventTarget");

/** The listeners of a target, past what user code may have put over its methods. */
export function listeners(target: EventTarget): ListenerList {
  return listenersOf(target);
}

export function isEventTarget(value: unknown): value is EventTarget {
  return typeof value === "object" && value !== null && isTargetBrand(value);
}

/** Those of the global scope, which is no instance of the class. */
export function setGlobalListeners(list: ListenerList): void {
  globalListeners = list;
}

/** How an AbortSignal is told from other values; told by its file. */
export function setSignalTest(test: typeof signalOf): void {
  signalOf = test;
}

function receiver(target: unknown): ListenerList {
  if (isEventTarget(target)) return listenersOf(target);
  const isGlobal = target === undefined || target === globalThis;
  if (!isGlobal || globalListeners === undefined) throw illegalInvocation();
  return globalListeners;
}
