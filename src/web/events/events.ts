/**
 * The event classes that Node lacks (or has only lately) and the listeners of the global scope.
 * Lives in a Worker's thread; one `GlobalListeners` per thread, made by install.ts.
 */
import { defineInterface } from "../interfaces/define-interface.ts";

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
  #init: MessageEventInit;
  constructor(type: string, init: MessageEventInit = {}) {
    super(type, init);
    this.#init = init;
  }
  get data(): unknown {
    return this.#init.data ?? null;
  }
  get origin(): string | null {
    return this.#init.origin === undefined ? "" : this.#init.origin;
  }
  get lastEventId(): string {
    return String(this.#init.lastEventId ?? "");
  }
  get source(): unknown {
    return this.#init.source ?? null;
  }
  get ports(): readonly unknown[] {
    return this.#init.ports ?? [];
  }
}
defineInterface(MessageEvent, "MessageEvent");

export interface CloseEventInit extends EventInit {
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

export class CloseEvent extends Event {
  #init: CloseEventInit;
  constructor(type: string, init: CloseEventInit = {}) {
    super(type, init);
    this.#init = init;
  }
  get code(): number {
    return Number(this.#init.code ?? 0);
  }
  get reason(): string {
    return String(this.#init.reason ?? "");
  }
  get wasClean(): boolean {
    return Boolean(this.#init.wasClean);
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

export class ExtendableEvent extends Event {
  constructor(type: string, key?: Internal) {
    assertInternal(key);
    super(type);
  }
  waitUntil(_promise: Promise<unknown>): void {
    throw new TypeError(SERVICE_WORKER_SYNTAX);
  }
}
defineInterface(ExtendableEvent, "ExtendableEvent");

const SERVICE_WORKER_SYNTAX =
  "Service-worker syntax is not supported by drover: export a default object or class instead (https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/).";

/*
 * Only ever seen as classes (`instanceof`): drover runs module Workers, whose handlers get
 * controllers, not these events. All constructors are illegal in production too.
 */
export class FetchEvent extends ExtendableEvent {
  respondWith(_response: unknown): void {
    throw new TypeError(SERVICE_WORKER_SYNTAX);
  }
  passThroughOnException(): void {}
}
defineInterface(FetchEvent, "FetchEvent");

export class ScheduledEvent extends ExtendableEvent {
  noRetry(): void {}
}
defineInterface(ScheduledEvent, "ScheduledEvent");

export class TailEvent extends ExtendableEvent {}
defineInterface(TailEvent, "TailEvent");

export class TraceEvent extends ExtendableEvent {}
defineInterface(TraceEvent, "TraceEvent");

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };
interface ListenerOptions {
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Listeners of the global scope. A list of its own, since Node's EventTarget methods refuse
 * `globalThis`, and user code calls them without a receiver.
 */
export class GlobalListeners {
  #lists = new Map<string, { readonly listener: Listener; readonly once: boolean }[]>();
  readonly #target: object;
  readonly #onError: (error: unknown) => void;

  constructor(target: object, onError: (error: unknown) => void) {
    this.#target = target;
    this.#onError = onError;
  }

  add(type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    if (listener === null || listener === undefined) return;
    const key = String(type);
    const list = this.#lists.get(key) ?? [];
    if (list.some((known) => known.listener === listener)) return;
    const details = typeof options === "object" && options !== null ? options : {};
    if (details.signal?.aborted) return;
    details.signal?.addEventListener("abort", () => this.remove(key, listener), { once: true });
    this.#lists.set(key, [...list, { listener, once: details.once === true }]);
  }

  remove(type: string, listener: Listener | null): void {
    const list = this.#lists.get(String(type));
    if (list === undefined) return;
    this.#lists.set(
      String(type),
      list.filter((known) => known.listener !== listener),
    );
  }

  has(type: string): boolean {
    return (this.#lists.get(type)?.length ?? 0) > 0;
  }

  /** False if a listener called preventDefault. A throwing listener is reported, others still run. */
  dispatch(event: Event): boolean {
    if (!(event instanceof Event)) {
      throw new TypeError(
        "Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'.",
      );
    }
    Object.defineProperties(event, {
      target: { value: this.#target, configurable: true },
      currentTarget: { value: this.#target, configurable: true },
    });
    for (const { listener, once } of this.#lists.get(event.type) ?? []) {
      if (once) this.remove(event.type, listener);
      try {
        if (typeof listener === "function") listener.call(this.#target, event);
        else listener.handleEvent(event);
      } catch (error) {
        this.#onError(error);
      }
    }
    return !event.defaultPrevented;
  }

  /** True if user code listens, i.e. nothing is to be logged. */
  dispatchRejection(
    type: "unhandledrejection" | "rejectionhandled",
    promise: Promise<unknown>,
    reason: unknown,
  ): boolean {
    if (!this.has(type)) return false;
    this.dispatch(new PromiseRejectionEvent(type, INTERNAL, promise, reason));
    return true;
  }
}
