/**
 * The way to the thread that serves a request, as the parts of an exchange use it: http-channel.ts
 * is the one, and owns the numbers. No code.
 */
import type { WebSocketEnd } from "./web-socket-ends.ts";

/** Something whose queued message is completed at the last moment (request-body.ts). */
export interface Sealable {
  /** `moves`: memory that the message takes along, see protocol/moved-bytes.ts. */
  seal(moves: ArrayBuffer[]): void;
}

export interface ThreadPort {
  /** Queues a message for this turn's batch. The array is the port's from now on. */
  send(message: unknown[]): void;
  /** The same for one that carries `bytes`, which nobody else holds: they are handed over. */
  sendBytes(message: unknown[], bytes: Uint8Array): void;
  /** `seal` is called just before the batch leaves. */
  sealLater(sealable: Sealable): void;
  /** Later messages with this id are dropped. Safe to call twice. */
  leave(id: number): void;
  /** Set when the thread takes part in no WebSocket any more. */
  readonly webSocketEnd: WebSocketEnd | undefined;
  /** What ids of requests begin with: `web-1-`; undefined where no Worker is asked. */
  readonly idPrefix?: string;
  /** Of their trace ids; undefined where they have none. */
  readonly traceSeed?: string | undefined;
}
