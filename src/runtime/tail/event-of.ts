/** What an event is in the words of tail events (protocol/tail.ts); pure. */
import type { TraceEvent } from "../../protocol/tail.ts";
import type { Request } from "../../web/http/request.ts";
import type { OpenedEvent } from "../events/opened-event.ts";

export function fetchEvent(request: Request): TraceEvent {
  const { url, method, headers } = request;
  const { cf } = request as { readonly cf?: unknown };
  return {
    type: "fetch",
    url,
    method,
    headers: Object.fromEntries(headers),
    cf,
    status: undefined,
  };
}

/** Of one for a handler of the default entrypoint. */
export function traceEventOf({ handler, argument }: OpenedEvent): TraceEvent {
  switch (handler) {
    case "scheduled": {
      const { cron, scheduledTime } = argument as { cron: string; scheduledTime: number };
      return { type: "scheduled", cron, scheduledTime };
    }
    case "queue": {
      const { queue, messages } = argument as { queue: string; messages: readonly unknown[] };
      return { type: "queue", queue, batchSize: messages.length };
    }
    case "email": {
      const { from, to, rawSize } = argument as { from: string; to: string; rawSize: number };
      return { type: "email", mailFrom: from, rcptTo: to, rawSize };
    }
    case "connect":
      return { type: "connect" };
  }
}
