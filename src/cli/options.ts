/** The flags of flags.ts as options of a commander command. */
import { type Command, Option } from "commander";
import { devFlags } from "./dev-flags.ts";
import type { Flag } from "./flag.ts";

/** Adds all flags of `devFlags`. */
export function addDevFlags(command: Command): Command {
  return addFlags(command, devFlags);
}

export function addFlags(command: Command, flags: readonly Flag[]): Command {
  for (const flag of flags) addFlag(command, flag);
  return command;
}

function addFlag(command: Command, flag: Flag): void {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  const value = {
    boolean: "",
    string: ` <${flag.value ?? "value"}>`,
    number: " <number>",
    list: ` <${flag.value ?? "value"}...>`,
    repeated: ` <${flag.value ?? "value"}>`,
    optional: ` [${flag.value ?? "value"}]`,
  };
  const help = flag.ignored ? `${flag.help} (no effect: ${flag.ignored})` : flag.help;
  const option = new Option(`${short}--${flag.name}${value[flag.kind]}`, help);
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.kind === "number") option.argParser(parsePort);
  if (flag.kind === "repeated") {
    option.argParser((value: string, all: readonly string[] = []) => [...all, value]);
  }
  if (flag.hidden) option.hideHelp();
  command.addOption(option);
  // Added second, the negation leaves the default undefined: "not said".
  if (flag.kind === "boolean" && !flag.unnegated) {
    const negated = flag.name === "registry" ? "do not" : "";
    command.addOption(new Option(`--no-${flag.name}`, negated).hideHelp(flag.name !== "registry"));
  }
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw Object.assign(new Error("Expected a port number from 0 to 65535."), {
      code: "commander.invalidArgument",
    });
  }
  return port;
}
