/**
 * A WebSocket that a handler answered a request with, on its way to the front door and back
 * (protocol/http.ts). Made by exchange.ts; over when both ends have closed or the connection
 * is lost.
 */

import { currentInvocation } from "../../isolate/invocation.ts";
import { ToFrontDoor } from "../../protocol/http.ts";
import { httpCompat } from "../../web/compat.ts";
import {
  carryWebSocket,
  type WebSocket,
  type WebSocketData,
  type WebSocketSink,
} from "../../web/websocket/websocket.ts";
import { SocketCredit } from "./socket-credit.ts";

export interface WebSocketPort {
  send(message: unknown[]): void;
  /** Called once, after the last event was handed on. */
  over(): void;
}

const CODES = { message: ToFrontDoor.webSocketMessage, credit: ToFrontDoor.webSocketCredit };

export class HttpWebSocket {
  readonly #id: number;
  readonly #port: WebSocketPort;
  /** To the Worker. */
  readonly #deliver: WebSocketSink;
  readonly #credit: SocketCredit;
  #sentClose = false;
  #gotClose = false;
  #isOver = false;
  readonly #release: (() => void) | undefined = currentInvocation()?.hold();

  /** Throws TypeError for an end that was accepted. */
  constructor(id: number, end: WebSocket, headers: string, port: WebSocketPort) {
    this.#id = id;
    this.#port = port;
    this.#credit = new SocketCredit(id, port, CODES);
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
    port.send([ToFrontDoor.upgrade, id, headers, httpCompat().webSocketCompression]);
    isOpen = true;
    for (const event of early) event();
  }

  onMessage(data: WebSocketData): void {
    this.#deliver.message(data);
    this.#credit.taken(data);
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
    this.#credit.grant(size);
  }

  #send(data: WebSocketData): void {
    this.#credit.queue([ToFrontDoor.webSocketMessage, this.#id, data]);
  }

  #close(code: number, reason: string): void {
    if (this.#sentClose) return;
    this.#sentClose = true;
    this.#credit.queue([ToFrontDoor.webSocketClose, this.#id, code, reason]);
  }

  /** The Worker hears of the close in a microtask, and may still register waitUntil work then. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#credit.end();
    setImmediate(() => {
      this.#release?.();
      this.#port.over();
    });
  }
}
