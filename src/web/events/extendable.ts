/**
 * The events of service-worker format (spec/platform.md 17): what listeners of the global scope get where
 * the handlers of a module get a request or a controller, `env` and `ctx`. Made by runtime/service-worker.ts.
 */
import { isResponse } from "../http/response.ts";
import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";
import { Event } from "./event.ts";

const INTERNAL: unique symbol = Symbol("internal");

type WaitUntil = (task: unknown) => void;

interface EventMaker {
  readonly type: string;
  readonly waitUntil: WaitUntil;
}

let isExtendable: (value: object) => boolean;

export class ExtendableEvent extends Event {
  readonly #waitUntil: WaitUntil;

  constructor(key?: unknown, maker?: EventMaker) {
    if (key !== INTERNAL || maker === undefined) throw new TypeError("Illegal constructor");
    super(maker.type);
    this.#waitUntil = maker.waitUntil;
  }

  static {
    isExtendable = (value) => #waitUntil in value;
  }

  waitUntil(...args: unknown[]): void {
    if (args.length === 0) throw wrongParameter("waitUntil", "ExtendableEvent");
    this.#waitUntil(args[0]);
  }
}
defineInterface(ExtendableEvent, "ExtendableEvent", { brand: isExtendable });

/** What a listener of `fetch` has decided on. */
export interface FetchOutcome {
  /** What was given to respondWith; undefined: nobody called it. */
  readonly response: { readonly value: unknown } | undefined;
}

let isFetch: (value: object) => boolean;
let outcomeOf: (event: FetchEvent) => FetchOutcome;
let closeEvent: (event: FetchEvent) => void;

export class FetchEvent extends ExtendableEvent {
  declare readonly request: object;
  #response: { readonly value: unknown } | undefined;
  #isOver = false;

  constructor(key?: unknown, maker?: EventMaker, request: object = {}) {
    super(key, maker);
    defineFixed(this, { request });
  }

  static {
    isFetch = (value) => #response in value;
    outcomeOf = (event) => ({ response: event.#response });
    closeEvent = (event) => {
      event.#isOver = true;
    };
  }

  respondWith(...args: unknown[]): void {
    const [value] = args;
    if (!isPromised(value)) throw wrongParameter("respondWith", "FetchEvent");
    if (this.#isOver) {
      throw invalidState(
        "Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.",
      );
    }
    if (this.#response !== undefined) {
      throw invalidState(
        "FetchEvent.respondWith() has already been called; it can only be called once.",
      );
    }
    this.#response = { value };
    // It is awaited when the listeners are done; a rejection meanwhile is not nobody's.
    Promise.resolve(value).catch(() => {});
  }

  /** Without effect here: there is no origin behind a local Worker. */
  passThroughOnException(): void {}
}
defineInterface(FetchEvent, "FetchEvent", { brand: isFetch });

let isScheduled: (value: object) => boolean;

export class ScheduledEvent extends ExtendableEvent {
  declare readonly cron: string;
  declare readonly scheduledTime: number;
  readonly #noRetry: () => void;

  constructor(key?: unknown, maker?: EventMaker, controller?: ScheduledController) {
    super(key, maker);
    const { cron = "", scheduledTime = 0 } = controller ?? {};
    defineFixed(this, { cron, scheduledTime });
    this.#noRetry = () => controller?.noRetry();
  }

  static {
    isScheduled = (value) => #noRetry in value;
  }

  noRetry(): void {
    this.#noRetry();
  }
}
defineInterface(ScheduledEvent, "ScheduledEvent", { brand: isScheduled });

/** What a module's handler gets. */
export interface ScheduledController {
  readonly cron: string;
  readonly scheduledTime: number;
  noRetry(): void;
}

export class TailEvent extends ExtendableEvent {
  declare readonly events: readonly object[];
  declare readonly traces: readonly object[];

  constructor(key?: unknown, maker?: EventMaker, items: readonly object[] = []) {
    super(key, maker);
    defineFixed(this, { events: items, traces: items });
  }
}
defineInterface(TailEvent, "TailEvent");

export function createFetchEvent(request: object, waitUntil: WaitUntil): FetchEvent {
  return new FetchEvent(INTERNAL, { type: "fetch", waitUntil }, request);
}

/** The listeners are done: `respondWith` is refused from now on. */
export function closeFetchEvent(event: FetchEvent): FetchOutcome {
  closeEvent(event);
  return outcomeOf(event);
}

/** Whether a listener has called respondWith. */
export function isAnswered(event: FetchEvent): boolean {
  return outcomeOf(event).response !== undefined;
}

export function createScheduledEvent(
  controller: ScheduledController,
  waitUntil: WaitUntil,
): ScheduledEvent {
  return new ScheduledEvent(INTERNAL, { type: "scheduled", waitUntil }, controller);
}

/** `items`: what a module's handler gets. */
export function createTailEvent(
  type: "tail" | "trace",
  items: readonly object[],
  waitUntil: WaitUntil,
): TailEvent {
  return new TailEvent(INTERNAL, { type, waitUntil }, items);
}

/** A promise, or a Response, which counts as one. */
function isPromised(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isResponse(value) || "then" in value;
}

function wrongParameter(method: string, className: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${className}': parameter 1 is not of type 'Promise'.`,
  );
}

function invalidState(text: string): DOMException {
  return new DOMException(text, "InvalidStateError");
}
