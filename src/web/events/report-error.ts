/** `reportError`, and what becomes of errors that a listener or a microtask throws (spec/platform.md 2.1). */
import { ErrorEvent } from "./events.ts";
import type { GlobalListeners } from "./global-listeners.ts";

/** `log`: for what no listener of `error` has taken care of. */
export function createReportError(
  listeners: () => GlobalListeners,
  log: (error: unknown) => void,
): (error: unknown) => void {
  let isReporting = false;
  return (error) => {
    // Thrown by a listener of `error`: it would be told of itself for ever.
    if (isReporting) {
      log(error);
      return;
    }
    isReporting = true;
    try {
      const event = new ErrorEvent("error", {
        error,
        message: `Uncaught ${textOf(error)}`,
        ...callerPosition(),
      });
      if (listeners().tell(event)) log(error);
    } finally {
      isReporting = false;
    }
  };
}

function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}

/** The first frame of user code; frames of the runtime are in no stack. */
function callerPosition(): { filename?: string; lineno?: number; colno?: number } {
  const { stack } = new Error("here");
  const frame = /\n\s+at (?:.*\()?(.+?):(\d+):(\d+)\)?(?:\n|$)/.exec(stack ?? "");
  const [, filename, line, column] = frame ?? [];
  if (filename === undefined) return {};
  return { filename, lineno: Number(line), colno: Number(column) };
}
