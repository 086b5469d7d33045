/**
 * What a thread says about a request (protocol/http.ts), as calls: the opcodes in one place. Main
 * thread of the host; used by exchange.ts.
 */
import { type HttpBody, type HttpMessage, ToFrontDoor } from "../protocol/http.ts";

export interface AnswerTaker {
  onResponse(
    status: number,
    statusText: string,
    headers: string,
    body: HttpBody,
    length: number,
  ): void;
  onBodyChunk(bytes: Uint8Array): void;
  onBodyEnd(): void;
  onBodyError(): void;
  onRequestCredit(bytes: number): void;
  onRequestCancel(): void;
  onFailure(message: string, stack: string, name: string): void;
  onWebSocketMessage(data: string | Uint8Array): void;
  onWebSocketClose(code: number, reason: string): void;
  onWebSocketCredit(size: number): void;
  onUpgrade(headers: string, compresses: boolean): void;
}

/** Calls what the message means. */
export function deliverAnswer(exchange: AnswerTaker, message: HttpMessage): void {
  take(exchange, message as never);
}

// biome-ignore lint/suspicious/noExplicitAny: the opcode decides the shape, see protocol/http.ts
function take(exchange: AnswerTaker, message: readonly any[]): void {
  switch (message[0]) {
    case ToFrontDoor.response:
      exchange.onResponse(message[2], message[3], message[4], message[5], message[6]);
      break;
    case ToFrontDoor.bodyChunk:
      exchange.onBodyChunk(message[2]);
      break;
    case ToFrontDoor.bodyEnd:
      exchange.onBodyEnd();
      break;
    case ToFrontDoor.bodyError:
      exchange.onBodyError();
      break;
    case ToFrontDoor.requestCredit:
      exchange.onRequestCredit(message[2]);
      break;
    case ToFrontDoor.requestCancel:
      exchange.onRequestCancel();
      break;
    case ToFrontDoor.failure:
      exchange.onFailure(message[2], message[3], message[4]);
      break;
    case ToFrontDoor.webSocketMessage:
      exchange.onWebSocketMessage(message[2]);
      break;
    case ToFrontDoor.webSocketClose:
      exchange.onWebSocketClose(message[2], message[3]);
      break;
    case ToFrontDoor.webSocketCredit:
      exchange.onWebSocketCredit(message[2]);
      break;
    case ToFrontDoor.upgrade:
      exchange.onUpgrade(message[2], message[3]);
      break;
  }
}
