/** The event classes beside Event and CustomEvent. Lives in a Worker's thread. */

import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";
import { wrongConstructorParameter } from "../streams/arguments.ts";
import { Event, type EventInit } from "./event.ts";
import { isMessagePort } from "./port-brand.ts";

const INTERNAL: unique symbol = Symbol("internal");

/** Passed as first argument by runtime code to constructors that user code must not call. */
export type Internal = typeof INTERNAL;

function assertInternal(key: unknown): void {
  if (key !== INTERNAL) throw new TypeError("Illegal constructor");
}

export interface ErrorEventInit extends EventInit {
  readonly message?: string;
  readonly filename?: string;
  readonly lineno?: number;
  readonly colno?: number;
  readonly error?: unknown;
}

let isErrorEvent: (value: object) => boolean;

export class ErrorEvent extends Event {
  readonly #init: ErrorEventInit;
  constructor(type: string, init: ErrorEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: an undefined type is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter("ErrorEvent", 1, "string");
    super(type, init);
    this.#init = init ?? {};
  }
  static {
    isErrorEvent = (value) => #init in value;
  }
  get message(): string {
    return String(this.#init.message ?? "");
  }
  get filename(): string {
    return String(this.#init.filename ?? "");
  }
  get lineno(): number {
    return Number(this.#init.lineno ?? 0) | 0;
  }
  get colno(): number {
    return Number(this.#init.colno ?? 0) | 0;
  }
  get error(): unknown {
    return this.#init.error;
  }
}
defineInterface(ErrorEvent, "ErrorEvent", { brand: isErrorEvent });

/** Of messages that come over no URL; only the runtime can say so. */
export const NO_ORIGIN: unique symbol = Symbol("no origin");

export interface MessageEventInit extends EventInit {
  readonly data?: unknown;
  readonly origin?: string | typeof NO_ORIGIN;
  readonly lastEventId?: string;
  readonly source?: unknown;
  readonly ports?: readonly unknown[];
}

/** Own, because asking Node 24 for its MessageEvent loads undici: 17 ms of every boot. */
export class MessageEvent extends Event {
  declare readonly ports: readonly unknown[];
  declare readonly source: unknown;
  declare readonly lastEventId: string;
  declare readonly origin: string | null;
  declare readonly data: unknown;

  constructor(type: string, init: MessageEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length === 0) throw wrongConstructorParameter("MessageEvent", 1, "string");
    super(type, init);
    const { ports = [], source = null, lastEventId = "", origin = "", data = null } = init ?? {};
    if (!Array.isArray(ports)) throw wrongField("ports", "Array");
    const wrong = ports.findIndex((port) => !isMessagePort(port));
    if (wrong >= 0) {
      throw new TypeError(
        `Incorrect type for array element ${wrong}: the provided value is not of type 'MessagePort'.`,
      );
    }
    if (source !== null && !isMessagePort(source)) throw wrongField("source", "MessagePort");
    defineFixed(this, {
      ports: [...ports],
      source,
      lastEventId: String(lastEventId),
      origin: origin === NO_ORIGIN ? null : String(origin),
      data,
    });
  }
}
defineInterface(MessageEvent, "MessageEvent");

function wrongField(name: string, type: string): TypeError {
  return new TypeError(
    `Incorrect type for the '${name}' field on 'Initializer': the provided value is not of type '${type}'.`,
  );
}

export interface CloseEventInit extends EventInit {
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

export class CloseEvent extends Event {
  declare readonly wasClean: boolean;
  declare readonly reason: string;
  declare readonly code: number;

  constructor(type: string, init: CloseEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length === 0) throw wrongConstructorParameter("CloseEvent", 1, "string");
    super(type, init);
    const { wasClean, reason = "", code = 0 } = init ?? {};
    defineFixed(this, {
      wasClean: Boolean(wasClean),
      reason: String(reason),
      code: Number(code) | 0,
    });
  }
}
defineInterface(CloseEvent, "CloseEvent");

export class PromiseRejectionEvent extends Event {
  declare readonly promise: Promise<unknown>;
  declare readonly reason: unknown;

  constructor(type: string, key?: Internal, promise?: Promise<unknown>, reason?: unknown) {
    assertInternal(key);
    super(type);
    defineFixed(this, { promise, reason });
  }
}
defineInterface(PromiseRejectionEvent, "PromiseRejectionEvent");

/** For promises that nobody handles, or handles late. */
export function rejectionEvent(
  type: "unhandledrejection" | "rejectionhandled",
  promise: Promise<unknown>,
  reason: unknown,
): PromiseRejectionEvent {
  return new PromiseRejectionEvent(type, INTERNAL, promise, reason);
}
