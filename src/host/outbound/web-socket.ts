/**
 * One outbound WebSocket of a Worker, on the client of `ws` (loaded with the first one): messages
 * go both ways with the credit of protocol/http.ts. A server that answers with anything else than a
 * WebSocket is reported as an ordinary response. Main thread of the host; made by network.ts.
 */
import type { IncomingMessage } from "node:http";
import type { RawData, WebSocket } from "ws";
import {
  MAX_WEB_SOCKET_MESSAGE,
  STREAM_CHUNK,
  STREAM_WINDOW,
  WEB_SOCKET_WINDOW,
} from "../../protocol/http.ts";
import { type NetworkMessage, ToClient, ToNetwork } from "../../protocol/outbound.ts";
import { messageOf } from "../../util/errors.ts";
import type { Outbound, OutboundPort } from "./contract.ts";
import { failureOf } from "./failure.ts";

export interface OutboundWebSocketInit {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: string;
  /** Offers permessage-deflate, and uses it for every message if the server takes it. */
  readonly compresses: boolean;
}

const BROKEN = 1006;
const NO_CODE = 1005;
const CREDIT_STEP = WEB_SOCKET_WINDOW / 4;

export class OutboundWebSocket implements Outbound {
  readonly #id: number;
  readonly #port: OutboundPort;
  #socket: WebSocket | undefined;
  /** Of a server that does not want a WebSocket. */
  #refusal: IncomingMessage | undefined;
  #isOpen = false;
  #isOver = false;
  #owed = 0;
  #written = 0;

  constructor(id: number, init: OutboundWebSocketInit, port: OutboundPort) {
    this.#id = id;
    this.#port = port;
    this.#connect(init).catch((error) => this.#fail(error));
  }

  onMessage(message: NetworkMessage): void {
    switch (message[0]) {
      case ToNetwork.webSocketMessage:
        this.#write(message[2] as string | Uint8Array);
        break;
      case ToNetwork.webSocketClose:
        this.#close(message[2] as number, message[3] as string);
        break;
      case ToNetwork.webSocketCredit:
        this.#owed -= message[2] as number;
        if (this.#socket?.isPaused && this.#owed < WEB_SOCKET_WINDOW) this.#socket.resume();
        break;
      case ToNetwork.responseCredit:
        this.#owed -= message[2] as number;
        if (STREAM_WINDOW - this.#owed >= STREAM_CHUNK) this.#refusal?.resume();
        break;
    }
  }

  abort(): void {
    this.#isOver = true;
    this.#socket?.terminate();
    this.#refusal?.destroy();
  }

  async #connect({ url, protocols, headers, compresses }: OutboundWebSocketInit): Promise<void> {
    const { WebSocket } = await import("ws");
    if (this.#isOver) return;
    const socket = new WebSocket(url, [...protocols], {
      maxPayload: MAX_WEB_SOCKET_MESSAGE,
      // Without a window of its own, as production offers it.
      perMessageDeflate: compresses && { threshold: 0, clientMaxWindowBits: false as never },
      headers: headerLists(headers),
    });
    this.#socket = socket;
    let answer: IncomingMessage | undefined;
    let hasChosen = true;
    socket.on("upgrade", (message) => {
      answer = message;
      hasChosen = message.headers["sec-websocket-protocol"] !== undefined;
      // `ws` refuses a server that picks none of the protocols, before it says "open"; production does not.
      if (!hasChosen) message.headers["sec-websocket-protocol"] = protocols[0];
    });
    socket.on("unexpected-response", (_request, message) => this.#onRefusal(message));
    socket.on("open", () => {
      this.#isOpen = true;
      const head = answer === undefined ? [101, "", ""] : headOf(answer);
      this.#send([ToClient.upgrade, this.#id, ...head, hasChosen ? socket.protocol : ""]);
    });
    socket.on("message", (data, isBinary) => this.#onData(data, isBinary));
    // After "open" the "close" that follows tells all there is to tell.
    socket.on("error", (error) => {
      if (!this.#isOpen) this.#fail(error);
    });
    socket.on("close", (code, reason) => {
      this.#end([ToClient.webSocketClose, this.#id, code, reason.toString()]);
    });
  }

  #onRefusal(message: IncomingMessage): void {
    if (this.#isOver) {
      message.destroy();
      return;
    }
    this.#refusal = message;
    this.#send([ToClient.response, this.#id, ...headOf(message), true]);
    message.on("data", (chunk: Buffer) => {
      this.#owed += chunk.byteLength;
      this.#send([ToClient.bodyChunk, this.#id, new Uint8Array(chunk)]);
      if (STREAM_WINDOW - this.#owed < STREAM_CHUNK) message.pause();
    });
    message.on("end", () => this.#end([ToClient.bodyEnd, this.#id]));
    message.on("error", (error) => {
      this.#end([ToClient.bodyError, this.#id, failureOf(error)]);
    });
  }

  #onData(data: RawData, isBinary: boolean): void {
    const bytes = data as Buffer;
    const message = isBinary ? new Uint8Array(bytes) : bytes.toString();
    this.#owed += sizeOf(message);
    this.#send([ToClient.webSocketMessage, this.#id, message]);
    if (this.#owed >= WEB_SOCKET_WINDOW) this.#socket?.pause();
  }

  #write(data: string | Uint8Array): void {
    const size = sizeOf(data);
    // A connection that just broke: "close" tells.
    this.#socket?.send(data, () => {
      this.#written += size;
      if (this.#written < CREDIT_STEP) return;
      this.#send([ToClient.webSocketCredit, this.#id, this.#written]);
      this.#written = 0;
    });
  }

  #close(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket === undefined) this.#end([ToClient.webSocketClose, this.#id, BROKEN, ""]);
    else if (code === BROKEN) socket.terminate();
    else if (code === NO_CODE) socket.close();
    else socket.close(code, reason);
  }

  #fail(error: unknown): void {
    // Production takes it for an answer of a broken gateway.
    if (/Sec-WebSocket-Extensions|extension that was not requested/.test(messageOf(error))) {
      this.#send([ToClient.response, this.#id, 502, "Bad Gateway", "", true]);
      this.#end([ToClient.bodyEnd, this.#id]);
      return;
    }
    this.#end([ToClient.failure, this.#id, failureOf(error)]);
  }

  #send(message: readonly unknown[]): void {
    if (!this.#isOver) this.#port.send(message);
  }

  #end(message: readonly unknown[]): void {
    this.#send(message);
    this.#isOver = true;
    this.#port.leave(this.#id);
  }
}

function headOf(message: IncomingMessage): [number, string, string] {
  const fields: string[] = [];
  const { rawHeaders } = message;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (name === "transfer-encoding" || name === "connection" || name === "keep-alive") continue;
    fields.push(name, rawHeaders[i + 1] as string);
  }
  return [message.statusCode ?? 0, message.statusMessage ?? "", fields.join("\n")];
}

function headerLists(wire: string): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  const parts = wire === "" ? [] : wire.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const name = parts[i] as string;
    const values = headers[name] ?? [];
    values.push(parts[i + 1] as string);
    headers[name] = values;
  }
  return headers;
}

function sizeOf(data: string | Uint8Array): number {
  return typeof data === "string" ? data.length : data.byteLength;
}
