/**
 * The way out of a Worker's thread, as fetch, WebSocket and sockets use it: whoever implements this owns the
 * connections and keeps them out of the isolate (protocol/outbound.ts). Set once by the thread.
 */
import type { LookupAddress, NetworkFailure } from "../../protocol/outbound.ts";
import type { TcpCall, TcpEvents, TcpRequest } from "../sockets/transport.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import type { WebSocketData, WebSocketSink } from "../websocket/sink.ts";
import type { LazyStream } from "./body-source.ts";

/** The head of an answer and its body, still as it came from the server. */
export interface NetworkAnswer {
  readonly status: number;
  readonly statusText: string;
  /** As in protocol/http.ts, names in lower case. */
  readonly headers: string;
  readonly body: LazyStream & { cancel(): void };
}

export interface NetworkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: null | string | Uint8Array | ReadableStream;
  /** Somebody waits for bytes of the answer, until the returned function is called. */
  readonly hold: () => () => void;
  /** Shapes what the caller or the readers of the body see. */
  readonly errorOf: (failure: NetworkFailure) => Error;
  /** Called once, when there is nothing left to abort. */
  readonly onOver: () => void;
}

export interface NetworkCall {
  readonly answer: Promise<NetworkAnswer>;
  /** The answer rejects, or its body fails, with `reason`. Nothing if it is over. */
  abort(reason: unknown): void;
}

export interface WebSocketRequest {
  /** ws: or wss:. */
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: string;
  /** Offers permessage-deflate. */
  readonly compresses: boolean;
  readonly hold: () => () => void;
  readonly errorOf: (failure: NetworkFailure) => Error;
}

/** One of the first three comes first; messages and close only after `open`. */
export interface WebSocketEvents extends WebSocketSink {
  open(head: Omit<NetworkAnswer, "body">, protocol: string): void;
  /** The server answered with something else than a WebSocket. */
  refused(answer: NetworkAnswer): void;
  failed(error: Error): void;
}

export interface WebSocketCall {
  send(data: WebSocketData): void;
  /** 1005: without a code; 1006: cuts the connection. */
  close(code: number, reason: string): void;
  abort(): void;
}

export interface Network {
  request(request: NetworkRequest): NetworkCall;
  webSocket(request: WebSocketRequest, events: WebSocketEvents): WebSocketCall;
  tcp(request: TcpRequest, events: TcpEvents): TcpCall;
  /** Addresses of a host by the resolver of the machine; rejects with a NetworkFailure. */
  lookup(host: string): Promise<readonly LookupAddress[]>;
}

let current: (() => Network) | undefined;

/** `load` is called with the first outbound request. */
export function setNetwork(load: () => Network): void {
  current = load;
}

export function network(): Network {
  if (current === undefined) throw new Error("There is no network here.");
  return current();
}
