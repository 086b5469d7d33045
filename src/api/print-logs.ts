/** Lines of a session that a program started, printed as wrangler's programs print them. */
import type { SessionEvent } from "../session/events.ts";

export type LogLevel = "debug" | "log" | "info" | "warn" | "error" | "none";

const LEVELS: readonly string[] = ["debug", "log", "info", "warn", "error", "none"];

/** What Workers say; errors and warnings on stderr. */
export function print(event: SessionEvent, wanted: LogLevel): void {
  if (event.type !== "log") return;
  const { level, text } = event.entry;
  if (LEVELS.indexOf(level) < LEVELS.indexOf(wanted)) return;
  const isLoud = level === "error" || level === "warn";
  (isLoud ? process.stderr : process.stdout).write(`${text.trimEnd()}\n`);
}
