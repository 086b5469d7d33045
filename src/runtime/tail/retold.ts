/**
 * A streaming tail of an event whose thread was ended before it could tell: made of what the record in shared
 * memory holds (trace-journal.ts), without spans. Called by tailed-worker.ts in the Worker's next thread. Pure.
 */
import type { StreamIds, TailStreamEvent, TraceData } from "../../protocol/tail.ts";
import { onsetOf } from "./onset.ts";

type Told = readonly [time: number, event: TailStreamEvent["event"]];

/** From its onset to its outcome. */
export function retold(data: TraceData, ids: StreamIds): TailStreamEvent[] {
  const { traceId, invocationId, spanId, parent } = ids;
  return eventsOf(data, spanId).map(([time, event], sequence) => {
    const span = event.type === "onset" ? parent : spanId;
    const spanContext = { traceId, ...(span !== undefined && { spanId: span }) };
    return { spanContext, invocationId, timestamp: new Date(time), sequence, event };
  });
}

function eventsOf(data: TraceData, spanId: string): Told[] {
  const { executionModel, entrypoint, durableObjectId, eventTimestamp, outcome, wallTime } = data;
  const onset = {
    type: "onset",
    executionModel,
    spanId,
    scriptTags: [],
    ...(entrypoint !== undefined && { entrypoint }),
    ...(durableObjectId !== undefined && { durableObjectId }),
    info: onsetOf(data.event),
  };
  const said = [
    ...data.logs.map(({ level, message, errors, timestamp }): Told => {
      const parsed = JSON.parse(message) as unknown;
      const errorInfo = errors === undefined ? {} : { errorInfo: errors };
      return [timestamp, { type: "log", level, message: parsed, ...errorInfo }];
    }),
    ...data.exceptions.map(
      ({ timestamp, ...exception }): Told => [timestamp, { type: "exception", ...exception }],
    ),
  ].sort(([one], [other]) => one - other);
  return [
    [eventTimestamp, onset],
    ...said,
    [eventTimestamp + wallTime, { type: "outcome", outcome, cpuTime: 0, wallTime }],
  ];
}
