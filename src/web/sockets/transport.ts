/**
 * A TCP connection as the thread has it: whoever implements `TcpCall` owns nothing of the machine,
 * the host's main thread does (protocol/outbound.ts). Used by `cloudflare:sockets`, node:net and
 * node:tls alike.
 */
import type { NetworkFailure, TcpTls } from "../../protocol/outbound.ts";

export interface TcpRequest {
  readonly host: string;
  readonly port: number;
  /** "starttls": plain until `TcpCall.startTls`. */
  readonly tls: TcpTls;
  /** Of a connection that was made to this Worker, instead of all that. */
  readonly ticket?: number;
  /** What was written before is committed first (gates of a Durable Object). */
  readonly gate: Promise<void> | undefined;
  /** Called once, when there is nothing left to abort. */
  readonly onOver: () => void;
}

/** What happens to a connection, in order; nothing after `onClosed`. */
export interface TcpEvents {
  /** Connected, and secured if `tls` is "on". */
  onOpen(): void;
  /** The bytes are the listener's own. It says with `TcpCall.taken` when they are out of the way. */
  onData(bytes: Uint8Array): void;
  /** The peer sends no more. */
  onEnd(): void;
  /** There is room for more after `TcpCall.write` said that there is none. */
  onDrain(): void;
  /** `startTls` has succeeded. */
  onSecure(): void;
  /** It is over; null: in order, or because `close` was called. */
  onClosed(failure: NetworkFailure | null): void;
}

export interface TcpCall {
  /** Takes `bytes` over. False: `onDrain` comes before more should be written. */
  write(bytes: Uint8Array): boolean;
  /** So many of the bytes that came are out of the way: others may follow. */
  taken(bytes: number): void;
  /** Nothing more is written. */
  end(): void;
  /** What was written is flushed, then `onClosed` comes. */
  close(): void;
  /** TLS for all that follows; undefined: with the name of the host. */
  startTls(serverName: string | undefined): void;
  /** From here on another one listens. */
  listen(events: TcpEvents): void;
  /** Cuts it; no event comes any more. */
  abort(): void;
}
