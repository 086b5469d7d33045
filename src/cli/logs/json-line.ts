/**
 * Lines of `--log-format json`: one JSON object each, for programs. Fields that every line has: time
 * (ISO 8601), level, type, message. Pure.
 */
import { stripVTControlCharacters } from "node:util";
import type { RequestLogEntry } from "../../protocol/host.ts";
import type { LogEntry } from "../../protocol/thread.ts";
import type { LogLevel } from "../ui/log-level.ts";

/** "console", "exception" and "runtime" are of Workers, "drover" is the tool itself. */
type LineType = LogEntry["kind"] | "request" | "drover";

interface Line {
  readonly time: number;
  readonly level: LogLevel | LogEntry["level"];
  readonly type: LineType;
  readonly message: string;
  readonly worker?: string;
  readonly requestId?: string;
}

export function logLine(worker: string, { kind, level, text, time, requestId }: LogEntry): string {
  const isFailure = kind === "exception";
  const [first = "", stack] = isFailure ? splitStack(text) : [text];
  return write(
    {
      time,
      level,
      type: kind,
      worker,
      ...(requestId === undefined ? {} : { requestId }),
      message: first,
    },
    stack === undefined ? {} : { stack },
  );
}

export function requestLine(entry: RequestLogEntry, time: number): string {
  const { worker, method, path, status, durationMs, requestId, aborted, cut, note } = entry;
  return write(
    {
      time,
      level: "info",
      type: "request",
      worker,
      ...(requestId === undefined ? {} : { requestId }),
      message: `${method} ${path} ${status}`,
    },
    {
      method,
      path,
      status,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(aborted ? { aborted } : {}),
      ...(cut ? { cut } : {}),
      ...(note === undefined ? {} : { note }),
    },
  );
}

/** Something that drover says; `fields` are for programs. */
export function droverLine(level: LogLevel, message: string, time: number, fields = {}): string {
  return write({ time, level, type: "drover", message }, fields);
}

function write({ time, message, ...rest }: Line, fields: object): string {
  const text = stripVTControlCharacters(message).trimEnd();
  return JSON.stringify({ time: new Date(time).toISOString(), ...rest, message: text, ...fields });
}

/** The message, and the whole text with its frames. */
function splitStack(text: string): [string, string?] {
  const at = text.search(/\n\s+at /);
  return at < 0 ? [text] : [text.slice(0, at), stripVTControlCharacters(text)];
}
