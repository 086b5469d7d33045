/** What every start of the command line does around a command: terminal, colours, what is thrown, the end. */
import { $ } from "kleur/colors";
import { ExitCode } from "../util/errors.ts";
import { reportFatal } from "./exit.ts";
import { createTerminal, type Terminal, wantsColors } from "./ui/terminal.ts";

/** Runs it and ends the process with its exit code. */
export async function runMain(run: (terminal: Terminal) => Promise<number>): Promise<void> {
  $.enabled = wantsColors(process.env, process.stdout.isTTY === true);
  const terminal = createTerminal({
    stdout: process.stdout,
    stderr: process.stderr,
    stdinIsTTY: process.stdin.isTTY === true,
  });
  let code: number = ExitCode.ok;
  try {
    code = await run(terminal);
  } catch (error) {
    code = reportFatal(terminal, error);
  }
  terminal.flush();
  // Ends the host too, if the command did not get as far as using it.
  process.exit(code);
}
