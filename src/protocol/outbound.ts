/**
 * Outbound HTTP, WebSockets and TCP of a Worker, between its thread and the host's main thread, which
 * owns the connections: no socket of the machine is an object of the Worker's isolate. Over a
 * MessagePort that the thread makes with its first outbound request ("outbound" of thread.ts).
 *
 * Framing, headers, bodies and credit are those of protocol/http.ts. `id` is chosen by the thread,
 * starts at 1 and is never reused on a port. An id is over for both sides with `bodyEnd`,
 * `bodyError`, `failure`, `webSocketClose`, `tcpClosed`, `addresses` of the host, or with `abort` of the thread.
 */
import type { HttpBody } from "./http.ts";

/** Thread -> host. */
export const ToNetwork = {
  /** [op, id, method, url, headers, body: HttpBody] */
  request: 1,
  /** [op, id, bytes] one chunk of the request body. */
  bodyChunk: 2,
  /** [op, id] the request body is complete. */
  bodyEnd: 3,
  /** [op, id] the request is given up, its connection is cut. */
  abort: 4,
  /** [op, id, bytes: number] the Worker took that many bytes of the response body. */
  responseCredit: 5,
  /** [op, id, url, protocols: string[], headers, compresses] opens a WebSocket (ws: or wss:). */
  webSocket: 6,
  /** [op, id, data: string | Uint8Array] */
  webSocketMessage: 16,
  /** [op, id, code, reason] 1005: without a code, 1006: cut the connection. */
  webSocketClose: 17,
  /** [op, id, size: number] the Worker took messages of that size. */
  webSocketCredit: 18,
  /** [op, id, host, port, tls: TcpTls] opens a TCP connection; what is sent before it is open waits. */
  tcp: 32,
  /** [op, id, bytes] in chunks of at most STREAM_CHUNK, STREAM_WINDOW unacknowledged. */
  tcpData: 33,
  /** [op, id, bytes: number] the Worker took that many bytes. */
  tcpCredit: 34,
  /** [op, id] the Worker sends no more; it goes on reading. */
  tcpEnd: 35,
  /** [op, id] what was sent is flushed, then the connection ends: `tcpClosed`. */
  tcpClose: 36,
  /** [op, id, serverName: string | null] TLS from here on, null: with the name of the host. */
  tcpStartTls: 37,
  /** [op, id, ticket] the connection of a `connect` event (protocol/events.ts) instead of a new one. */
  tcpAccept: 38,
  /** [op, id, host] asks the resolver of the machine. */
  lookup: 48,
} as const;

/** Host -> thread. */
export const ToClient = {
  /** [op, id, status, statusText, headers, hasBody: boolean] */
  response: 1,
  /** [op, id, bytes] one chunk of the response body. */
  bodyChunk: 2,
  /** [op, id] the response body is complete. */
  bodyEnd: 3,
  /** [op, id, failure] the response body broke off. */
  bodyError: 4,
  /** [op, id, bytes: number] the server took that many bytes of the request body. */
  requestCredit: 5,
  /** [op, id, failure] there is no answer. */
  failure: 7,
  /** [op, id, data: string | Uint8Array] */
  webSocketMessage: 16,
  /** [op, id, code, reason] the connection is over. */
  webSocketClose: 17,
  /** [op, id, size: number] messages of that size were written. */
  webSocketCredit: 18,
  /** [op, id, status, statusText, headers, protocol] the WebSocket is open. */
  upgrade: 19,
  /** [op, id] connected, and with TLS "on" secured. */
  tcpOpen: 32,
  /** [op, id, bytes] */
  tcpData: 33,
  /** [op, id, bytes: number] that many bytes went to the operating system. */
  tcpCredit: 34,
  /** [op, id] the peer sends no more. */
  tcpEnd: 35,
  /** [op, id, failure: NetworkFailure | null] the connection is over. */
  tcpClosed: 36,
  /** [op, id] the TLS handshake of `tcpStartTls` is done. */
  tcpSecure: 37,
  /** [op, id, addresses: LookupAddress[]] the answer to `lookup`; else `failure`. */
  addresses: 48,
} as const;

export interface LookupAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * "starttls": plain until `tcpStartTls`. "postgres", "postgres-unchecked": the host asks the server for
 * TLS as a client of such a database does, and the Worker's driver does not notice; "-unchecked" takes any
 * certificate.
 */
export type TcpTls = "off" | "on" | "starttls" | DatabaseTls;

export type DatabaseTls = "postgres" | "postgres-unchecked" | "mysql" | "mysql-unchecked";

/** Why a connection failed, as the operating system or the HTTP client put it. */
export interface NetworkFailure {
  readonly message: string;
  /** Such as ECONNREFUSED; "" if there is none. */
  readonly code: string;
  /** Of TCP: what failed, such as connect, and where. */
  readonly syscall?: string;
  readonly address?: string;
}

export type NetworkMessage = readonly [op: number, id: number, ...rest: unknown[]];
export type NetworkBatch = readonly NetworkMessage[];

/** Of `request`. */
export type NetworkRequest = readonly [
  op: typeof ToNetwork.request,
  id: number,
  method: string,
  url: string,
  headers: string,
  body: HttpBody,
];
