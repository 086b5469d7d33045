/** `drover d1`: the commands and their arguments, which are wrangler's. Their code is imported when one runs. */
import type { Command } from "commander";
import { localFlags } from "../../flags.ts";
import { addFlags } from "../../options.ts";
import type { LocalProgramContext } from "../program-context.ts";

export function addD1Commands(program: Command, { terminal, setCode }: LocalProgramContext): void {
  const d1 = program.command("d1").description("SQL and migrations of local D1 databases");
  addFlags(d1.command("execute"), [
    { name: "command", kind: "string", value: "sql", help: "statements, divided by semicolons" },
    { name: "file", kind: "string", value: "path", help: "a file of statements" },
    { name: "json", kind: "boolean", unnegated: true, help: "as JSON" },
    { name: "yes", short: "y", kind: "boolean", help: "", hidden: true },
    ...localFlags,
  ])
    .description("run SQL, all or nothing")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runExecute } = await import("./execute.ts");
      setCode(await runExecute(database, values, terminal));
    });

  addFlags(d1.command("export"), [
    { name: "output", kind: "string", value: "path", help: "file to write the SQL to" },
    { name: "table", kind: "list", value: "name", help: "only these tables" },
    { name: "no-schema", kind: "boolean", unnegated: true, help: "rows only" },
    { name: "no-data", kind: "boolean", unnegated: true, help: "no rows" },
    { name: "compatibility", kind: "string", help: "", hidden: true },
    { name: "skip-confirmation", kind: "boolean", help: "", hidden: true },
    { name: "yes", short: "y", kind: "boolean", help: "", hidden: true },
    ...localFlags,
  ])
    .description("write schema and rows as SQL")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runExport } = await import("./export.ts");
      setCode(await runExport(database, values, terminal));
    });

  const migrations = d1.command("migrations").description("migrations of local D1 databases");
  addFlags(migrations.command("create"), localFlags)
    .description("write an empty migration with the next number")
    .argument("<database>", "database_name or binding")
    .argument("<message>", "what it does, for its name")
    .action(async (database: string, message: string, values: object) => {
      const { runMigrationsCreate } = await import("./migrations.ts");
      setCode(await runMigrationsCreate(database, message, values, terminal));
    });
  addFlags(migrations.command("list"), localFlags)
    .description("show what has not been applied")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runMigrationsList } = await import("./migrations.ts");
      setCode(await runMigrationsList(database, values, terminal));
    });
  addFlags(migrations.command("apply"), [
    { name: "yes", short: "y", kind: "boolean", unnegated: true, help: "do not ask" },
    ...localFlags,
  ])
    .description("apply what has not been applied")
    .argument("<database>", "database_name or binding")
    .action(async (database: string, values: object) => {
      const { runMigrationsApply } = await import("./migrations.ts");
      setCode(await runMigrationsApply(database, values, terminal));
    });
}
