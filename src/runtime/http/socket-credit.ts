/**
 * The credit of one WebSocket's two directions in the thread (protocol/http.ts): what the host has
 * not taken yet waits here, in the Worker's own memory. Owned by web-socket.ts and
 * outbound/socket-call.ts, one for each socket.
 */
import { WEB_SOCKET_WINDOW } from "../../protocol/http.ts";
import type { WebSocketData } from "../../web/websocket/sink.ts";

/** Credit for small messages goes back in portions. */
const CREDIT_STEP = WEB_SOCKET_WINDOW / 4;

export interface CreditPort {
  send(message: unknown[]): void;
}

/** The protocol's own codes for what both directions of it say. */
export interface CreditCodes {
  readonly message: number;
  readonly credit: number;
}

export class SocketCredit {
  readonly #id: number;
  readonly #port: CreditPort;
  readonly #codes: CreditCodes;
  #waiting: unknown[][] = [];
  #unacknowledged = 0;
  #taken = 0;
  #isOver = false;

  constructor(id: number, port: CreditPort, codes: CreditCodes) {
    this.#id = id;
    this.#port = port;
    this.#codes = codes;
  }

  /** Sent in order, when there is credit; nothing after `end()`. */
  queue(message: unknown[]): void {
    if (this.#isOver) return;
    if (this.#waiting.length > 0 || this.#unacknowledged >= WEB_SOCKET_WINDOW) {
      this.#waiting.push(message);
    } else this.#post(message);
  }

  /** The other side has taken `size` bytes. */
  grant(size: number): void {
    this.#unacknowledged -= size;
    while (this.#unacknowledged < WEB_SOCKET_WINDOW) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#post(message);
    }
  }

  /** The Worker has got `data`. */
  taken(data: WebSocketData): void {
    this.#taken += sizeOf(data);
    if (this.#taken < CREDIT_STEP) return;
    this.#port.send([this.#codes.credit, this.#id, this.#taken]);
    this.#taken = 0;
  }

  end(): void {
    this.#isOver = true;
    this.#waiting = [];
  }

  #post(message: unknown[]): void {
    if (message[0] === this.#codes.message) {
      this.#unacknowledged += sizeOf(message[2] as WebSocketData);
    }
    this.#port.send(message);
  }
}

function sizeOf(data: WebSocketData): number {
  return typeof data === "string" ? data.length : data.byteLength;
}
