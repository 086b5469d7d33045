/**
 * The command that would start a Worker that nobody runs: its config is looked for beside the
 * configs of the session. Called only after a call to an absent Worker; reads small files.
 */
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isTable } from "../config/document.ts";
import { CONFIG_FILE_NAMES } from "../config/find.ts";
import { parseJsonc } from "../config/parse-jsonc.ts";
import { parseToml } from "../config/parse-toml.ts";
import { devCommand } from "../util/dev-command.ts";

/** Levels below a config's parent folder: `apps/api` and `services/auth` are found from each other. */
const DEPTH = 2;
/** Folders that one search looks into at most. */
const MAX_FOLDERS = 300;
const SKIPPED: ReadonlySet<string> = new Set(["node_modules", "dist", "build"]);

/**
 * `drover dev -c <config>` relative to `cwd` for the Worker `service`, whose config lies near one of
 * `folders` and below `limit`; undefined if there is none.
 */
export function findStartCommand(
  service: string,
  folders: readonly string[],
  limit: string,
  cwd: string,
): string | undefined {
  const seen = new Set<string>();
  for (const folder of folders) {
    // Two levels up, but never out of the workspace.
    for (const start of [path.dirname(folder), path.dirname(path.dirname(folder))]) {
      if (start !== limit && !start.startsWith(limit + path.sep)) continue;
      const found = search(service, start, DEPTH, seen);
      if (found !== undefined) return devCommand(found.file, found.environment, cwd);
    }
  }
  return undefined;
}

interface Found {
  readonly file: string;
  readonly environment: string | undefined;
}

function search(
  service: string,
  folder: string,
  depth: number,
  seen: Set<string>,
): Found | undefined {
  if (seen.size >= MAX_FOLDERS) return undefined;
  const key = `${depth} ${folder}`;
  if (seen.has(key)) return undefined;
  seen.add(key);
  const entries = list(folder);
  for (const name of CONFIG_FILE_NAMES) {
    if (!entries.some((entry) => entry.name === name)) continue;
    const file = path.join(folder, name);
    for (const worker of workersIn(file)) {
      if (worker.name === service) return { file, environment: worker.environment };
    }
  }
  if (depth === 0) return undefined;
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    const found = search(service, path.join(folder, entry.name), depth - 1, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not readable, or gone: nothing to find there.
    return [];
  }
}

/** What the Worker of a config is called, at the top level and in each environment. */
function workersIn(
  file: string,
): { readonly name: unknown; readonly environment: string | undefined }[] {
  try {
    const text = readFileSync(file, "utf8");
    const parse = file.endsWith(".toml") ? parseToml : parseJsonc;
    const { name, env } = parse(file, text, path.dirname(file)).value;
    const environments = Object.entries(isTable(env) ? env : {}).map(([environment, config]) => ({
      name: (isTable(config) ? config.name : undefined) ?? `${name}-${environment}`,
      environment,
    }));
    return [{ name, environment: undefined }, ...environments];
  } catch {
    // A config with a mistake in it: its own session will say so.
    return [];
  }
}
