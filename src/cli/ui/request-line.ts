/** One line per finished request (spec/wrangler.md 1.4, "Request log line"). */
import { blue, bold, gray, green, red, yellow } from "kleur/colors";
import type { RequestLogEntry } from "../../protocol/host.ts";

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

export function tag(): string {
  return `[${green("drover:info")}]`;
}

function colorOf(status: number): (text: string) => string {
  if (status >= 200 && status < 300) return green;
  if (status >= 400 && status < 500) return yellow;
  if (status >= 500) return red;
  return blue;
}
