/** The event classes that Node lacks, or has only lately. Lives in a Worker's thread. */

import { defineInterface } from "../interfaces/define-interface.ts";
import { wrongConstructorParameter } from "../streams/arguments.ts";

const INTERNAL: unique symbol = Symbol("internal");

/** Passed as first argument by runtime code to constructors that user code must not call. */
export type Internal = typeof INTERNAL;

function assertInternal(key: unknown): void {
  if (key !== INTERNAL) throw new TypeError("Illegal constructor");
}

/** The DOM dictionary, which the type library of Node lacks. */
export interface EventInit {
  readonly bubbles?: boolean;
  readonly cancelable?: boolean;
  readonly composed?: boolean;
}

export interface ErrorEventInit extends EventInit {
  readonly message?: string;
  readonly filename?: string;
  readonly lineno?: number;
  readonly colno?: number;
  readonly error?: unknown;
}

export class ErrorEvent extends Event {
  #init: ErrorEventInit;
  constructor(type: string, init: ErrorEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: an undefined type is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter("ErrorEvent", 1, "string");
    super(type, init);
    this.#init = init;
  }
  get message(): string {
    return String(this.#init.message ?? "");
  }
  get filename(): string {
    return String(this.#init.filename ?? "");
  }
  get lineno(): number {
    return Number(this.#init.lineno ?? 0);
  }
  get colno(): number {
    return Number(this.#init.colno ?? 0);
  }
  get error(): unknown {
    return this.#init.error;
  }
}
defineInterface(ErrorEvent, "ErrorEvent");

export interface MessageEventInit extends EventInit {
  readonly data?: unknown;
  readonly origin?: string | null;
  readonly lastEventId?: string;
  readonly source?: unknown;
  readonly ports?: readonly unknown[];
}

/** Own, because asking Node 24 for its MessageEvent loads undici: 17 ms of every boot. */
export class MessageEvent extends Event {
  readonly ports: readonly unknown[];
  readonly source: unknown;
  readonly lastEventId: string;
  readonly origin: string | null;
  readonly data: unknown;

  constructor(type: string, init: MessageEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length === 0) throw wrongConstructorParameter("MessageEvent", 1, "string");
    super(type, init);
    this.ports = init.ports ?? [];
    this.source = init.source ?? null;
    this.lastEventId = String(init.lastEventId ?? "");
    this.origin = init.origin === undefined ? "" : init.origin;
    this.data = init.data ?? null;
  }
}
defineInterface(MessageEvent, "MessageEvent");

export interface CloseEventInit extends EventInit {
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

export class CloseEvent extends Event {
  readonly wasClean: boolean;
  readonly reason: string;
  readonly code: number;

  constructor(type: string, init: CloseEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: as above
    if (arguments.length === 0) throw wrongConstructorParameter("CloseEvent", 1, "string");
    super(type, init);
    this.wasClean = Boolean(init.wasClean);
    this.reason = String(init.reason ?? "");
    this.code = Number(init.code ?? 0);
  }
}
defineInterface(CloseEvent, "CloseEvent");

export class PromiseRejectionEvent extends Event {
  readonly promise: Promise<unknown>;
  readonly reason: unknown;
  constructor(type: string, key?: Internal, promise?: Promise<unknown>, reason?: unknown) {
    assertInternal(key);
    super(type);
    this.promise = promise as Promise<unknown>;
    this.reason = reason;
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
