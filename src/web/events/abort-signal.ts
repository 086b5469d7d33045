/**
 * `AbortController` and `AbortSignal` (spec/platform.md 2.6). Modules of Node take these as they are: they look
 * for members, not for a class. Lives in a Worker's thread.
 */

import { expectWake } from "../../isolate/hang-detector.ts";
import { ioOwner } from "../../isolate/invocation.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import { wrongParameter } from "../streams/arguments.ts";
import { Event, trusted } from "./event.ts";
import { EventTarget, listeners, setSignalTest } from "./event-target.ts";
import type { Callback } from "./listeners.ts";

const INTERNAL: unique symbol = Symbol("internal");
const OWN_HANDLERS: ReadonlySet<string> = new Set(["abort"]);

/** More than Node's timers take would be over at once. */
const MAX_DELAY = 2 ** 31 - 1;

let isSignalBrand: (value: object) => boolean;
let fire: (signal: AbortSignal, reason: unknown) => void;
let follow: (signal: AbortSignal, sources: readonly AbortSignal[]) => void;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  #onabort: object | null = null;
  /** Whether `#onabort` has its place among the listeners: that of its first assignment. */
  #hasPlace = false;
  /** Of one that `any` made: it goes with those that it follows. */
  #sources: readonly AbortSignal[] | undefined;
  /** Those that `any` made of this one; held only while somebody listens to them. */
  #followers: Followers | undefined;

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    super();
  }

  static {
    isSignalBrand = (value) => #hasPlace in value;
    fire = (signal, reason) => {
      if (signal.#aborted) return;
      const reached = [signal, ...(signal.#followers?.all() ?? [])].filter((one) => !one.#aborted);
      for (const one of reached) {
        one.#aborted = true;
        one.#reason = reason;
        one.#followers = undefined;
      }
      for (const one of reached) {
        // Nobody has ever looked for a listener: there is nothing to tell.
        listeners(one).dispatchReporting(trusted(new Event("abort")));
        one.#release();
      }
    };
    follow = (signal, given) => {
      const sources = new Set(given.flatMap((source) => source.#sources ?? [source]));
      signal.#sources = [...sources];
      for (const source of sources) {
        source.#followers ??= new Followers();
        source.#followers.add(signal);
      }
      listeners(signal).onChange = (type, count) => {
        if (type !== "abort" || signal.#aborted) return;
        for (const source of sources) source.#followers?.keep(signal, count > 0);
      };
    };
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get onabort(): object | null {
    return this.#onabort;
  }

  set onabort(handler: unknown) {
    const isObject = typeof handler === "object" || typeof handler === "function";
    this.#onabort = isObject ? handler : null;
    if (this.#onabort === null || this.#hasPlace) return;
    this.#hasPlace = true;
    const list = listeners(this);
    list.ownHandlers = OWN_HANDLERS;
    list.add("abort", (event) => {
      if (typeof this.#onabort === "function") (this.#onabort as Callback).call(this, event);
    });
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(INTERNAL);
    fire(signal, reason === undefined ? aborted() : reason);
    return signal;
  }

  static timeout(...args: readonly unknown[]): AbortSignal {
    if (args.length === 0) throw wrongParameter("timeout", "AbortSignal", 1, "number");
    const owner = ioOwner();
    const delay = Math.min(MAX_DELAY, Math.max(0, Math.trunc(Number(args[0])) || 0));
    const signal = new AbortSignal(INTERNAL);
    const timer = setTimeout(() => {
      removeOnEnd?.();
      fire(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    }, delay).unref();
    const removeOnEnd = owner?.onEnd(() => clearTimeout(timer));
    expectWake(delay);
    return signal;
  }

  static any(...args: readonly unknown[]): AbortSignal {
    const [signals] = args;
    if (!Array.isArray(signals)) throw wrongParameter("any", "AbortSignal", 1, "Array");
    for (const [index, signal] of signals.entries()) {
      if (isAbortSignal(signal)) continue;
      throw new TypeError(
        `Incorrect type for array element ${index}: the provided value is not of type 'AbortSignal'.`,
      );
    }
    const sources = signals as AbortSignal[];
    const signal = new AbortSignal(INTERNAL);
    const first = sources.find((source) => source.#aborted);
    if (first !== undefined) fire(signal, first.#reason);
    else follow(signal, sources);
    return signal;
  }

  /** Nothing more will happen to it. */
  #release(): void {
    for (const source of this.#sources ?? []) source.#followers?.remove(this);
    this.#sources = undefined;
    listeners(this).onChange = undefined;
  }
}
defineInterface(AbortSignal, "AbortSignal", { brand: (value) => isSignalBrand(value) });

export class AbortController {
  readonly #signal: AbortSignal = new AbortSignal(INTERNAL);

  constructor() {
    giveOwnAccessors?.(this);
  }

  static isController(value: object): boolean {
    return #signal in value;
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    fire(this.#signal, reason === undefined ? aborted() : reason);
  }
}
const { isController } = AbortController;
Reflect.deleteProperty(AbortController, "isController");
defineInterface(AbortController, "AbortController", { brand: isController });

setSignalTest((value) =>
  isAbortSignal(value) ? { aborted: value.aborted, listeners: listeners(value) } : undefined,
);

/** True for signals, whatever their prototype says. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return typeof value === "object" && value !== null && isSignalBrand(value);
}

function aborted(): DOMException {
  return new DOMException("The operation was aborted", "AbortError");
}

/** Signals that depend on one: weakly, so that a long-lived signal does not keep those of each request. */
class Followers {
  readonly #kept: Set<AbortSignal> = new Set();
  #weak: WeakRef<AbortSignal>[] = [];
  #sweepAt = 32;

  add(signal: AbortSignal): void {
    if (this.#weak.length >= this.#sweepAt) {
      this.#weak = this.#weak.filter((ref) => ref.deref() !== undefined);
      this.#sweepAt = this.#weak.length * 2 + 32;
    }
    this.#weak.push(new WeakRef(signal));
  }

  keep(signal: AbortSignal, isKept: boolean): void {
    if (isKept) this.#kept.add(signal);
    else this.#kept.delete(signal);
  }

  remove(signal: AbortSignal): void {
    this.#kept.delete(signal);
    this.#weak = this.#weak.filter((ref) => ref.deref() !== signal);
  }

  /** In the order in which they were made. */
  all(): AbortSignal[] {
    return this.#weak.flatMap((ref) => ref.deref() ?? []);
  }
}
