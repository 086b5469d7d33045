/** Lines of finished requests as the host packed them (protocol/request-pack.ts). For host-messages.ts. */
import type { RequestLogEntry } from "../protocol/host.ts";
import { RequestColumn, RequestFlag, type RequestPack } from "../protocol/request-pack.ts";
import { traceIdOf } from "../util/trace-id.ts";

/** In the order in which they ended. */
export function unpackRequests({ texts, numbers, durations }: RequestPack): RequestLogEntry[] {
  return durations.map((durationMs, index) => {
    const at = index * RequestColumn.count;
    const text = (column: number) => texts[numbers[at + column] as number];
    const flags = numbers[at + RequestColumn.flags] as number;
    const entry: { -readonly [K in keyof RequestLogEntry]: RequestLogEntry[K] } = {
      worker: text(RequestColumn.worker) ?? "",
      method: text(RequestColumn.method) ?? "",
      path: text(RequestColumn.path) ?? "",
      status: numbers[at + RequestColumn.status] as number,
      statusText: text(RequestColumn.statusText) ?? "",
      durationMs,
      aborted: (flags & RequestFlag.aborted) !== 0,
      cut: (flags & RequestFlag.cut) !== 0,
    };
    const note = text(RequestColumn.note);
    if (note !== undefined) entry.note = note;
    const idPrefix = text(RequestColumn.idPrefix);
    if (idPrefix === undefined) return entry;
    const number = numbers[at + RequestColumn.number] as number;
    entry.requestId = idPrefix + number;
    const trace = text(RequestColumn.trace);
    if (trace === undefined) return entry;
    entry.traceId = (flags & RequestFlag.ownTrace) === 0 ? traceIdOf(trace, number, "") : trace;
    return entry;
  });
}
