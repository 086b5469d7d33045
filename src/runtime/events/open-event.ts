/**
 * What a handler gets for each kind of event (protocol/events.ts), and what is read off it afterwards.
 * Loaded with the first event of a thread; used by event-run.ts.
 */
import type { WorkerEvent } from "../../protocol/events.ts";
import type { ResourceCaller } from "../bindings/resource.ts";
import { openConnect } from "./connect.ts";
import { openEmail } from "./email.ts";
import type { OpenedEvent } from "./opened-event.ts";
import { openQueue } from "./queue.ts";
import { openScheduled } from "./scheduled.ts";

/** What kinds of events need of their Worker. */
export interface EventSurroundings {
  /** State of the Worker's compatibility flags, by enabling name. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** Structured clone from bytes. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** The way to whoever takes replies to mail. */
  readonly mail: () => ResourceCaller;
}

/** Throws what the event's content does not allow. */
export function openEvent(event: WorkerEvent, around: EventSurroundings): OpenedEvent {
  switch (event.type) {
    case "scheduled":
      return openScheduled(event);
    case "connect":
      return openConnect(event);
    case "email":
      return openEmail(event, around.mail());
    case "queue": {
      const { queue_consumer_no_wait_for_wait_until: noWait = false } = around.flags;
      return openQueue(event, around.read, !noWait);
    }
  }
}
