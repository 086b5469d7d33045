/** wrangler's log levels (spec/wrangler.md 1.4): each shows itself and everything left of it. */
const LOG_LEVELS = ["none", "error", "warn", "info", "log", "debug"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** True if a line of level `line` is shown at level `chosen`. */
export function isShown(line: LogLevel, chosen: LogLevel): boolean {
  return LOG_LEVELS.indexOf(line) <= LOG_LEVELS.indexOf(chosen);
}

/** The flag, else WRANGLER_LOG, else "log"; `warning` says that WRANGLER_LOG made no sense. */
export function chooseLogLevel(
  flag: LogLevel | undefined,
  variable: string | undefined,
): { readonly level: LogLevel; readonly warning: string | undefined } {
  if (flag !== undefined) return { level: flag, warning: undefined };
  if (variable === undefined || variable === "") return { level: "log", warning: undefined };
  const level = LOG_LEVELS.find((name) => name === variable.toLowerCase());
  if (level !== undefined) return { level, warning: undefined };
  const expected = LOG_LEVELS.map((name) => `"${name}"`).join(" | ");
  return {
    level: "log",
    warning: `Unrecognised WRANGLER_LOG value "${variable}", expected ${expected}, defaulting to "log"...`,
  };
}
