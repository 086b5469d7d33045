/**
 * Entry of the command line. Imports little: the host process of a session is forked before
 * anything else is loaded, so that both boot at the same time.
 */
import { $ } from "kleur/colors";
import { HostProcess } from "../session/host-process.ts";
import { ExitCode } from "../util/errors.ts";
import { reportFatal } from "./exit.ts";
import { END_SIGNALS } from "./lifetime.ts";
import { createTerminal, wantsColors } from "./ui/terminal.ts";

/** Runs the command and ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  // Until a command watches its own lifetime there is nothing to take down.
  for (const signal of END_SIGNALS) process.on(signal, () => process.exit(ExitCode.ok));
  const host = startsSession(args) ? new HostProcess() : undefined;
  $.enabled = wantsColors(process.env, process.stdout.isTTY === true);
  const terminal = createTerminal({
    stdout: process.stdout,
    stderr: process.stderr,
    stdinIsTTY: process.stdin.isTTY === true,
  });
  let code: number = ExitCode.ok;
  try {
    const { runProgram } = await import("./program.ts");
    code = await runProgram(args, { terminal, host });
  } catch (error) {
    code = reportFatal(terminal, error);
  }
  terminal.flush();
  // Ends the host too, if the command did not get as far as using it.
  process.exit(code);
}

/** A guess from the first word; a wrong one costs time, nothing else. */
function startsSession(args: readonly string[]): boolean {
  const command = args.find((arg) => !arg.startsWith("-"));
  const asksForHelp = args.includes("--help") || args.includes("-h");
  return (command === "dev" || command === "smoke") && !asksForHelp;
}
