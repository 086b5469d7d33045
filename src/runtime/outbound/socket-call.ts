/**
 * One outbound WebSocket in the thread. What the host has not taken yet waits here, in the Worker's
 * own memory. Made by network-port.ts; over when the connection is.
 */
import { WEB_SOCKET_WINDOW } from "../../protocol/http.ts";
import {
  type NetworkFailure,
  type NetworkMessage,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import type { WebSocketCall, WebSocketEvents, WebSocketRequest } from "../../web/http/network.ts";
import type { WebSocketData } from "../../web/websocket/sink.ts";
import type { IncomingBody } from "../http/body-in.ts";
import { answerBody } from "./answer-body.ts";
import type { CallPort, OutboundCall } from "./contract.ts";

/** Credit for small messages goes back in portions. */
const CREDIT_STEP = WEB_SOCKET_WINDOW / 4;

export class SocketCall implements WebSocketCall, OutboundCall {
  readonly #id: number;
  readonly #request: WebSocketRequest;
  readonly #events: WebSocketEvents;
  readonly #port: CallPort;
  #waiting: unknown[][] = [];
  #unacknowledged = 0;
  #taken = 0;
  /** Of a server that does not want a WebSocket. */
  #refusal: IncomingBody | undefined;
  #isOver = false;

  constructor(id: number, request: WebSocketRequest, events: WebSocketEvents, port: CallPort) {
    this.#id = id;
    this.#request = request;
    this.#events = events;
    this.#port = port;
  }

  send(data: WebSocketData): void {
    this.#queue([ToNetwork.webSocketMessage, this.#id, data]);
  }

  close(code: number, reason: string): void {
    this.#queue([ToNetwork.webSocketClose, this.#id, code, reason]);
  }

  abort(): void {
    if (this.#isOver) return;
    this.#port.send([ToNetwork.abort, this.#id]);
    this.#end();
  }

  onResponse(status: number, statusText: string, headers: string): void {
    const body = answerBody(this.#id, headers, this.#port, {
      hold: this.#request.hold,
      decline: () => this.abort(),
    });
    this.#refusal = body;
    this.#events.refused({ status, statusText, headers, body });
  }

  onChunk(bytes: Uint8Array): void {
    this.#refusal?.push(bytes);
  }

  onEnd(): void {
    this.#end();
    this.#refusal?.complete();
  }

  onFailure(failure: NetworkFailure): void {
    this.#end();
    const error = this.#request.errorOf(failure);
    if (this.#refusal === undefined) this.#events.failed(error);
    else this.#refusal.fail(error);
  }

  onMore(message: NetworkMessage): void {
    switch (message[0]) {
      case ToClient.upgrade: {
        const [, , status, statusText, headers, protocol] = message as readonly unknown[];
        const head = { status, statusText, headers } as {
          status: number;
          statusText: string;
          headers: string;
        };
        this.#events.open(head, protocol as string);
        break;
      }
      case ToClient.webSocketMessage:
        this.#onData(message[2] as WebSocketData);
        break;
      case ToClient.webSocketCredit:
        this.#onCredit(message[2] as number);
        break;
      case ToClient.webSocketClose:
        this.#end();
        this.#events.close(message[2] as number, message[3] as string);
        break;
    }
  }

  #onData(data: WebSocketData): void {
    this.#events.message(data);
    this.#taken += sizeOf(data);
    if (this.#taken < CREDIT_STEP) return;
    this.#port.send([ToNetwork.webSocketCredit, this.#id, this.#taken]);
    this.#taken = 0;
  }

  #onCredit(size: number): void {
    this.#unacknowledged -= size;
    while (this.#unacknowledged < WEB_SOCKET_WINDOW) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#post(message);
    }
  }

  #queue(message: unknown[]): void {
    if (this.#isOver) return;
    if (this.#waiting.length > 0 || this.#unacknowledged >= WEB_SOCKET_WINDOW) {
      this.#waiting.push(message);
    } else this.#post(message);
  }

  #post(message: unknown[]): void {
    if (message[0] === ToNetwork.webSocketMessage) {
      this.#unacknowledged += sizeOf(message[2] as WebSocketData);
    }
    this.#port.send(message);
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#port.leave(this.#id);
  }
}

function sizeOf(data: WebSocketData): number {
  return typeof data === "string" ? data.length : data.byteLength;
}
