/** `drover kv`: the commands and their arguments, which are wrangler's. Their code is imported when one runs. */
import type { Command } from "commander";
import type { Flag } from "../../flag.ts";
import { localFlags } from "../../flags.ts";
import { addFlags } from "../../options.ts";
import type { LocalProgramContext } from "../program-context.ts";

const namespaceFlags: readonly Flag[] = [
  { name: "binding", kind: "string", value: "name", help: "binding of the namespace" },
  { name: "namespace-id", kind: "string", value: "id", help: "or its id" },
  { name: "preview", kind: "boolean", help: "the preview namespace, where there is one" },
  ...localFlags,
];

export function addKvCommands(program: Command, { terminal, setCode }: LocalProgramContext): void {
  const commands = program.command("kv").description("local KV namespaces");
  const key = commands.command("key").description("keys of local KV namespaces");
  addFlags(key.command("put"), [
    { name: "path", kind: "string", value: "path", help: "file with the value" },
    { name: "ttl", kind: "string", value: "seconds", help: "how long the key stays" },
    { name: "expiration", kind: "string", value: "seconds", help: "until when, since 1970" },
    { name: "metadata", kind: "string", value: "json", help: "JSON to keep with the key" },
    ...namespaceFlags,
  ])
    .description("write a value")
    .argument("<key>")
    .argument("[value]")
    .action(async (name: string, value: string | undefined, values: object) => {
      const { runKvPut } = await import("./commands.ts");
      setCode(await runKvPut(name, value, values, terminal));
    });
  addFlags(key.command("get"), [
    { name: "text", kind: "boolean", unnegated: true, help: "as text, with a newline" },
    ...namespaceFlags,
  ])
    .description("print a value")
    .argument("<key>")
    .action(async (name: string, values: object) => {
      const { runKvGet } = await import("./commands.ts");
      setCode(await runKvGet(name, values, terminal));
    });
  addFlags(key.command("list"), [
    { name: "prefix", kind: "string", value: "text", help: "only keys that begin with it" },
    ...namespaceFlags,
  ])
    .description("print all keys as JSON")
    .action(async (values: object) => {
      const { runKvList } = await import("./commands.ts");
      setCode(await runKvList(values, terminal));
    });
  addFlags(key.command("delete"), namespaceFlags)
    .description("delete a key")
    .argument("<key>")
    .action(async (name: string, values: object) => {
      const { runKvDelete } = await import("./commands.ts");
      setCode(await runKvDelete(name, values, terminal));
    });

  const bulk = commands.command("bulk").description("many keys of local KV namespaces at once");
  addFlags(bulk.command("put"), [
    { name: "ttl", kind: "string", help: "", hidden: true },
    { name: "expiration", kind: "string", help: "", hidden: true },
    { name: "metadata", kind: "string", help: "", hidden: true },
    ...namespaceFlags,
  ])
    .description("write the values of a JSON file")
    .argument(
      "<filename>",
      '[{"key", "value", "expiration"?, "expiration_ttl"?, "metadata"?, "base64"?}]',
    )
    .action(async (file: string, values: object) => {
      const { runKvBulkPut } = await import("./bulk.ts");
      setCode(await runKvBulkPut(file, values, terminal));
    });
  addFlags(bulk.command("get"), namespaceFlags)
    .description("print values as JSON")
    .argument("<filename>", 'JSON: ["key"] or [{"name": "key"}]')
    .action(async (file: string, values: object) => {
      const { runKvBulkGet } = await import("./bulk.ts");
      setCode(await runKvBulkGet(file, values, terminal));
    });
  addFlags(bulk.command("delete"), [
    { name: "force", kind: "boolean", help: "do not ask" },
    { name: "yes", short: "y", kind: "boolean", help: "", hidden: true },
    ...namespaceFlags,
  ])
    .description("delete the keys of a JSON file")
    .argument("<filename>", 'JSON: ["key"] or [{"name": "key"}]')
    .action(async (file: string, values: object) => {
      const { runKvBulkDelete } = await import("./bulk.ts");
      setCode(await runKvBulkDelete(file, values, terminal));
    });
}
