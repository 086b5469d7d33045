/**
 * One outbound TCP connection in the thread: what the host has not taken yet waits here, in the
 * Worker's own memory. Made by network-port.ts; over with `onClosed` or `abort`.
 */
import { STREAM_CHUNK, STREAM_WINDOW } from "../../protocol/http.ts";
import {
  type NetworkFailure,
  type NetworkMessage,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import type { TcpCall, TcpEvents, TcpRequest } from "../../web/sockets/transport.ts";
import type { CallPort, OutboundCall } from "./contract.ts";

export class TcpPortCall implements TcpCall, OutboundCall {
  readonly #id: number;
  readonly #port: CallPort;
  readonly #onOver: () => void;
  #events: TcpEvents;
  /** In order, until there is credit for the data among them. */
  #waiting: unknown[][] = [];
  #unacknowledged = 0;
  #needsDrain = false;
  #isGated = false;
  #isOver = false;

  constructor(id: number, request: TcpRequest, events: TcpEvents, port: CallPort) {
    this.#id = id;
    this.#events = events;
    this.#port = port;
    this.#onOver = request.onOver;
    const { host, port: number, tls, gate, ticket } = request;
    this.#isGated = gate !== undefined;
    if (ticket === undefined) this.#queue([ToNetwork.tcp, id, host, number, tls]);
    else this.#queue([ToNetwork.tcpAccept, id, ticket]);
    gate?.then(
      () => {
        this.#isGated = false;
        this.#onCredit(0);
      },
      (error: unknown) => {
        if (this.#isOver) return;
        this.#end();
        this.#events.onClosed({ message: String(error), code: "" });
      },
    );
  }

  write(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.byteLength; at += STREAM_CHUNK) {
      // What is left of a bigger buffer must not travel along with each of its parts.
      const chunk = bytes.byteLength <= STREAM_CHUNK ? bytes : bytes.slice(at, at + STREAM_CHUNK);
      this.#queue([ToNetwork.tcpData, this.#id, chunk]);
    }
    this.#needsDrain = this.#waiting.length > 0 || this.#unacknowledged >= STREAM_WINDOW;
    return !this.#needsDrain;
  }

  taken(bytes: number): void {
    if (!this.#isOver) this.#port.send([ToNetwork.tcpCredit, this.#id, bytes]);
  }

  end(): void {
    this.#queue([ToNetwork.tcpEnd, this.#id]);
  }

  close(): void {
    this.#queue([ToNetwork.tcpClose, this.#id]);
  }

  startTls(serverName: string | undefined): void {
    this.#queue([ToNetwork.tcpStartTls, this.#id, serverName ?? null]);
  }

  listen(events: TcpEvents): void {
    this.#events = events;
  }

  abort(): void {
    if (this.#isOver) return;
    this.#port.send([ToNetwork.abort, this.#id]);
    this.#end();
  }

  onMore(message: NetworkMessage): void {
    switch (message[0]) {
      case ToClient.tcpOpen:
        this.#events.onOpen();
        break;
      case ToClient.tcpData:
        this.#events.onData(message[2] as Uint8Array);
        break;
      case ToClient.tcpCredit:
        this.#onCredit(message[2] as number);
        break;
      case ToClient.tcpEnd:
        this.#events.onEnd();
        break;
      case ToClient.tcpSecure:
        this.#events.onSecure();
        break;
      case ToClient.tcpClosed:
        this.#end();
        this.#events.onClosed(message[2] as NetworkFailure | null);
        break;
    }
  }

  // Of HTTP: nothing of that comes for this id.
  onResponse(): void {}
  onChunk(): void {}
  onEnd(): void {}
  onFailure(): void {}

  #queue(message: unknown[]): void {
    if (this.#isOver) return;
    const mustWait = this.#isGated || this.#unacknowledged >= STREAM_WINDOW;
    if (mustWait || this.#waiting.length > 0) {
      this.#waiting.push(message);
    } else this.#post(message);
  }

  #post(message: unknown[]): void {
    if (message[0] === ToNetwork.tcpData) {
      this.#unacknowledged += (message[2] as Uint8Array).byteLength;
    }
    this.#port.send(message);
  }

  #onCredit(bytes: number): void {
    this.#unacknowledged -= bytes;
    while (!this.#isGated && this.#unacknowledged < STREAM_WINDOW) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#post(message);
    }
    if (!this.#needsDrain || this.#unacknowledged >= STREAM_WINDOW) return;
    this.#needsDrain = false;
    this.#events.onDrain();
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#port.leave(this.#id);
    this.#onOver();
  }
}
