/** The command line, from its first to its last line. Called once by start.ts. */
import type { ChildProcess } from "node:child_process";
import { $ } from "kleur/colors";
import { HostProcess } from "../session/host-process.ts";
import { ExitCode } from "../util/errors.ts";
import { reportFatal } from "./exit.ts";
import { createTerminal, wantsColors } from "./ui/terminal.ts";

/** Runs the command and ends the process with its exit code. `child`: of a session's host. */
export async function main(
  args: readonly string[],
  child: ChildProcess | undefined,
): Promise<void> {
  // In this turn: what the child says is not to be missed.
  const host = child === undefined ? undefined : new HostProcess({ child });
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
