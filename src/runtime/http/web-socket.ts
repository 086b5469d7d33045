/**
 * A WebSocket that a handler answered a request with, on its way to the front door and back
 * (protocol/http.ts). Made by exchange.ts; over when both ends have closed or the connection
 * is lost. What the front door has not taken yet waits here, in the Worker's own memory.
 */

import { currentInvocation } from "../../isolate/invocation.ts";
import { ToFrontDoor, WEB_SOCKET_WINDOW } from "../../protocol/http.ts";
import {
  carryWebSocket,
  type WebSocket,
  type WebSocketData,
  type WebSocketSink,
} from "../../web/websocket/websocket.ts";

export interface WebSocketPort {
  send(message: unknown[]): void;
  /** Called once, after the last event was handed on. */
  over(): void;
}

/** Credit for small messages goes back in portions. */
const CREDIT_STEP = WEB_SOCKET_WINDOW / 4;

export class HttpWebSocket {
  readonly #id: number;
  readonly #port: WebSocketPort;
  /** To the Worker. */
  readonly #deliver: WebSocketSink;
  #waiting: unknown[][] = [];
  #unacknowledged = 0;
  #taken = 0;
  #sentClose = false;
  #gotClose = false;
  #isOver = false;
  readonly #release: (() => void) | undefined = currentInvocation()?.hold();

  /** Throws TypeError for an end that was accepted. */
  constructor(id: number, end: WebSocket, headers: string, port: WebSocketPort) {
    this.#id = id;
    this.#port = port;
    // What the Worker sent before follows the handshake: nothing goes out before this is queued.
    const early: (() => void)[] = [];
    let isOpen = false;
    const inOrder = (event: () => void): void => {
      if (isOpen) event();
      else early.push(event);
    };
    this.#deliver = carryWebSocket(end, {
      message: (data) => inOrder(() => this.#send(data)),
      close: (code, reason) => inOrder(() => this.#close(code, reason)),
    });
    port.send([ToFrontDoor.upgrade, id, headers]);
    isOpen = true;
    for (const event of early) event();
  }

  onMessage(data: WebSocketData): void {
    this.#deliver.message(data);
    this.#taken += sizeOf(data);
    if (this.#taken < CREDIT_STEP) return;
    this.#port.send([ToFrontDoor.webSocketCredit, this.#id, this.#taken]);
    this.#taken = 0;
  }

  /** `isOver`: nobody takes an answer. */
  onClose(code: number, reason: string, isOver: boolean): void {
    if (!this.#gotClose) {
      this.#gotClose = true;
      this.#deliver.close(code, reason);
    }
    if (isOver) this.#end();
  }

  onCredit(size: number): void {
    this.#unacknowledged -= size;
    while (this.#unacknowledged < WEB_SOCKET_WINDOW) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#post(message);
    }
  }

  #send(data: WebSocketData): void {
    this.#queue([ToFrontDoor.webSocketMessage, this.#id, data]);
  }

  #close(code: number, reason: string): void {
    if (this.#sentClose) return;
    this.#sentClose = true;
    this.#queue([ToFrontDoor.webSocketClose, this.#id, code, reason]);
  }

  #queue(message: unknown[]): void {
    if (this.#isOver) return;
    if (this.#waiting.length > 0 || this.#unacknowledged >= WEB_SOCKET_WINDOW) {
      this.#waiting.push(message);
    } else this.#post(message);
  }

  #post(message: unknown[]): void {
    if (message[0] === ToFrontDoor.webSocketMessage) {
      this.#unacknowledged += sizeOf(message[2] as WebSocketData);
    }
    this.#port.send(message);
  }

  /** The Worker hears of the close in a microtask, and may still register waitUntil work then. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    setImmediate(() => {
      this.#release?.();
      this.#port.over();
    });
  }
}

function sizeOf(data: WebSocketData): number {
  return typeof data === "string" ? data.length : data.byteLength;
}
