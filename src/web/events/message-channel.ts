/**
 * `MessageChannel` and `MessagePort` within one Worker. Own classes: production's ports never leave
 * the Worker either, and Node's load its undici for the first event, which fails once the globals
 * are gone (Node 24). Messages are structured clones, delivered in order in later microtasks, in the
 * async context of the receiver's listener set-up.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { defineInterface } from "../interfaces/define-interface.ts";
import { cloneStructured } from "../scope/structured-clone.ts";
import { MessageEvent } from "./events.ts";

type Handler = (event: Event) => unknown;

const INTERNAL: unique symbol = Symbol("internal");

let entangle: (a: MessagePort, b: MessagePort) => void;

export class MessagePort extends EventTarget {
  #peer: MessagePort | null = null;
  #handler: Handler | null = null;
  /** What arrived before `start`; null once started. */
  #inbox: unknown[] | null = [];
  #run: (fn: () => void) => void = (fn) => fn();

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    super();
    this.addEventListener("message", (event) => this.#handler?.call(this, event));
  }

  static {
    entangle = (a, b) => {
      a.#peer = b;
      b.#peer = a;
    };
  }

  get onmessage(): Handler | null {
    return this.#handler;
  }

  set onmessage(handler: unknown) {
    this.#handler = typeof handler === "function" ? (handler as Handler) : null;
    if (this.#handler !== null) this.start();
  }

  postMessage(
    message: unknown,
    options?: readonly object[] | { readonly transfer?: readonly object[] },
  ): void {
    const transfer = Array.isArray(options)
      ? options
      : ((options as { transfer?: object[] })?.transfer ?? []);
    const data = cloneStructured(message, { transfer });
    const peer = this.#peer;
    if (peer !== null) peer.#receive(data);
  }

  /** Begin delivery; needed only with addEventListener. */
  start(): void {
    if (this.#inbox === null) return;
    const waiting = this.#inbox;
    this.#inbox = null;
    const run = AsyncLocalStorage.snapshot();
    this.#run = (fn) => run(fn);
    for (const data of waiting) this.#receive(data);
  }

  close(): void {
    const peer = this.#peer;
    this.#peer = null;
    if (peer !== null) peer.#peer = null;
  }

  #receive(data: unknown): void {
    if (this.#inbox !== null) this.#inbox.push(data);
    else {
      queueMicrotask(() =>
        this.#run(() => this.dispatchEvent(new MessageEvent("message", { data }))),
      );
    }
  }
}
defineInterface(MessagePort, "MessagePort");

export class MessageChannel {
  readonly port1: MessagePort = new MessagePort(INTERNAL);
  readonly port2: MessagePort = new MessagePort(INTERNAL);

  constructor() {
    entangle(this.port1, this.port2);
  }
}
defineInterface(MessageChannel, "MessageChannel");
