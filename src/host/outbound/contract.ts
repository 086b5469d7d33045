/** What network.ts and the things that it keeps open (request.ts, web-socket.ts) ask of each other. */
import type { NetworkMessage } from "../../protocol/outbound.ts";

/** Something open under an id. */
export interface Outbound {
  onMessage(message: NetworkMessage): void;
  /** The thread is gone or wants no more of it. Nothing is sent for the id after that. */
  abort(): void;
}

/** Where a request or WebSocket answers to. */
export interface OutboundPort {
  /** Queues a message; `moves` are handed over. */
  send(message: readonly unknown[], moves?: readonly ArrayBuffer[]): void;
  /** Later messages with this id are dropped. */
  leave(id: number): void;
}
