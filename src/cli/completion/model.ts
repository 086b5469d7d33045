/** The commands, flags and values that a shell may complete, read off the commander program. */
import type { Command, Option } from "commander";

export interface CompletedFlag {
  /** "--port" */
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
  /** What its value can be; undefined: anything. */
  readonly choices: readonly string[] | undefined;
}

export interface CompletedCommand {
  /** Words after `drover`: ["d1", "migrations", "apply"]. */
  readonly words: readonly string[];
  readonly description: string;
  readonly flags: readonly CompletedFlag[];
  /** Names of the commands below it. */
  readonly commands: readonly { readonly name: string; readonly description: string }[];
}

/** Every command, the program itself first; hidden flags and commands left out. */
export function completedCommands(program: Command): CompletedCommand[] {
  const list: CompletedCommand[] = [];
  const add = (command: Command, words: readonly string[]): void => {
    list.push({
      words,
      description: command.description(),
      flags: command.options.filter(({ hidden }) => !hidden).flatMap(toFlag),
      commands: command.commands.map((child) => ({
        name: child.name(),
        description: child.description(),
      })),
    });
    for (const child of command.commands) add(child, [...words, child.name()]);
  };
  add(program, []);
  return list;
}

function toFlag(option: Option): CompletedFlag[] {
  const { long, short, description, argChoices } = option;
  if (long === undefined || long === null) return [];
  return [
    {
      long,
      short: short ?? undefined,
      description,
      takesValue: option.required || option.optional,
      choices: argChoices,
    },
  ];
}
