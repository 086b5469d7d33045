/** `drover d1 export`: schema and rows as SQL, as `wrangler d1 export --local` (spec/resources.md 7.2). */
import { closeSync, lstatSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { exportSql } from "../../../resources/d1/export.ts";
import { naming } from "../../../resources/failures.ts";
import type { SqliteDatabase } from "../../../storage/sqlite/contract.ts";
import { openDatabase as openFile } from "../../../storage/sqlite/database.ts";
import { storePaths } from "../../../storage/state-folder.ts";
import { ExitCode, messageOf } from "../../../util/errors.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { commandFailed, type LocalValues, locateState, shownFolder, usageError } from "../state.ts";
import { findDatabase } from "./database.ts";

export interface ExportValues extends LocalValues {
  readonly output?: string;
  readonly table?: readonly string[];
  /** False with `--no-schema`. */
  readonly schema?: boolean;
  /** False with `--no-data`. */
  readonly data?: boolean;
  readonly compatibility?: string;
}

/** Written in pieces of this many characters. */
const PIECE = 1 << 20;

export async function runExport(
  name: string,
  values: ExportValues,
  terminal: Terminal,
): Promise<number> {
  const state = await locateState(values, "d1 export", terminal);
  const { output, table, schema = true, data = true } = values;
  if (output === undefined) throw usageError("Missing required argument: output");
  if (!schema && !data) {
    throw usageError(
      "Cannot use --no-schema and --no-data together. At least one of schema or data must be included in the export. Remove one of the flags.",
    );
  }
  if (values.compatibility !== undefined && values.compatibility !== "d1") {
    throw usageError(
      `--compatibility ${values.compatibility} is only supported for remote exports: use wrangler.`,
    );
  }
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory()) {
    throw usageError("Please specify a file path for --output, not a directory.");
  }
  const { id } = findDatabase(state, name);
  terminal.print(
    `🌀 Exporting local database ${name} (${id}) from ${shownFolder(state, "d1")}:\n` +
      "🌀 To export your remote database, add a --remote flag to your wrangler command.\n" +
      `🌀 Exporting SQL to ${output}...`,
  );
  const path = storePaths(state.root, "d1", id).database;
  try {
    naming(path, "", () => {
      const database = openFile(path);
      try {
        // What others write meanwhile is not in it; they do not wait.
        database.exec("BEGIN");
        writeFile(output, exportSql(database, { tables: table, schema, data }));
      } finally {
        close(database);
      }
    });
  } catch (error) {
    throw commandFailed(messageOf(error));
  }
  terminal.print("Done!");
  return ExitCode.ok;
}

function close(database: SqliteDatabase): void {
  if (database.inTransaction) database.exec("ROLLBACK");
  database.close();
}

/** A file that could not be written to its end is removed. */
function writeFile(path: string, lines: Iterable<string>): void {
  const file = openSync(path, "w");
  try {
    let text = "";
    let isFirst = true;
    for (const line of lines) {
      text += isFirst ? line : `\n${line}`;
      isFirst = false;
      if (text.length < PIECE) continue;
      writeAll(file, text);
      text = "";
    }
    writeAll(file, text);
  } catch (error) {
    if (lstatSync(path).isFile()) rmSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(file, bytes, done);
}
