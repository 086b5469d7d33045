/** What passes between one end of a WebSocket and whoever carries it on. */

export type WebSocketData = string | Uint8Array;

/** What happens at one end, told to whoever carries it on. All calls come in order. */
export interface WebSocketSink {
  message(data: WebSocketData): void;
  /** 1005: closed without a code. */
  close(code: number, reason: string): void;
}
