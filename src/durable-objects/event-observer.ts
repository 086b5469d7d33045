/**
 * Who hears of the events that objects get beside calls: alarms, and what hibernating WebSockets are told.
 * Set by a Worker that is tailed (runtime/tail/); without it an event costs a comparison.
 */
import type { HibernatableTrace } from "../protocol/tail.ts";
import type { SpanRef } from "../rpc/contract.ts";

export type ObjectEvent =
  | { readonly type: "alarm"; readonly scheduledTime: number }
  | HibernatableTrace;

/** What led to an event, if somebody records that. */
export type EventCause = SpanRef | undefined;

export interface ObjectIdentity {
  readonly className: string;
  /** Its id. */
  readonly hex: string;
}

/** Runs `handler` and gives its result; rejects as it does. */
export type EventObserver = <T>(
  object: ObjectIdentity,
  event: ObjectEvent,
  cause: EventCause,
  handler: () => T | Promise<T>,
) => Promise<T>;

let observer: EventObserver | undefined;

export function setEventObserver(own: EventObserver): void {
  observer = own;
}

export function observeEvent<T>(
  object: ObjectIdentity,
  event: ObjectEvent,
  cause: EventCause,
  handler: () => T | Promise<T>,
): T | Promise<T> {
  return observer === undefined ? handler() : observer(object, event, cause, handler);
}
