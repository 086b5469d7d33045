/** The Worker's `WebSocketPair`: two coupled ends in one thread (websocket.ts). */
import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";
import { iteratePair } from "../interfaces/iterators.ts";
import { createCoupledEnds, type WebSocket } from "./websocket.ts";

let isPair: (value: object) => boolean;

export class WebSocketPair {
  declare readonly 0: WebSocket;
  declare readonly 1: WebSocket;
  readonly #ends: readonly [WebSocket, WebSocket] = createCoupledEnds();

  constructor() {
    const [first, second] = this.#ends;
    defineFixed(this, { 0: first, 1: second });
  }

  static {
    isPair = (value) => #ends in value;
  }

  [Symbol.iterator](): IterableIterator<WebSocket> {
    return iteratePair(this.#ends);
  }
}
defineInterface(WebSocketPair, "WebSocketPair", { brand: isPair });
