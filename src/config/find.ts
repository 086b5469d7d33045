/**
 * Finds the config of a folder when none was named (spec/wrangler.md 2.1), including the redirect
 * that build tools leave in `.wrangler/deploy/config.json`.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isTable } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { parseJsonc } from "./parse-jsonc.ts";

/** In order of preference. Each is looked for in the whole ancestor chain before the next. */
export const CONFIG_FILE_NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

const REDIRECT = join(".wrangler", "deploy", "config.json");

export interface FoundConfig {
  /** The config to use; absolute. */
  readonly path: string;
  /** The user's own config when `path` was generated from it by a build tool. */
  readonly userPath: string | undefined;
  /** The redirect file that led to `path`. */
  readonly redirectPath: string | undefined;
  /** Workers that the build tool made beside this one (Vite: auxiliary Workers), in its order. */
  readonly auxiliary: readonly GeneratedConfig[];
  /** Lines for the terminal. */
  readonly notes: readonly string[];
}

/** A config that a build tool wrote, and the user's own that it was made from. */
export interface GeneratedConfig {
  readonly path: string;
  readonly userPath: string;
}

/**
 * The config that belongs to `fromDir`: a redirect if there is one, else the nearest wrangler.json
 * of the ancestor chain, else the nearest .jsonc, else the nearest .toml.
 *
 * @throws UserError CONFIG_REDIRECT if the redirect file cannot be followed
 */
export function findConfig(fromDir: string): FoundConfig | undefined {
  const from = resolve(fromDir);
  let userPath: string | undefined;
  for (const name of CONFIG_FILE_NAMES) userPath ??= findUp(from, name);
  const redirectPath = findUp(from, REDIRECT);
  if (redirectPath === undefined) {
    return userPath === undefined
      ? undefined
      : { path: userPath, userPath: undefined, redirectPath: undefined, auxiliary: [], notes: [] };
  }
  return followRedirect(redirectPath, userPath);
}

function followRedirect(redirectPath: string, userPath: string | undefined): FoundConfig {
  const shown = (path: string): string => relative(process.cwd(), path) || path;
  const base = resolve(dirname(redirectPath), "..", "..");
  const { value } = parseJsonc(redirectPath, readFileSync(redirectPath, "utf8"), process.cwd());
  const target = isTable(value) ? value.configPath : undefined;
  if (typeof target !== "string") {
    throw createConfigError(
      "CONFIG_REDIRECT",
      `A deploy configuration file was found at "${shown(redirectPath)}".\nBut this is not valid: the required "configPath" property was not found.`,
      { hint: "Run your framework's build again, or delete the file." },
    );
  }
  const locate = (configPath: string): string => {
    const path = resolve(dirname(redirectPath), configPath);
    if (isFile(path)) return path;
    throw createConfigError(
      "CONFIG_REDIRECT",
      `There is a deploy configuration at "${shown(redirectPath)}".\nBut the redirected configuration path it points to, "${shown(path)}", does not exist.`,
      { hint: "Run your framework's build again, or delete the file." },
    );
  };
  const path = locate(target);
  if (userPath !== undefined && dirname(userPath) !== base) {
    throw createConfigError(
      "CONFIG_REDIRECT",
      `Found both a user configuration file at "${shown(userPath)}"\nand a deploy configuration file at "${shown(redirectPath)}".\nBut these do not share the same base path so it is not clear which should be used.`,
      { hint: "Name the configuration with -c/--config." },
    );
  }
  const others = Array.isArray(value.auxiliaryWorkers) ? value.auxiliaryWorkers : [];
  const auxiliary = others.flatMap((worker: unknown) => {
    const configPath = isTable(worker) ? worker.configPath : undefined;
    return typeof configPath === "string" ? [generatedConfig(locate(configPath))] : [];
  });
  return {
    path,
    userPath,
    redirectPath,
    auxiliary,
    notes: [
      "Using redirected Wrangler configuration.",
      ` - Configuration being used: "${shown(path)}"`,
      ` - Original user's configuration: "${userPath === undefined ? "<no user config found>" : shown(userPath)}"`,
      ` - Deploy configuration file: "${shown(redirectPath)}"`,
      ...auxiliary.map(({ path }) => ` - Auxiliary Worker: "${shown(path)}"`),
    ],
  };
}

/** Names the user's config as the tool noted it, for its var files; else counts as its own. */
function generatedConfig(path: string): GeneratedConfig {
  const { value } = parseJsonc(path, readFileSync(path, "utf8"), process.cwd());
  const userPath = value.userConfigPath;
  return { path, userPath: typeof userPath === "string" ? resolve(dirname(path), userPath) : path };
}

function findUp(from: string, name: string): string | undefined {
  for (let dir = from; ; ) {
    const candidate = join(dir, name);
    if (isFile(candidate)) return candidate;
    const parent = dirname(dir);
    if (parent === dir) return undefined;
    dir = parent;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
