/**
 * `MessageChannel` and `MessagePort` within one Worker (spec/platform.md 2.7). Own classes:
 * production's ports never leave the Worker either, and Node's load its undici for the first event,
 * which fails once the globals are gone (Node 24). Messages are structured clones, delivered in
 * order in later microtasks, in the async context in which the receiver began to listen.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";
import { cloneStructured } from "../scope/structured-clone.ts";
import { Event, trusted } from "./event.ts";
import { EventTarget, listeners } from "./event-target.ts";
import { MessageEvent, NO_ORIGIN } from "./events.ts";
import { addPort } from "./port-brand.ts";

type Handler = (event: Event) => unknown;

const INTERNAL: unique symbol = Symbol("internal");
const OWN_HANDLERS: ReadonlySet<string> = new Set(["message"]);

let entangle: (a: MessagePort, b: MessagePort) => void;
let isPort: (value: object) => boolean;

export class MessagePort extends EventTarget {
  #peer: MessagePort | null = null;
  #handler: Handler | null = null;
  /** Whether `#handler` has its place among the listeners: that of its first assignment. */
  #hasPlace = false;
  /** What arrived before anybody listened; null once somebody does. */
  #inbox: unknown[] | null = [];
  #run: (fn: () => void) => void = (fn) => fn();

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    super();
    addPort(this);
    const list = listeners(this);
    list.ownHandlers = OWN_HANDLERS;
    list.onChange = (type, count) => {
      if (type === "message" && count > 0) this.start();
    };
  }

  static {
    entangle = (a, b) => {
      a.#peer = b;
      b.#peer = a;
    };
    isPort = (value) => #inbox in value;
  }

  get onmessage(): Handler | null {
    return this.#handler;
  }

  set onmessage(handler: unknown) {
    this.#handler = typeof handler === "function" ? (handler as Handler) : null;
    if (this.#handler === null || this.#hasPlace) return;
    this.#hasPlace = true;
    listeners(this).add("message", (event) => this.#handler?.call(this, event));
  }

  postMessage(message?: unknown, options?: unknown): void {
    if (hasTransfer(options)) throw new Error("Transfer list is not supported");
    const data = cloneStructured(message);
    const peer = this.#peer;
    if (peer !== null) peer.#receive(data);
  }

  /** Begin delivery; a listener does so too. */
  start(): void {
    if (this.#inbox === null) return;
    const waiting = this.#inbox;
    this.#inbox = null;
    const run = AsyncLocalStorage.snapshot();
    this.#run = (fn) => run(fn);
    for (const data of waiting) this.#receive(data);
  }

  /** Both ends hear `close`. */
  close(): void {
    const peer = this.#peer;
    if (peer === null) return;
    this.#peer = null;
    peer.#peer = null;
    for (const port of [peer, this]) port.#deliver(() => new Event("close"));
  }

  #receive(data: unknown): void {
    if (this.#inbox !== null) this.#inbox.push(data);
    else
      this.#deliver(() => new MessageEvent("message", { data, origin: NO_ORIGIN, source: this }));
  }

  #deliver(makeEvent: () => Event): void {
    queueMicrotask(() => this.#run(() => listeners(this).dispatchReporting(trusted(makeEvent()))));
  }
}
defineInterface(MessagePort, "MessagePort", { brand: isPort });

export class MessageChannel {
  declare readonly port2: MessagePort;
  declare readonly port1: MessagePort;

  constructor() {
    const [port2, port1] = [new MessagePort(INTERNAL), new MessagePort(INTERNAL)];
    entangle(port1, port2);
    defineFixed(this, { port2, port1 });
  }
}
defineInterface(MessageChannel, "MessageChannel");

function hasTransfer(options: unknown): boolean {
  if (options !== undefined && options !== null && typeof options !== "object") {
    throw new TypeError(
      "Failed to execute 'postMessage' on 'MessagePort': parameter 2 is not of type 'Array or PostMessageOptions'.",
    );
  }
  const list = Array.isArray(options)
    ? options
    : (options as { transfer?: unknown } | null | undefined)?.transfer;
  return Array.isArray(list) && list.length > 0;
}
