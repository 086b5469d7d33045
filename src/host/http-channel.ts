/**
 * The front door's end of protocol/http.ts: one per loaded thread, on the host's main thread.
 * Owns the port, the numbering and the table of exchanges in flight. Everything queued within an
 * event-loop turn leaves as one message; nothing here allocates closures or promises per request.
 */
import type { MessagePort } from "node:worker_threads";
import { type HttpBatch, ToFrontDoor } from "../protocol/http.ts";
import { moveBytes } from "../protocol/moved-bytes.ts";
import type { Exchange } from "./exchange.ts";
import type { Sealable, ThreadPort } from "./thread-port.ts";
import type { WebSocketEnd } from "./web-socket-ends.ts";

export class HttpChannel implements ThreadPort {
  /** Called when the last exchange has left. */
  onIdle: (() => void) | undefined;
  readonly #port: MessagePort;
  readonly #exchanges: Map<number, Exchange> = new Map();
  #queue: unknown[][] = [];
  #moves: ArrayBuffer[] = [];
  #unsealed: Sealable[] = [];
  #nextId = 1;
  #isScheduled = false;
  #webSocketEnd: WebSocketEnd | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (batch: HttpBatch) => this.#receive(batch));
  }

  /** Exchanges without complete response. */
  get size(): number {
    return this.#exchanges.size;
  }

  get webSocketEnd(): WebSocketEnd | undefined {
    return this.#webSocketEnd;
  }

  get(id: number): Exchange | undefined {
    return this.#exchanges.get(id);
  }

  /** The only exchange that is there; undefined if there are none or more. */
  get onlyOne(): Exchange | undefined {
    const [only, ...others] = this.#exchanges.values();
    return others.length === 0 ? only : undefined;
  }

  /** Closes all WebSockets, and those to come: a thread that goes does not wait for them. */
  endWebSockets(end: WebSocketEnd): void {
    this.#webSocketEnd = end;
    for (const exchange of [...this.#exchanges.values()]) exchange.shutDown(end);
  }

  /** Hands a request to the thread; its number is its id until `leave`. */
  start(exchange: Exchange): void {
    const id = this.#nextId++;
    this.#exchanges.set(id, exchange);
    exchange.start(this, id);
  }

  leave(id: number): void {
    if (this.#exchanges.delete(id) && this.#exchanges.size === 0) this.onIdle?.();
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

  /** Closes the port and returns the exchanges that will get no answer any more. */
  close(): Exchange[] {
    const left = [...this.#exchanges.values()];
    this.#exchanges.clear();
    this.#queue = [];
    this.#moves = [];
    this.#unsealed = [];
    this.#port.close();
    return left;
  }

  #receive(batch: HttpBatch): void {
    for (const message of batch) {
      const exchange = this.#exchanges.get(message[1]);
      // Finished or aborted here while the message was under way.
      if (exchange === undefined) continue;
      deliver(exchange, message as never);
    }
  }
}

function flush(channel: HttpChannel): void {
  channel.flush();
}

// biome-ignore lint/suspicious/noExplicitAny: the opcode decides the shape, see protocol/http.ts
function deliver(exchange: Exchange, message: readonly any[]): void {
  switch (message[0]) {
    case ToFrontDoor.response:
      exchange.onResponse(message[2], message[3], message[4], message[5], message[6]);
      break;
    case ToFrontDoor.bodyChunk:
      exchange.onBodyChunk(message[2]);
      break;
    case ToFrontDoor.bodyEnd:
      exchange.onBodyEnd();
      break;
    case ToFrontDoor.bodyError:
      exchange.onBodyError();
      break;
    case ToFrontDoor.requestCredit:
      exchange.onRequestCredit(message[2]);
      break;
    case ToFrontDoor.requestCancel:
      exchange.onRequestCancel();
      break;
    case ToFrontDoor.failure:
      exchange.onFailure(message[2], message[3], message[4]);
      break;
    case ToFrontDoor.webSocketMessage:
      exchange.onWebSocketMessage(message[2]);
      break;
    case ToFrontDoor.webSocketClose:
      exchange.onWebSocketClose(message[2], message[3]);
      break;
    case ToFrontDoor.webSocketCredit:
      exchange.onWebSocketCredit(message[2]);
      break;
    case ToFrontDoor.upgrade:
      exchange.onUpgrade(message[2]);
      break;
  }
}
