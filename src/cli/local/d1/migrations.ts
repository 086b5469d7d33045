/** `drover d1 migrations create|list|apply`, as wrangler's with `--local` (spec/resources.md 7.3). */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  listMigrations,
  type MigrationSettings,
  migrationSettings,
  migrationTable,
  noMigrationsText,
  numberOf,
} from "../../../config/d1-migrations.ts";
import { ExitCode, UserError } from "../../../util/errors.ts";
import { makeFolder } from "../../../util/folders.ts";
import { formatBoxes } from "../../ui/boxes.ts";
import { confirm } from "../../ui/confirm.ts";
import { printMessage } from "../../ui/message.ts";
import type { Terminal } from "../../ui/terminal.ts";
import {
  commandFailed,
  configNames,
  type FoundStore,
  type LocalState,
  type LocalValues,
  locateState,
  usageError,
} from "../state.ts";
import { type CommandDatabase, openDatabase } from "./database.ts";
import { executedText } from "./execute.ts";

/** Writes an empty migration with the next number. */
export async function runMigrationsCreate(
  name: string,
  message: string,
  values: LocalValues,
  terminal: Terminal,
): Promise<number> {
  const state = await locateState(values, "d1 migrations create", terminal, { usesData: false });
  using database = openDatabase(state, name);
  const settings = settingsOf(database.store);
  if (/[/\\]/.test(message)) {
    throw usageError(
      `The migration name "${message}" contains a path separator ("/" or "\\"). Please remove this and try again.`,
    );
  }
  const existing = listMigrations(settings);
  if (existing === undefined) {
    const question = `${noFolderText(state)}\nOk to create ${settings.folder}?`;
    if (!(await confirm(terminal, question))) return ExitCode.ok;
  }
  const numbers = (existing ?? []).map(numberOf).filter(Number.isFinite);
  const next = String(Math.max(0, ...numbers) + 1).padStart(4, "0");
  const file = `${next}_${message.replaceAll(" ", "_")}.sql`;
  const path = join(settings.folder, file);
  makeFolder(settings.folder);
  writeFileSync(path, `-- Migration number: ${next} \t ${new Date().toISOString()}\n`, {
    flag: "wx",
  });
  terminal.print(
    `✅ Successfully created Migration '${file}'!\n\nThe migration is available for editing here\n${path}`,
  );
  return ExitCode.ok;
}

export async function runMigrationsList(
  name: string,
  values: LocalValues,
  terminal: Terminal,
): Promise<number> {
  const state = await locateState(values, "d1 migrations list", terminal);
  using database = openDatabase(state, name);
  const pending = pendingMigrations(state, database, settingsOf(database.store));
  terminal.print(
    pending.length === 0
      ? "✅ No migrations to apply!"
      : `Migrations to be applied:\n${formatBoxes(
          ["Name"],
          pending.map((file) => [file]),
        )}`,
  );
  return ExitCode.ok;
}

/** One batch per file, with its record: the first failure ends it, what was applied before stays. */
export async function runMigrationsApply(
  name: string,
  values: LocalValues & { readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  const state = await locateState(values, "d1 migrations apply", terminal);
  using database = openDatabase(state, name);
  const settings = settingsOf(database.store);
  const pending = pendingMigrations(state, database, settings);
  if (pending.length === 0) {
    terminal.print("✅ No migrations to apply!");
    return ExitCode.ok;
  }
  terminal.print(
    `Migrations to be applied:\n${formatBoxes(
      ["name"],
      pending.map((file) => [file]),
    )}`,
  );
  const question =
    `About to apply ${pending.length} migration(s)\n` +
    "Your database may not be available to serve requests during the migration, continue?";
  if (values.yes !== true && !(await confirm(terminal, question))) return ExitCode.ok;
  for (const [index, file] of pending.entries()) {
    database.announce();
    const count = applyMigration(database, settings, file);
    const rows = pending.map((other, at) => [other, at <= index ? "✅" : "🕒️"]);
    terminal.print(`${executedText(count)}\n${formatBoxes(["name", "status"], rows)}`);
  }
  return ExitCode.ok;
}

function settingsOf({ item, config }: FoundStore): MigrationSettings {
  return migrationSettings(item, config.root);
}

function applyMigration(
  database: CommandDatabase,
  settings: MigrationSettings,
  file: string,
): number {
  const text = readFileSync(join(settings.folder, file), "utf8");
  try {
    return database.run(`${text}\n${migrationTable(settings).record(file)}`).length;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const undone = `Migration ${file} was not applied, nothing of it is left in the database.`;
    throw commandFailed(
      error.message,
      `${undone}${error.hint === undefined ? "" : `\n${error.hint}`}`,
    );
  }
}

/** @throws UserError COMMAND_FAILED if there are no files at all */
function pendingMigrations(
  state: LocalState,
  database: CommandDatabase,
  settings: MigrationSettings,
): string[] {
  const files = listMigrations(settings);
  if (files === undefined) {
    printMessage(state.terminal, "warning", noFolderText(state));
    throw commandFailed(noMigrationsText(settings));
  }
  const table = migrationTable(settings);
  database.run(table.create);
  const [result] = database.run(table.applied);
  const applied = new Set(result?.rows.map(([name]) => name));
  return files.filter((file) => !applied.has(file));
}

function noFolderText(state: LocalState): string {
  const [config] = state.configs;
  const name = state.configs.length === 1 && config ? basename(config.path) : configNames(state);
  return `No migrations folder found. Set \`migrations_dir\` in your ${name} file to choose a different path.`;
}
