/**
 * `Event` and `CustomEvent` (spec/platform.md 2.5). Own classes: Node's show a property `isTrusted` on each
 * instance, have other phases, and cost more to make and to dispatch. Who dispatches (listeners.ts) reaches
 * into an event by the functions at the end. Lives in a Worker's thread.
 */

import { httpCompat } from "../compat.ts";
import { defineInterface, interfaceName } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import { wrongConstructorParameter } from "../streams/arguments.ts";

export interface EventInit {
  readonly bubbles?: boolean;
  readonly cancelable?: boolean;
  readonly composed?: boolean;
}

const BUBBLES = 1;
const CANCELABLE = 2;
const COMPOSED = 4;
const PREVENTED = 8;
/** `stopPropagation`, which nothing but the event itself shows: there is one target. */
const STOPPED = 16;
const STOPPED_AT_ONCE = 32;
const DISPATCHING = 64;
/** Made by the runtime. */
const TRUSTED = 128;
/** preventDefault counts although the event says that it cannot be cancelled. */
const PREVENTABLE = 256;

const NONE = 0;
const AT_TARGET = 2;

let hasFlag: (event: Event, flag: number) => boolean;
let setFlag: (event: Event, flag: number, isOn: boolean) => void;
let setTarget: (event: Event, target: object) => void;
let isEventBrand: (value: object) => boolean;

export class Event {
  readonly #type: string;
  #flags: number;
  /** Stays when the dispatch is over. */
  #target: object | undefined;

  constructor(type: string, init?: EventInit | null) {
    // biome-ignore lint/complexity/noArguments: an undefined type is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter(nameOf(new.target), 1, "string");
    giveOwnAccessors?.(this);
    this.#type = `${type}`;
    this.#flags = init === undefined || init === null ? 0 : flagsOf(new.target, init);
  }

  static {
    hasFlag = (event, flag) => (event.#flags & flag) !== 0;
    setFlag = (event, flag, isOn) => {
      event.#flags = isOn ? event.#flags | flag : event.#flags & ~flag;
    };
    setTarget = (event, target) => {
      event.#target = target;
    };
    isEventBrand = (value) => #flags in value;
  }

  get type(): string {
    return this.#type;
  }
  get eventPhase(): number {
    return hasFlag(this, DISPATCHING) ? AT_TARGET : NONE;
  }
  get composed(): boolean {
    return hasFlag(this, COMPOSED);
  }
  get bubbles(): boolean {
    return hasFlag(this, BUBBLES);
  }
  get cancelable(): boolean {
    return hasFlag(this, CANCELABLE);
  }
  get defaultPrevented(): boolean {
    return hasFlag(this, PREVENTED);
  }
  get returnValue(): boolean {
    return !hasFlag(this, PREVENTED);
  }
  get currentTarget(): object | null | undefined {
    const isOver = !hasFlag(this, DISPATCHING);
    return isOver && httpCompat().pedantic ? null : this.#target;
  }
  get target(): object | null | undefined {
    return this.#target;
  }
  get srcElement(): object | null | undefined {
    if (!hasFlag(this, DISPATCHING) && !httpCompat().gettersOnPrototype) return null;
    return this.#target;
  }
  /** Nobody measures it. */
  get timeStamp(): number {
    return 0;
  }
  get isTrusted(): boolean {
    return hasFlag(this, TRUSTED);
  }
  get cancelBubble(): boolean {
    return hasFlag(this, STOPPED);
  }
  set cancelBubble(value: boolean) {
    setFlag(this, STOPPED, Boolean(value));
  }

  stopImmediatePropagation(): void {
    setFlag(this, STOPPED_AT_ONCE, true);
  }
  preventDefault(): void {
    if (hasFlag(this, CANCELABLE | PREVENTABLE)) setFlag(this, PREVENTED, true);
  }
  stopPropagation(): void {
    setFlag(this, STOPPED, true);
  }
  composedPath(): object[] {
    const target = this.#target;
    return hasFlag(this, DISPATCHING) && target ? [target] : [];
  }
}
defineInterface(Event, "Event", {
  brand: isEventBrand,
  constants: { NONE, CAPTURING_PHASE: 1, AT_TARGET, BUBBLING_PHASE: 3 },
});

export interface CustomEventInit extends EventInit {
  readonly detail?: unknown;
}

let isCustom: (value: object) => boolean;

export class CustomEvent extends Event {
  readonly #detail: unknown;

  constructor(type: string, init?: CustomEventInit | null) {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length === 0) throw wrongConstructorParameter("CustomEvent", 1, "string");
    super(type, init);
    this.#detail = init?.detail;
  }

  static {
    isCustom = (value) => #detail in value;
  }

  get detail(): unknown {
    return this.#detail;
  }
}
defineInterface(CustomEvent, "CustomEvent", { brand: isCustom });

/** What the constructors of this class and of those that extend it call their second argument. */
const INIT_TYPES: Readonly<Record<string, string>> = {
  CloseEvent: "Initializer",
  CustomEvent: "CustomEventInit",
  ErrorEvent: "ErrorEventInit",
  MessageEvent: "Initializer",
};

function flagsOf(cls: object, init: EventInit): number {
  if (typeof init !== "object" && typeof init !== "function") {
    const name = nameOf(cls);
    throw wrongConstructorParameter(name, 2, INIT_TYPES[name] ?? "Init");
  }
  return (
    (init.bubbles ? BUBBLES : 0) |
    (init.cancelable ? CANCELABLE : 0) |
    (init.composed ? COMPOSED : 0)
  );
}

/** Of the platform's class of which an application's may be a subclass. */
function nameOf(cls: object): string {
  for (let at = cls as { readonly prototype?: unknown } | null; at !== null; ) {
    const { prototype } = at;
    const isObject = typeof prototype === "object" && prototype !== null;
    const name = isObject ? interfaceName(prototype) : undefined;
    if (name !== undefined) return name;
    at = Object.getPrototypeOf(at);
  }
  return "Event";
}

/** True for instances of this class and subclasses, whatever their prototype says. */
export function isEvent(value: unknown): value is Event {
  return typeof value === "object" && value !== null && isEventBrand(value);
}

/** An event of the runtime's own: `isTrusted`. */
export function trusted<E extends Event>(event: E): E {
  setFlag(event, TRUSTED, true);
  return event;
}

/** `preventDefault()` counts, whatever `cancelable` says. */
export function preventable<E extends Event>(event: E): E {
  setFlag(event, PREVENTABLE, true);
  return event;
}

/** Until `endDispatch`, `target` is where it is. Throws if it is somewhere already. */
export function beginDispatch(event: Event, target: object): void {
  if (hasFlag(event, DISPATCHING)) {
    throw new DOMException("The event is already being dispatched.", "InvalidStateError");
  }
  setFlag(event, DISPATCHING, true);
  setTarget(event, target);
}

export function endDispatch(event: Event): void {
  setFlag(event, DISPATCHING, false);
}

/** `stopImmediatePropagation()` was called. */
export function isStopped(event: Event): boolean {
  return hasFlag(event, STOPPED_AT_ONCE);
}
