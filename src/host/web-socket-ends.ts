/** What both ends of a WebSocket are told when the thread between them goes. */
export interface WebSocketEnd {
  readonly code: number;
  readonly reason: string;
}

export const WORKER_RESTARTED: WebSocketEnd = { code: 1012, reason: "Worker restarted" };
export const SESSION_ENDED: WebSocketEnd = { code: 1001, reason: "drover is shutting down" };
export const WORKER_CRASHED: WebSocketEnd = { code: 1011, reason: "Worker crashed" };
