/**
 * What a Worker's thread is asked to do, as a worker-slot.ts and an http-channel.ts know it: a request
 * of the front door (exchange.ts) or another event (event-delivery.ts). Parked (nothing sent) or
 * started on a thread's channel; ends exactly once. No code.
 */
import type { EventOutcome } from "../protocol/events.ts";
import type { HttpMessage } from "../protocol/http.ts";
import type { ErrorReport } from "./error-page.ts";
import type { ThreadPort } from "./thread-port.ts";
import type { WebSocketEnd } from "./web-socket-ends.ts";

/** Why no thread has an answer; whoever gets it adds what it knows itself. */
export type Failure = Pick<ErrorReport, "status" | "title" | "message"> &
  Partial<ErrorReport> & {
    /** It ran, and this is what became of it; absent where it did not, or not to its end. */
    readonly outcome?: EventOutcome;
  };

export interface Delivery {
  /** It has its answer, and may still be a WebSocket. */
  readonly isDone: boolean;
  /** No answer has begun, and asking again is harmless: another thread may take it over. */
  readonly isReplayable: boolean;
  /** While it waits for a thread: `onAbandoned` is called if nobody wants it any more. */
  park(onAbandoned: () => void): void;
  /** It goes to a thread, as number `id`. Again after its thread is gone. */
  start(channel: ThreadPort, id: number): void;
  /** What the thread says under its number. */
  onMessage(message: HttpMessage): void;
  /** There will be no answer. */
  fail(failure: Failure): void;
  /** Closes the WebSocket, if it is one, because its thread goes. */
  shutDown(end: WebSocketEnd): void;
}
