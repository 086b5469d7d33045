/** What network-port.ts and its calls (http-call.ts, socket-call.ts) ask of each other. */
import type { NetworkFailure, NetworkMessage } from "../../protocol/outbound.ts";

/** Something open under an id, told what the host says of it. */
export interface OutboundCall {
  onResponse(status: number, statusText: string, headers: string): void;
  onChunk(bytes: Uint8Array): void;
  onEnd(): void;
  onFailure(failure: NetworkFailure): void;
  /** Any other message. */
  onMore(message: NetworkMessage): void;
}

export interface CallPort {
  /** Queues a message; the array is the port's from now on. */
  send(message: unknown[]): void;
  /** Later messages with this id are dropped. */
  leave(id: number): void;
}
