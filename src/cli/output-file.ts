/**
 * `WRANGLER_OUTPUT_FILE_PATH`, `WRANGLER_OUTPUT_FILE_DIRECTORY`: the one line that scripts of CI read
 * (spec/devtools-types.md 11), in wrangler's form. Written at the start of `drover dev`, whatever the log level.
 */
import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../util/errors.ts";
import { makeFolder } from "../util/folders.ts";

export interface SessionRecord {
  readonly version: string;
  /** The command and what follows. */
  readonly args: readonly string[];
  /** `--log-dir`, "" if there is none. */
  readonly logPath: string;
}

/** @returns what went wrong, for people */
export function writeSessionRecord(
  env: Readonly<Record<string, string | undefined>>,
  { version, args, logPath }: SessionRecord,
): string | undefined {
  const timestamp = new Date().toISOString();
  const path = pathFrom(env, timestamp);
  if (path === undefined) return undefined;
  const line = {
    type: "wrangler-session",
    version: 1,
    wrangler_version: version,
    command_line_args: args,
    log_file_path: logPath,
    timestamp,
  };
  try {
    makeFolder(dirname(path));
    appendFileSync(path, `${JSON.stringify(line)}\n`);
    return undefined;
  } catch (error) {
    return `The session is not recorded in ${path}: ${messageOf(error)}`;
  }
}

function pathFrom(
  {
    WRANGLER_OUTPUT_FILE_PATH: file,
    WRANGLER_OUTPUT_FILE_DIRECTORY: folder,
  }: Readonly<Record<string, string | undefined>>,
  timestamp: string,
): string | undefined {
  if (file) return file;
  if (!folder) return undefined;
  const name = `wrangler-output-${timestamp.replace(/[:.]/g, "-")}-${randomBytes(3).toString("hex")}.json`;
  return join(folder, name);
}
