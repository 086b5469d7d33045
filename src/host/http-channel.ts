/**
 * The front door's end of protocol/http.ts: one per loaded thread, on the host's main thread.
 * Owns the port, the numbering and the table of what is in flight. Everything queued within an
 * event-loop turn leaves as one message; nothing here allocates closures or promises per request.
 */
import type { MessagePort } from "node:worker_threads";
import type { HttpBatch } from "../protocol/http.ts";
import { moveBytes } from "../protocol/moved-bytes.ts";
import type { Delivery } from "./delivery.ts";
import type { Sealable, ThreadPort } from "./thread-port.ts";
import type { WebSocketEnd } from "./web-socket-ends.ts";

export class HttpChannel implements ThreadPort {
  /** Called when the last delivery has left. */
  onIdle: (() => void) | undefined;
  readonly idPrefix: string;
  /** Of trace ids, where requests get them. */
  readonly traceSeed: string | undefined;
  readonly #port: MessagePort;
  readonly #deliveries: Map<number, Delivery> = new Map();
  #queue: unknown[][] = [];
  #moves: ArrayBuffer[] = [];
  #unsealed: Sealable[] = [];
  #nextId = 1;
  #isScheduled = false;
  #webSocketEnd: WebSocketEnd | undefined;

  /** `idPrefix`, `traceSeed`: those that the thread has been given. */
  constructor(port: MessagePort, idPrefix = "", traceSeed?: string) {
    this.#port = port;
    this.idPrefix = idPrefix;
    this.traceSeed = traceSeed;
    port.on("message", (batch: HttpBatch) => this.#receive(batch));
  }

  /** Requests without complete response, and events without answer. */
  get size(): number {
    return this.#deliveries.size;
  }

  get webSocketEnd(): WebSocketEnd | undefined {
    return this.#webSocketEnd;
  }

  get(id: number): Delivery | undefined {
    return this.#deliveries.get(id);
  }

  /** The only one that is there; undefined if there are none or more. */
  get onlyOne(): Delivery | undefined {
    const [only, ...others] = this.#deliveries.values();
    return others.length === 0 ? only : undefined;
  }

  /** Closes all WebSockets, and those to come: a thread that goes does not wait for them. */
  endWebSockets(end: WebSocketEnd): void {
    this.#webSocketEnd = end;
    for (const delivery of [...this.#deliveries.values()]) delivery.shutDown(end);
  }

  /** Hands a request or event to the thread; its number is its id until `leave`. */
  start(delivery: Delivery): void {
    const id = this.#nextId++;
    this.#deliveries.set(id, delivery);
    delivery.start(this, id);
  }

  leave(id: number): void {
    if (this.#deliveries.delete(id) && this.#deliveries.size === 0) this.onIdle?.();
  }

  send(message: unknown[]): void {
    this.#queue.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(flush, this);
  }

  sendBytes(message: unknown[], bytes: Uint8Array): void {
    moveBytes(bytes, this.#moves);
    this.send(message);
  }

  sealLater(sealable: Sealable): void {
    this.#unsealed.push(sealable);
  }

  /** Posts what is queued. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#unsealed.length > 0) {
      const unsealed = this.#unsealed;
      this.#unsealed = [];
      for (const sealable of unsealed) sealable.seal(this.#moves);
    }
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    const moves = this.#moves;
    this.#queue = [];
    if (moves.length > 0) this.#moves = [];
    this.#port.postMessage(queue, moves);
  }

  /** Closes the port and returns those that will get no answer any more. */
  close(): Delivery[] {
    const left = [...this.#deliveries.values()];
    this.#deliveries.clear();
    this.#queue = [];
    this.#moves = [];
    this.#unsealed = [];
    this.#port.close();
    return left;
  }

  #receive(batch: HttpBatch): void {
    for (const message of batch) {
      // Undefined: finished or aborted here while the message was under way.
      this.#deliveries.get(message[1])?.onMessage(message);
    }
  }
}

function flush(channel: HttpChannel): void {
  channel.flush();
}
