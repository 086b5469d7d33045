/**
 * `error.stack` in terms of the Worker's sources: frames mapped, frames of the runtime and of Node
 * left out. Installed once per thread; Node calls it when a stack is first read.
 */
import { RUNTIME_SCRIPT } from "../../protocol/runtime-script.ts";
import { displayPath, mappedModules, sourcePosition } from "./source-maps.ts";

type PrepareStackTrace = NonNullable<typeof Error.prepareStackTrace>;

/** Replaces V8's formatting for the whole thread. User code may replace it in turn. */
export function installStackTraces(): void {
  Error.prepareStackTrace = prepareStackTrace;
}

/**
 * Map the positions in a stack that somebody else has formatted (user code replaced
 * `Error.prepareStackTrace`). A stack that is mapped already stays as it is.
 */
export function mapStackText(stack: string): string {
  if (Error.prepareStackTrace === prepareStackTrace) return stack;
  let text = stack;
  for (const identifier of mappedModules()) {
    if (!text.includes(identifier)) continue;
    const positions = new RegExp(`${escapeRegExp(identifier)}:(\\d+):(\\d+)`, "g");
    text = text.replace(positions, (all, line: string, column: string) => {
      const at = sourcePosition(identifier, Number(line), Number(column));
      return at === undefined ? all : `${at.source}:${at.line}:${at.column}`;
    });
  }
  return text;
}

const prepareStackTrace: PrepareStackTrace = (error, frames) => {
  const lines: string[] = [];
  for (const frame of frames) {
    const line = frameText(frame);
    if (line !== undefined) lines.push(`\n    at ${line}`);
  }
  return headerOf(error) + lines.join("");
};

function headerOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function frameText(frame: NodeJS.CallSite): string | undefined {
  try {
    const file = frame.getFileName();
    const text = String(frame);
    if (file === null || file === undefined) return text;
    if (file.startsWith("node:") || file === RUNTIME_SCRIPT) return undefined;
    const line = frame.getLineNumber();
    const column = frame.getColumnNumber();
    if (line === null || column === null) return text;
    const at = sourcePosition(file, line, column);
    const place =
      at === undefined
        ? `${displayPath(file)}:${line}:${column}`
        : `${at.source}:${at.line}:${at.column}`;
    return text.replace(`${file}:${line}:${column}`, () => place);
  } catch {
    return "<unknown>";
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
