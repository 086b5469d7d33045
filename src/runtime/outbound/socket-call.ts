/**
 * One outbound WebSocket in the thread. Made by network-port.ts; over when the connection is.
 */
import {
  type NetworkFailure,
  type NetworkMessage,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import type { WebSocketCall, WebSocketEvents, WebSocketRequest } from "../../web/http/network.ts";
import type { WebSocketData } from "../../web/websocket/sink.ts";
import type { IncomingBody } from "../http/body-in.ts";
import { SocketCredit } from "../http/socket-credit.ts";
import { answerBody } from "./answer-body.ts";
import type { CallPort, OutboundCall } from "./contract.ts";

const CODES = { message: ToNetwork.webSocketMessage, credit: ToNetwork.webSocketCredit };

export class SocketCall implements WebSocketCall, OutboundCall {
  readonly #id: number;
  readonly #request: WebSocketRequest;
  readonly #events: WebSocketEvents;
  readonly #port: CallPort;
  readonly #credit: SocketCredit;
  /** Of a server that does not want a WebSocket. */
  #refusal: IncomingBody | undefined;
  #isOver = false;

  constructor(id: number, request: WebSocketRequest, events: WebSocketEvents, port: CallPort) {
    this.#id = id;
    this.#request = request;
    this.#events = events;
    this.#port = port;
    this.#credit = new SocketCredit(id, port, CODES);
  }

  send(data: WebSocketData): void {
    this.#credit.queue([ToNetwork.webSocketMessage, this.#id, data]);
  }

  close(code: number, reason: string): void {
    this.#credit.queue([ToNetwork.webSocketClose, this.#id, code, reason]);
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
        this.#credit.grant(message[2] as number);
        break;
      case ToClient.webSocketClose:
        this.#end();
        this.#events.close(message[2] as number, message[3] as string);
        break;
    }
  }

  #onData(data: WebSocketData): void {
    this.#events.message(data);
    this.#credit.taken(data);
  }

  #end(): void {
    this.#isOver = true;
    this.#credit.end();
    this.#port.leave(this.#id);
  }
}
