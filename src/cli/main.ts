/** The command line, from its first to its last line. Called once by start.ts. */
import type { ChildProcess } from "node:child_process";
import { HostProcess } from "../session/host-process.ts";
import { runMain } from "./run-main.ts";

/** Runs the command and ends the process with its exit code. `child`: of a session's host. */
export async function main(
  args: readonly string[],
  child: ChildProcess | undefined,
): Promise<void> {
  // In this turn: what the child says is not to be missed.
  const host = child === undefined ? undefined : new HostProcess({ child });
  await runMain(async (terminal) => {
    const { runProgram } = await import("./program.ts");
    return await runProgram(args, { terminal, host });
  });
}
