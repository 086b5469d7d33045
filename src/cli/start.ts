/**
 * What bin/drover.js runs first. The host process of a session is forked before the command line is
 * even read from disk, so that both boot at the same time.
 */
import { forkHost } from "../session/fork-host.ts";
import { ExitCode } from "../util/errors.ts";
import { loadProgram } from "../util/load-program.ts";
import { END_SIGNALS } from "./lifetime.ts";
import type * as Main from "./main.ts";

/** `path`, `hash`: of the command line's file (dist/programs, scripts/build-programs.js). */
export function start(path: string, hash: string): void {
  const args = process.argv.slice(2);
  // Until a command watches its own lifetime there is nothing to take down.
  for (const signal of END_SIGNALS) process.on(signal, () => process.exit(ExitCode.ok));
  const host = startsSession(args) ? forkHost() : undefined;
  const { main } = loadProgram(path, hash) as typeof Main;
  void main(args, host);
}

/** A guess from the first word; a wrong one costs time, nothing else. */
function startsSession(args: readonly string[]): boolean {
  const command = args.find((arg) => !arg.startsWith("-"));
  const asksForHelp = args.includes("--help") || args.includes("-h");
  return (command === "dev" || command === "smoke") && !asksForHelp;
}
