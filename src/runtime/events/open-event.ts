/**
 * What a handler gets for each kind of event (protocol/events.ts), and what is read off it afterwards.
 * Loaded with the first event of a thread; used by event-run.ts.
 */
import type { EventAnswer, WorkerEvent } from "../../protocol/events.ts";
import { openScheduled } from "./scheduled.ts";

export interface OpenedEvent {
  /** Name of the handler. */
  readonly handler: "scheduled";
  /** Its first argument. */
  readonly argument: object;
  /** Said before the error, if there is no such handler; production's words. */
  readonly missing: string;
  readonly missingError: string;
  /** False: the answer does not wait for waitUntil work. */
  readonly waitsForTasks?: boolean;
  /** What the answer says beside the outcome; asked once, at the end. */
  result(): Partial<EventAnswer>;
}

export function openEvent(event: WorkerEvent): OpenedEvent {
  return openScheduled(event);
}
