/** What passes between one end of a WebSocket and whoever carries it on. */

export type WebSocketData = string | Uint8Array;

const TOO_LARGE = "Message is too large: ";

/** What happens at one end, told to whoever carries it on. All calls come in order. */
export interface WebSocketSink {
  /** An end of a pair whose other end a handler answered its event with. */
  readonly isAnswer?: boolean;
  /** The Worker's code listens to the other end from now on. */
  accepted?(): void;
  message(data: WebSocketData): void;
  /** 1005: closed without a code; or PROTOCOL_ERROR (protocol/http.ts). */
  close(code: number, reason: string): void;
}

/** What a Worker is told of frames that break the rules, or are too large. */
export function protocolError(description: string): Error {
  const code = description.startsWith(TOO_LARGE) ? 1009 : 1002;
  return new Error(
    `WebSocket protocol error; protocolError.statusCode = ${code}; protocolError.description = ${description}`,
  );
}

/** The reason that goes with 1006 where a connection ended without a close frame. */
export const NO_CLOSE_FRAME = "WebSocket disconnected without sending Close frame.";

/** What is told of the end of a connection: of one that broke off, that it did. */
export function closeReason(code: number, reason: string): string {
  return code === 1006 && reason === "" ? NO_CLOSE_FRAME : reason;
}
