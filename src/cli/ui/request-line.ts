/** One line per finished request (spec/wrangler.md 1.4, "Request log line"). */
import { blue, bold, gray, green, red, yellow } from "kleur/colors";
import type { CronLogEntry, RequestLogEntry } from "../../protocol/host.ts";
import type { QueueLogEntry } from "../../protocol/queues.ts";

/** `[drover:info] GET /path 200 OK (3ms)`, with the Worker's name if there are several. */
export function formatRequestLine(entry: RequestLogEntry, withName: boolean): string {
  const status = `${entry.status} ${entry.statusText}`.trimEnd();
  const parts = [
    tag(),
    ...(withName ? [blue(`[${entry.worker}]`)] : []),
    bold(`${entry.method} ${entry.path}`),
    bold(colorOf(entry.status)(status)),
    gray(`(${Math.round(entry.durationMs)}ms)`),
    ...(entry.note === undefined ? [] : [gray(entry.note)]),
    ...(entry.aborted ? [gray("client gone")] : []),
    ...(entry.cut ? [gray("cut off")] : []),
  ];
  return parts.join(" ");
}

/** `[drover:info] QUEUE name 2/3 (5ms)`: acknowledged of all (spec/resources.md 8.6). */
export function formatQueueLine(entry: QueueLogEntry, withName: boolean): string {
  const { worker, queue, acknowledged, total, durationMs } = entry;
  const color = acknowledged === total ? green : acknowledged === 0 ? red : yellow;
  return [
    tag(),
    ...(withName ? [blue(`[${worker}]`)] : []),
    bold("QUEUE"),
    bold(queue),
    bold(color(`${acknowledged}/${total}`)),
    gray(`(${Math.round(durationMs)}ms)`),
  ].join(" ");
}

/** `[drover:info] CRON 0 * * * * ok (5ms)`, of triggers that fired by themselves. */
export function formatCronLine(entry: CronLogEntry, withName: boolean): string {
  const { worker, cron, outcome, durationMs } = entry;
  return [
    tag(),
    ...(withName ? [blue(`[${worker}]`)] : []),
    bold(`CRON ${cron}`),
    bold((outcome === "ok" ? green : red)(outcome)),
    gray(`(${Math.round(durationMs)}ms)`),
  ].join(" ");
}

export function tag(): string {
  return `[${green("drover:info")}]`;
}

function colorOf(status: number): (text: string) => string {
  if (status >= 200 && status < 300) return green;
  if (status >= 400 && status < 500) return yellow;
  if (status >= 500) return red;
  return blue;
}
