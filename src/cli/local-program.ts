/**
 * The commands on local data and their arguments: wrangler's, with `--local` as the only place there
 * is. Called by program.ts; each command's code is imported when it runs.
 */
import type { Command } from "commander";
import { type Flag, localFlags } from "./flags.ts";
import { addFlags } from "./options.ts";
import type { Terminal } from "./ui/terminal.ts";

export interface LocalProgramContext {
  readonly terminal: Terminal;
  readonly setCode: (code: number) => void;
}

const jsonFlag: Flag = { name: "json", kind: "boolean", unnegated: true, help: "as JSON" };

export function addD1Commands(program: Command, { terminal, setCode }: LocalProgramContext): void {
  const d1 = program.command("d1").description("SQL and migrations of local D1 databases");
  addFlags(d1.command("execute"), [
    { name: "command", kind: "string", value: "sql", help: "statements, divided by semicolons" },
    { name: "file", kind: "string", value: "path", help: "a file of statements" },
    jsonFlag,
    { name: "yes", short: "y", kind: "boolean", help: "", hidden: true },
    ...localFlags,
  ])
    .description("run SQL, all or nothing")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runExecute } = await import("./local/d1/execute.ts");
      setCode(runExecute(database, values, terminal));
    });

  const migrations = d1.command("migrations").description("migrations of local D1 databases");
  addFlags(migrations.command("create"), localFlags)
    .description("write an empty migration with the next number")
    .argument("<database>", "database_name or binding")
    .argument("<message>", "what it does, for its name")
    .action(async (database: string, message: string, values: object) => {
      const { runMigrationsCreate } = await import("./local/d1/migrations.ts");
      setCode(await runMigrationsCreate(database, message, values, terminal));
    });
  addFlags(migrations.command("list"), localFlags)
    .description("show what has not been applied")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runMigrationsList } = await import("./local/d1/migrations.ts");
      setCode(runMigrationsList(database, values, terminal));
    });
  addFlags(migrations.command("apply"), localFlags)
    .description("apply what has not been applied")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runMigrationsApply } = await import("./local/d1/migrations.ts");
      setCode(await runMigrationsApply(database, values, terminal));
    });
}

const namespaceFlags: readonly Flag[] = [
  { name: "binding", kind: "string", value: "name", help: "binding of the namespace" },
  { name: "namespace-id", kind: "string", value: "id", help: "or its id" },
  ...localFlags,
];

export function addKvCommands(program: Command, { terminal, setCode }: LocalProgramContext): void {
  const key = program
    .command("kv")
    .description("local KV namespaces")
    .command("key")
    .description("keys of local KV namespaces");
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
      const { runKvPut } = await import("./local/kv/commands.ts");
      setCode(await runKvPut(name, value, values, terminal));
    });
  addFlags(key.command("get"), [
    { name: "text", kind: "boolean", unnegated: true, help: "as text, with a newline" },
    ...namespaceFlags,
  ])
    .description("print a value")
    .argument("<key>")
    .action(async (name: string, values: object) => {
      const { runKvGet } = await import("./local/kv/commands.ts");
      setCode(await runKvGet(name, values, terminal));
    });
  addFlags(key.command("list"), [
    { name: "prefix", kind: "string", value: "text", help: "only keys that begin with it" },
    ...namespaceFlags,
  ])
    .description("print all keys as JSON")
    .action(async (values: object) => {
      const { runKvList } = await import("./local/kv/commands.ts");
      setCode(await runKvList(values, terminal));
    });
  addFlags(key.command("delete"), namespaceFlags)
    .description("delete a key")
    .argument("<key>")
    .action(async (name: string, values: object) => {
      const { runKvDelete } = await import("./local/kv/commands.ts");
      setCode(await runKvDelete(name, values, terminal));
    });
}
