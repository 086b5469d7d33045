/** `drover state`: the commands and their arguments. Their code is imported when one runs. */
import type { Command } from "commander";
import { localFlags } from "../../flags.ts";
import { addFlags } from "../../options.ts";
import type { LocalProgramContext } from "../program-context.ts";

const STORES = "kind, id, binding or kind/id; all if none is named";

export function addStateCommands(
  program: Command,
  { terminal, setCode, version }: LocalProgramContext,
): void {
  const context = { terminal, version };
  const load = () => import("./commands.ts");
  const state = program.command("state").description("all local data of a project at once");
  addFlags(state.command("ls"), [
    { name: "json", kind: "boolean", unnegated: true, help: "as JSON" },
    ...localFlags,
  ])
    .description("show what is stored, how much of it, and whose it is")
    .argument("[store...]", STORES)
    .action(async (stores: string[], values: object) => {
      setCode(await (await load()).runStateList(stores, values, context));
    });
  addFlags(state.command("path"), localFlags)
    .description("print the folder")
    .action(async (values: object) => setCode(await (await load()).runStatePath(values, context)));
  const yes = {
    name: "yes",
    short: "y",
    kind: "boolean",
    unnegated: true,
    help: "do not ask",
  } as const;
  addFlags(state.command("reset"), [yes, ...localFlags])
    .description("delete what is stored")
    .argument("[store...]", STORES)
    .action(async (stores: string[], values: object) => {
      setCode(await (await load()).runStateReset(stores, values, context));
    });
  addFlags(state.command("export"), localFlags)
    .description("copy what is stored to a new folder, for --persist-to or import")
    .argument("<folder>")
    .argument("[store...]", STORES)
    .action(async (folder: string, stores: string[], values: object) => {
      setCode(await (await load()).runStateExport(folder, stores, values, context));
    });
  addFlags(state.command("import"), [yes, ...localFlags])
    .description("copy stores from such a folder, in place of those of the same name")
    .argument("<folder>")
    .argument("[store...]", STORES)
    .action(async (folder: string, stores: string[], values: object) => {
      setCode(await (await load()).runStateImport(folder, stores, values, context));
    });
}
