/**
 * Where everything that the Worker or the runtime says leaves the thread: LogEntry messages on the
 * control port, in the order said. One per thread (a thread runs one Worker).
 */

import type { LogEntry } from "../protocol/thread.ts";
import { errorText } from "./errors/error-text.ts";

/** Not the Worker's, which stands still while modules are evaluated. */
const { now } = Date;

type Level = LogEntry["level"];

let post: (entry: LogEntry) => void = () => {};
let onException: (error: unknown) => void = () => {};
const said = new Set<string>();

/** Set once by the entry, before any Worker is loaded. */
export function setLogPort(send: (entry: LogEntry) => void): void {
  post = send;
}

/** Told of what nobody caught but what a caller gets; set once, where somebody hears of it. */
export function setExceptionListener(listener: (error: unknown) => void): void {
  onException = listener;
}

export function logConsole(level: Level, text: string): void {
  post({ kind: "console", level, text, time: now() });
}

/** Something that drover itself says; with `once`, only the first time for that key. */
export function logRuntime(level: Level, text: string, once?: string): void {
  if (once !== undefined) {
    if (said.has(once)) return;
    said.add(once);
  }
  post({ kind: "runtime", level, text, time: now() });
}

/**
 * An error that nobody caught, with its source-mapped stack and its causes; `suffix` stands behind
 * the message, before the stack.
 */
export function logException(error: unknown, prefix?: string, suffix?: string): void {
  if (suffix === undefined) onException(error);
  postException(error, prefix, suffix);
}

/** As `logException`, of what tail events do not show. */
export function logUnrecorded(error: unknown, prefix: string): void {
  postException(error, prefix);
}

function postException(error: unknown, prefix?: string, suffix?: string): void {
  const text = withSuffix(errorText(error), suffix);
  post({
    kind: "exception",
    level: "error",
    text: prefix === undefined ? text : `${prefix} ${text}`,
    time: now(),
  });
}

function withSuffix(text: string, suffix: string | undefined): string {
  if (suffix === undefined) return text;
  const stack = text.search(/\n\s+at /);
  const end = stack === -1 ? text.length : stack;
  return `${text.slice(0, end)} ${suffix}${text.slice(end)}`;
}
