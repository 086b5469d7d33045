/** `drover d1 execute`: SQL on a local D1 database, as `wrangler d1 execute --local` runs it. */
import { readFileSync } from "node:fs";
import type { D1Result } from "../../../resources/d1/database.ts";
import type { SqlValue } from "../../../storage/sqlite/contract.ts";
import { ExitCode, UserError } from "../../../util/errors.ts";
import { formatBoxes } from "../../ui/boxes.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { commandFailed, type LocalValues, locateState, usageError } from "../state.ts";
import { openDatabase } from "./database.ts";

export interface ExecuteValues extends LocalValues {
  readonly command?: string;
  readonly file?: string;
  readonly json?: boolean;
}

/** With `--json` nothing but JSON is printed, an error too. */
export async function runExecute(
  name: string,
  values: ExecuteValues,
  terminal: Terminal,
): Promise<number> {
  const json = values.json === true;
  try {
    await execute(name, values, terminal, json);
    return ExitCode.ok;
  } catch (error) {
    if (!json || !(error instanceof UserError)) throw error;
    const { message, hint } = error;
    terminal.print(
      JSON.stringify(
        { error: { text: message, ...(hint && { notes: [{ text: hint }] }) } },
        null,
        2,
      ),
    );
    return error.exitCode;
  }
}

async function execute(
  name: string,
  values: ExecuteValues,
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const state = await locateState(values, "d1 execute", terminal);
  const sql = readSql(values);
  using database = openDatabase(state, name);
  if (!json) database.announce();
  const results = database.run(sql);
  if (!json) terminal.print(executedText(results.length));
  if (json || !terminal.isInteractive) {
    terminal.print(JSON.stringify(results.map(asJson), null, 2));
    return;
  }
  for (const { columns, rows } of results.filter(({ rows }) => rows.length > 0)) {
    terminal.print(
      formatBoxes(
        columns,
        rows.map((row) => row.map((value) => String(shown(value)))),
      ),
    );
  }
}

/** `🚣 2 commands executed successfully.` */
export function executedText(count: number): string {
  return `🚣 ${count} command${count === 1 ? "" : "s"} executed successfully.`;
}

function readSql({ command, file }: ExecuteValues): string {
  if (command !== undefined && file !== undefined) {
    throw usageError("Error: can't provide both --command and --file.");
  }
  if (command !== undefined) return command;
  if (file === undefined) {
    throw usageError(
      'Missing required option --command or --file. Provide a SQL command inline with --command="<SQL>", or a path to a SQL file with --file=<path>.',
    );
  }
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw commandFailed(
      `Unable to read SQL text file "${file}". Please check the file path and try again.`,
    );
  }
}

function asJson({ columns, rows }: D1Result): object {
  return {
    results: rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, shown(row[index] ?? null)])),
    ),
    success: true,
    meta: { duration: 0 },
  };
}

/** Bytes as the text of an array, as wrangler has them. */
function shown(value: SqlValue): null | number | string {
  if (value instanceof Uint8Array) return `[${[...value].join(", ")}]`;
  return typeof value === "bigint" ? Number(value) : value;
}
