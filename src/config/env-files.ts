/**
 * `.dev.vars`, `.env` files and `--var`: where the plain-text values of one Worker come from.
 * Each Worker reads the files of its own config folder (spec/wrangler.md 1.3).
 *
 * Precedence, a later row wins over an earlier one:
 *
 *   1. `vars` of the config
 *   2. files; either  a) `.dev.vars.<env>` if it exists, else `.dev.vars`; taken literally, no `$`
 *                        expansion, no process.env
 *             or      b) without any .dev.vars: `.env`, `.env.local`, `.env.<env>`,
 *                        `.env.<env>.local`, then process.env (only with
 *                        CLOUDFLARE_INCLUDE_PROCESS_ENV=true or a `secrets` section); `$NAME` expands
 *             or      c) with --env-file: those files in order, then process.env as in b
 *   3. `--var`
 *
 * Values of rows 2 and 3 are secrets to the terminal. Row 2 never replaces a binding of another
 * kind; row 3 does, as in wrangler. With `secrets.required`, row 2 yields only names that are listed
 * there or in `vars`.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { messageOf } from "../util/errors.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { parseDotEnv } from "./dotenv.ts";
import { createConfigError } from "./errors.ts";
import { booleanVariable } from "./flags.ts";
import { displayPath } from "./source-frame.ts";

export interface EnvFileOptions {
  /** Folder of the config. */
  readonly root: string;
  readonly cwd: string;
  readonly environment: string | undefined;
  readonly envFiles: readonly string[];
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  /** `secrets.required` of the config; undefined without a `secrets` section. */
  readonly requiredSecrets: readonly string[] | undefined;
  /** Names in the config's `vars`. */
  readonly varNames: readonly string[];
}

export interface EnvFileValues {
  readonly secrets: Readonly<Record<string, string>>;
  /** Name -> files (or process.env) that have it; the last one's value is in force. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
  readonly notes: readonly string[];
  /** Absolute paths, absent files included: one that appears later must be noticed. */
  readonly watchFiles: readonly string[];
}

export function readEnvFiles(options: EnvFileOptions, diagnostics: Diagnostics): EnvFileValues {
  const reader = new EnvReader(options);
  const all = options.envFiles.length === 0 ? defaultSources(reader, options) : undefined;
  const values = all ?? dotEnvSources(reader, options, explicitFiles(options, diagnostics));
  return {
    secrets: limitToRequired(values, options, diagnostics),
    origins: reader.origins,
    notes: reader.notes,
    watchFiles: reader.watchFiles,
  };
}

/**
 * The environment of the command itself: `.env` files of the working directory (or --env-file)
 * under the existing variables. What CLOUDFLARE_ENV and the like may be set by.
 */
export function readCommandEnvironment(
  cwd: string,
  environment: string | undefined,
  envFiles: readonly string[],
  processEnv: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const files = envFiles.length === 0 ? dotEnvNames(environment) : envFiles;
  const parsed: Record<string, string> = {};
  for (const file of files) {
    const path = resolve(cwd, file);
    if (existsSync(path)) Object.assign(parsed, parseFile(path, cwd));
  }
  return expandOver(parsed, withoutUndefined(processEnv));
}

/** Reads files once each and remembers what it looked for. */
class EnvReader {
  readonly notes: string[] = [];
  readonly watchFiles: string[] = [];
  readonly origins = new Map<string, string[]>();
  readonly #cwd: string;

  constructor({ cwd }: EnvFileOptions) {
    this.#cwd = cwd;
  }

  /** @returns undefined if there is no such file */
  read(file: string): Record<string, string> | undefined {
    this.watchFiles.push(file);
    if (!existsSync(file)) return undefined;
    const values = parseFile(file, this.#cwd);
    const shown = displayPath(file, this.#cwd);
    this.notes.push(`Using secrets defined in ${shown}`);
    this.found(shown, values);
    return values;
  }

  /** Notes where values were found, the stronger place later. */
  found(place: string, values: object): void {
    for (const name of Object.keys(values)) {
      this.origins.set(name, [...(this.origins.get(name) ?? []), place]);
    }
  }
}

function parseFile(file: string, cwd: string): Record<string, string> {
  try {
    return parseDotEnv(readFileSync(file, "utf8"));
  } catch (error) {
    const message = `Could not read file: ${displayPath(file, cwd)}\n  ${messageOf(error)}`;
    throw createConfigError("CONFIG_NOT_READABLE", message, { cause: error });
  }
}

/** `parsed` with `$NAME` expanded, under the variables of `outer`: those win. */
function expandOver(
  parsed: Record<string, string>,
  outer: Record<string, string>,
): Record<string, string> {
  if (Object.keys(parsed).length === 0) return outer;
  // Loaded on first use: most Workers have no .env file.
  const require = createRequire(import.meta.url);
  const { expand } = require("dotenv-expand") as typeof import("dotenv-expand");
  // Writes its result into `processEnv`.
  expand({ parsed, processEnv: outer });
  return outer;
}

/** Later files win. */
function dotEnvNames(environment: string | undefined): string[] {
  const names = [".env", ".env.local"];
  if (environment) names.push(`.env.${environment}`, `.env.${environment}.local`);
  return names;
}

function withoutUndefined(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) result[name] = value;
  return result;
}

/** Cases a and b of the table above. */
function defaultSources(reader: EnvReader, options: EnvFileOptions): Record<string, string> {
  const { root, environment, processEnv } = options;
  const scoped = environment && reader.read(join(root, `.dev.vars.${environment}`));
  const devVars = scoped || reader.read(join(root, ".dev.vars"));
  if (devVars) return devVars;
  if (!booleanVariable(processEnv, "CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV", true)) return {};
  const files = dotEnvNames(environment).map((name) => join(root, name));
  return dotEnvSources(reader, options, files);
}

function dotEnvSources(
  reader: EnvReader,
  { processEnv, requiredSecrets }: EnvFileOptions,
  files: readonly string[],
): Record<string, string> {
  const parsed: Record<string, string> = {};
  for (const file of files) Object.assign(parsed, reader.read(file));
  let outer: Record<string, string> = {};
  const include = booleanVariable(processEnv, "CLOUDFLARE_INCLUDE_PROCESS_ENV", false);
  if (include || requiredSecrets !== undefined) {
    outer = withoutUndefined(processEnv);
    reader.notes.push("Using secrets defined in process.env");
    reader.found("process.env", outer);
  }
  return expandOver(parsed, outer);
}

/** A path is looked for in the config's folder (as wrangler does), then in the working directory. */
function explicitFiles(options: EnvFileOptions, diagnostics: Diagnostics): string[] {
  return options.envFiles.map((given) => {
    const candidates = [resolve(options.root, given), resolve(options.cwd, given)];
    const found = candidates.find((file) => existsSync(file));
    if (found === undefined)
      diagnostics.warn(`The file given with --env-file was not found: ${given}`);
    return found ?? resolve(options.root, given);
  });
}

function limitToRequired(
  values: Readonly<Record<string, string>>,
  { requiredSecrets, varNames }: EnvFileOptions,
  diagnostics: Diagnostics,
): Record<string, string> {
  if (requiredSecrets === undefined) return { ...values };
  const missing = requiredSecrets.filter((name) => values[name] === undefined);
  if (missing.length > 0) {
    diagnostics.warn(
      `Missing required secrets: ${missing.join(", ")}. Add them to .dev.vars, .env, or set as environment variables.`,
      ["secrets", "required"],
    );
  }
  const allowed = new Set([...requiredSecrets, ...varNames]);
  return Object.fromEntries(Object.entries(values).filter(([name]) => allowed.has(name)));
}
