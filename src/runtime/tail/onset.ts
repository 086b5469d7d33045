/** How streaming tails name what happened (spec/platform.md 16.2); pure. */
import type { TraceEvent } from "../../protocol/tail.ts";

/** `info` of an onset. */
export function onsetOf(event: TraceEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case "fetch":
      // Nothing is hidden here.
      return {
        type: "fetch",
        method: event.method,
        url: event.url,
        ...(event.cf !== undefined && { cfJson: event.cf }),
        headers: Object.entries(event.headers).map(([name, value]) => ({ name, value })),
      };
    case "rpc":
      return { type: "jsrpc" };
    case "scheduled":
      return { type: "scheduled", scheduledTime: new Date(event.scheduledTime), cron: event.cron };
    case "alarm":
      return { type: "alarm", scheduledTime: new Date(event.scheduledTime) };
    case "queue":
      return { type: "queue", queueName: event.queue, batchSize: event.batchSize };
    case "email":
      return {
        type: "email",
        mailFrom: event.mailFrom,
        rcptTo: event.rcptTo,
        rawSize: event.rawSize,
      };
    case "tail":
      return { type: "trace", traces: event.consumed };
    case "tailStream":
      return { type: "trace", traces: [] };
    case "webSocket": {
      const { event: type, code, wasClean } = event;
      const info = type === "close" ? { type, code, wasClean } : { type };
      return { type: "hibernatableWebSocket", info };
    }
    case "connect":
      return { type: "connect" };
    case "other":
      return { type: "custom" };
  }
}

/** `info` of a return; most have none. */
export function returnOf(
  event: TraceEvent,
  status: number | undefined,
): Readonly<Record<string, unknown>> | undefined {
  // A response with a WebSocket is none that is counted.
  if (event.type !== "fetch" || status === undefined) return undefined;
  return { type: "fetch", statusCode: status };
}
