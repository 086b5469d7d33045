/**
 * What a handler gets for each kind of event (protocol/events.ts), and what is read off it afterwards.
 * Loaded with the first event of a thread; used by event-run.ts.
 */
import type { WorkerEvent } from "../../protocol/events.ts";
import type { OpenedEvent } from "./opened-event.ts";
import { openScheduled } from "./scheduled.ts";

export function openEvent(event: WorkerEvent): OpenedEvent {
  return openScheduled(event);
}
