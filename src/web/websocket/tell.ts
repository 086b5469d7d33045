/** How a WebSocket's listeners hear of events of the runtime's own. Used by websocket.ts. */
import { type Event, trusted } from "../events/event.ts";
import { type EventTarget, listeners } from "../events/event-target.ts";
import { ErrorEvent } from "../events/events.ts";

/** Returns what listeners threw. */
export function tell(socket: EventTarget, event: Event): readonly unknown[] {
  return listeners(socket).dispatchCatching(trusted(event));
}

export function tellError(socket: EventTarget, error: unknown): void {
  tell(socket, new ErrorEvent("error", { error, message: `Uncaught ${String(error)}` }));
}
