/** `drover r2`: the commands and their arguments, which are wrangler's. Their code is imported when one runs. */
import type { Command } from "commander";
import type { Flag } from "../../flag.ts";
import { localFlags } from "../../flags.ts";
import { addFlags } from "../../options.ts";
import type { LocalProgramContext } from "../program-context.ts";

const objectFlags: readonly Flag[] = [
  { name: "jurisdiction", short: "J", kind: "string", help: "", hidden: true },
  { name: "force", kind: "boolean", help: "", hidden: true },
  { name: "yes", short: "y", kind: "boolean", help: "", hidden: true },
  ...localFlags,
];

const PATH = "{bucket}/{key}";

export function addR2Commands(program: Command, { terminal, setCode }: LocalProgramContext): void {
  const object = program
    .command("r2")
    .description("local R2 buckets")
    .command("object")
    .description("objects of local R2 buckets");
  addFlags(object.command("put"), [
    { name: "file", short: "f", kind: "string", value: "path", help: "file to upload" },
    { name: "pipe", short: "p", kind: "boolean", unnegated: true, help: "upload what stdin gives" },
    { name: "content-type", kind: "string", value: "type", help: "HTTP metadata (--ct)" },
    { name: "content-disposition", kind: "string", value: "text", help: "HTTP metadata (--cd)" },
    { name: "content-encoding", kind: "string", value: "coding", help: "HTTP metadata (--ce)" },
    { name: "content-language", kind: "string", value: "language", help: "HTTP metadata (--cl)" },
    { name: "cache-control", kind: "string", value: "text", help: "HTTP metadata (--cc)" },
    { name: "expires", kind: "string", value: "date", help: "HTTP metadata" },
    { name: "storage-class", short: "s", kind: "string", help: "", hidden: true },
    ...objectFlags,
  ])
    .description("write an object")
    .argument(`<${PATH}>`)
    .action(async (path: string, values: object) => {
      const { runR2Put } = await import("./commands.ts");
      setCode(await runR2Put(path, values, terminal));
    });
  addFlags(object.command("get"), [
    {
      name: "file",
      short: "f",
      kind: "string",
      value: "path",
      help: "where to (default: the key)",
    },
    { name: "pipe", short: "p", kind: "boolean", unnegated: true, help: "to stdout, nothing else" },
    ...objectFlags,
  ])
    .description("read an object")
    .argument(`<${PATH}>`)
    .action(async (path: string, values: object) => {
      const { runR2Get } = await import("./commands.ts");
      setCode(await runR2Get(path, values, terminal));
    });
  addFlags(object.command("delete"), objectFlags)
    .description("delete an object")
    .argument(`<${PATH}>`)
    .action(async (path: string, values: object) => {
      const { runR2Delete } = await import("./commands.ts");
      setCode(await runR2Delete(path, values, terminal));
    });
}
