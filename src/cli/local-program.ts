/**
 * The commands on local data: wrangler's names and arguments, with `--local` as the only place there
 * is, and `drover state`. Called by program.ts.
 */
import type { Command } from "commander";
import { addD1Commands } from "./local/d1/program.ts";
import { addKvCommands } from "./local/kv/program.ts";
import type { LocalProgramContext } from "./local/program-context.ts";
import { addR2Commands } from "./local/r2/program.ts";
import { addStateCommands } from "./local/state-folder/program.ts";

export function addLocalCommands(program: Command, context: LocalProgramContext): void {
  addD1Commands(program, context);
  addKvCommands(program, context);
  addR2Commands(program, context);
  addStateCommands(program, context);
}
