/**
 * What bin/drover.js runs first. The host process of a session is forked before the command line is
 * even read from disk, so that both boot at the same time.
 */
import { forkHost } from "../session/fork-host.ts";
import { ExitCode } from "../util/errors.ts";
import { loadProgram } from "../util/load-program.ts";
import type * as CallMain from "./call-main.ts";
import { END_SIGNALS } from "./lifetime.ts";
import { expectNoTerminal } from "./lost-terminal.ts";
import type * as Main from "./main.ts";

/** A file of dist/programs and the hash of its text (scripts/build-programs.js). */
export interface ProgramFile {
  readonly path: string;
  readonly hash: string;
}

/** `whole`: the command line; `call`: what a plain `drover call` needs of it. */
export function start(whole: ProgramFile, call: ProgramFile): void {
  const args = process.argv.slice(2);
  // Until a command watches its own lifetime there is nothing to take down.
  for (const signal of END_SIGNALS) {
    process.on(signal, () => {
      if (signal === "SIGHUP") expectNoTerminal();
      process.exit(ExitCode.ok);
    });
  }
  if (isPlainCall(args)) {
    const { main } = loadProgram(call, "at-exit") as typeof CallMain;
    void main(args.slice(1));
    return;
  }
  const host = startsSession(args) ? forkHost() : undefined;
  const { main } = loadProgram(whole, "later") as typeof Main;
  void main(args, host);
}

/** A method and its arguments, no flag but `--json` (numbers below zero are none). */
function isPlainCall([command, method, ...rest]: readonly string[]): boolean {
  if (command !== "call" || method === undefined || method.startsWith("-")) return false;
  return rest.every((arg) => arg === "--json" || !/^-(?!\d)/.test(arg));
}

/** A guess from the first word; a wrong one costs time, nothing else. */
function startsSession(args: readonly string[]): boolean {
  const command = args.find((arg) => !arg.startsWith("-"));
  const asksForHelp = args.includes("--help") || args.includes("-h");
  return (command === "dev" || command === "smoke") && !asksForHelp;
}
