/**
 * Lines of `--log-format json`: one JSON object each, for programs. Fields that every line has: time
 * (ISO 8601), level, type, message. Pure.
 */
import { stripVTControlCharacters } from "node:util";
import type { RequestLogEntry } from "../../protocol/host.ts";
import type { LogEntry } from "../../protocol/thread.ts";
import type { SessionEvent } from "../../session/events.ts";
import type { TraceNode, TraceTree } from "../../session/traces.ts";
import type { LogLevel } from "../ui/log-level.ts";
import { describeRoot } from "../ui/trace-tree.ts";

/** "console", "exception" and "runtime" are of Workers, "drover" is the tool itself. */
type LineType = LogEntry["kind"] | "request" | "trace" | "drover";

interface Line {
  readonly time: number;
  readonly level: LogLevel | LogEntry["level"];
  readonly type: LineType;
  readonly message: string;
  readonly worker?: string;
  readonly requestId?: string;
  readonly traceId?: string;
}

export function logLine(
  worker: string,
  { kind, level, text, time, requestId, traceId }: LogEntry,
): string {
  const isFailure = kind === "exception";
  const [first = "", stack] = isFailure ? splitStack(text) : [text];
  return write(
    {
      time,
      level,
      type: kind,
      worker,
      ...ids({ requestId, traceId }),
      message: first,
    },
    stack === undefined ? {} : { stack },
  );
}

/** What JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The one that there are thousands of a second: put together by hand where nothing needs an escape. */
export function requestLine(entry: RequestLogEntry, time: number): string {
  const { worker, method, path, status, durationMs, requestId, traceId } = entry;
  const isUsual = !entry.aborted && !entry.cut && entry.note === undefined;
  if (isUsual && PLAIN.test(path) && PLAIN.test(worker) && PLAIN.test(method)) {
    const ids =
      (requestId === undefined ? "" : `,"requestId":"${requestId}"`) +
      (traceId === undefined ? "" : `,"traceId":"${traceId}"`);
    return `{"time":"${isoTime(time)}","level":"info","type":"request","worker":"${worker}"${ids},"message":"${method} ${path} ${status}","method":"${method}","path":"${path}","status":${status},"durationMs":${tenths(durationMs)}}`;
  }
  return JSON.stringify({
    time: isoTime(time),
    level: "info",
    type: "request",
    worker,
    requestId,
    traceId,
    message: `${method} ${path} ${status}`,
    method,
    path,
    status,
    durationMs: tenths(durationMs),
    aborted: entry.aborted || undefined,
    cut: entry.cut || undefined,
    note: entry.note,
  });
}

/** A request that was traced, with its calls in each other (docs/debugging.md). */
export function traceLine({ root, calls }: TraceTree, time: number): string {
  const { worker, kind, name, durationMs, afterMs = 0, outcome, status, error } = root;
  const level = outcome === "exception" ? "error" : "info";
  return write(
    {
      time,
      level,
      type: "trace",
      worker,
      ...ids(root),
      message: `${describeRoot(root)}: ${outcome}`,
    },
    {
      kind,
      name,
      outcome,
      ...(status === undefined ? {} : { status }),
      ...(error === undefined ? {} : { error }),
      durationMs: tenths(durationMs),
      afterMs: tenths(afterMs),
      spanId: root.id,
      calls: calls.map((node) => callOf(node, root.startedAt)),
    },
  );
}

function callOf({ span, calls }: TraceNode, from: number): object {
  const { id, kind, worker, service, name, startedAt, durationMs, outcome, status, error } = span;
  return {
    spanId: id,
    kind,
    worker,
    service,
    name,
    atMs: tenths(Math.max(0, startedAt - from)),
    durationMs: tenths(durationMs),
    outcome,
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
    calls: calls.map((node) => callOf(node, from)),
  };
}

function ids({
  requestId,
  traceId,
}: {
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
}): Pick<Line, "requestId" | "traceId"> {
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** A Worker does not build; `keepsLastGood`: an earlier version goes on serving. */
export function buildFailedLine(
  {
    worker,
    problems,
    keepsLastGood,
  }: Pick<Extract<SessionEvent, { type: "build-failed" }>, "worker" | "problems" | "keepsLastGood">,
  time: number,
): string {
  const [{ message, file, line, column } = { message: "" }, ...more] = problems;
  const place = file === undefined ? "" : `${file}:${line}:${column}: `;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  const text = `Build failed: ${place}${message}${others}`;
  const fields = { event: "build-failed", errors: problems, keepsLastGood };
  return write({ time, level: "error", type: "drover", worker, message: text }, fields);
}

/** Something that drover says; `fields` are for programs. */
export function droverLine(level: LogLevel, message: string, time: number, fields = {}): string {
  return write({ time, level, type: "drover", message }, fields);
}

function write({ time, message, ...rest }: Line, fields: object): string {
  const text = stripVTControlCharacters(message).trimEnd();
  return JSON.stringify({ time: isoTime(time), ...rest, message: text, ...fields });
}

let lastTime = Number.NaN;
let lastIso = "";

/** Of the lines of a millisecond it is made once. */
function isoTime(time: number): string {
  if (time !== lastTime) {
    lastTime = time;
    lastIso = new Date(time).toISOString();
  }
  return lastIso;
}

/** The message, and the whole text with its frames. */
function splitStack(text: string): [string, string?] {
  const at = text.search(/\n\s+at /);
  return at < 0 ? [text] : [text.slice(0, at), stripVTControlCharacters(text)];
}
