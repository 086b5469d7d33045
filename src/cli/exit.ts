/** The only place that prints an error that ends the process and decides on the exit code. */
import { ExitCode, UserError } from "../util/errors.ts";
import { formatMessage } from "./ui/message.ts";
import type { Terminal } from "./ui/terminal.ts";
import { wrap } from "./ui/wrap.ts";

/** Prints `error` and returns the exit code that it asks for (docs/errors.md). */
export function reportFatal(terminal: Terminal, error: unknown): number {
  terminal.print(wrap(describeFatal(error), terminal.errorWidth), "stderr");
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  return error instanceof UserError ? error.exitCode : ExitCode.internal;
}

/** A mistake of the user: message and hint. Anything else is ours: everything we know. */
function describeFatal(error: unknown): string {
  if (error instanceof UserError) {
    const hint = error.hint === undefined ? "" : `\n\n${error.hint}`;
    return formatMessage("error", error.message + hint);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return formatMessage(
    "error",
    `${stack}\n\nThis is a bug in drover. Please report it with the lines above.`,
  );
}
