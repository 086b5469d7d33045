/**
 * How a WebSocket's listeners hear of events of the runtime's own, and what becomes of what they throw
 * (spec/platform.md 11.2). Used by websocket.ts.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { logException, logUnrecorded } from "../../isolate/log.ts";
import { isOf } from "../../util/thrown.ts";
import { httpCompat } from "../compat.ts";
import { type Event, trusted } from "../events/event.ts";
import { type EventTarget, listeners } from "../events/event-target.ts";
import { ErrorEvent } from "../events/events.ts";
import type { WebSocketSink } from "./sink.ts";

const LOST = 1006;

/** How a WebSocket that a handler answered its event with came to an end that was not clean. */
export type AnswerEnd = "broken" | "lost";

let onAnswerEnd: ((end: AnswerEnd) => void) | undefined;

/** Told in the context of the event; set once by a Worker that is tailed. "broken": a listener threw. */
export function setAnswerListener(listener: (end: AnswerEnd) => void): void {
  onAnswerEnd = listener;
}

export function answerEnded(end: AnswerEnd): void {
  onAnswerEnd?.(end);
}

/** `sink`, and that the connection was lost is told in the context of now. */
export function tellingLoss(sink: WebSocketSink): WebSocketSink {
  if (onAnswerEnd === undefined) return sink;
  const run = AsyncLocalStorage.snapshot();
  return {
    message: (data) => sink.message(data),
    close: (code, reason) => {
      if (code === LOST) run(() => answerEnded("lost"));
      sink.close(code, reason);
    },
  };
}

/** Returns what listeners threw. */
export function tell(socket: EventTarget, event: Event): readonly unknown[] {
  return listeners(socket).dispatchCatching(trusted(event));
}

/** Whoever throws at that is logged. */
export function tellError(socket: EventTarget, error: unknown): void {
  const event = new ErrorEvent("error", { error, message: `Uncaught ${textOf(error)}` });
  const thrown = tell(socket, event);
  if (!httpCompat().compliantDispatch) {
    for (const another of thrown) logException(another, "Uncaught");
  }
}

/** What the socket's `error` event shows of what was thrown. */
export function errorOf(thrown: unknown): unknown {
  const isObject = typeof thrown === "object" && thrown !== null;
  if (isOf(thrown, Error) || (isObject && httpCompat().keepsThrownObjects)) return thrown;
  return new Error(isObject ? "#<Object>" : String(thrown));
}

/** Before 2026-09-15: logged, but no part of the event's record. */
export function uncaught(error: unknown): void {
  logUnrecorded(error, "Uncaught");
}

function textOf(error: unknown): string {
  return isOf(error, Error) ? String(error) : "#<Object>";
}
