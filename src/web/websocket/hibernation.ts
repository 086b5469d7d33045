/**
 * What stands behind a WebSocket that a Durable Object has accepted for hibernation: it outlives the
 * JavaScript object (spec/durable-objects.md 18). Types only; durable-objects/sockets.ts implements it.
 */
import type { WebSocketData } from "./sink.ts";

export interface HibernatableSocket {
  readonly readyState: number;
  send(data: WebSocketData): void;
  /** The arguments were checked. */
  close(code: number, reason: string): void;
  /** Serialized; undefined: none. */
  attachment: Uint8Array | undefined;
}

/** How attachments are kept (spec 11, 18.4); set when the Worker is loaded. */
export interface AttachmentCodec {
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}
