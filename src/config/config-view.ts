/**
 * A config as `drover types` and `drover graph` read it: every environment of it, checked, while
 * nothing of the Worker itself has to be right (entry, var files). Reads the user's own config, not what a build tool
 * generated from it.
 */
import { dirname, resolve } from "node:path";
import { type FoundBinding, findBindings } from "./bindings.ts";
import { Diagnostics } from "./diagnostics.ts";
import { isTable } from "./document.ts";
import { declaredClasses } from "./durable-objects.ts";
import { readEnvFiles } from "./env-files.ts";
import { selectEnvironment } from "./environments.ts";
import { findConfig } from "./find.ts";
import { loadConfigFile } from "./load.ts";
import { chooseRules, optional, strings } from "./settings.ts";
import type { ConfigWarning, ModuleRule } from "./types.ts";
import { validateConfig } from "./validate.ts";

/** One environment of a config, or its top level. */
export interface EnvironmentView {
  /** undefined: the top level. */
  readonly environment: string | undefined;
  /** With the environment's suffix; undefined if the config has none. */
  readonly name: string | undefined;
  /** Absolute entry file; undefined for a Worker of static assets alone. */
  readonly main: string | undefined;
  readonly date: string | undefined;
  readonly flags: readonly string[];
  readonly rules: readonly ModuleRule[];
  readonly bindings: readonly FoundBinding[];
  /** The checked file as this environment has it. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Names of `secrets.required`, or of the var files if the config has no such list. */
  readonly secrets: readonly string[];
  /** Durable Object classes of `migrations` and `exports`, in that order. */
  readonly durableObjects: readonly string[];
}

export interface ConfigView {
  /** Absolute. */
  readonly path: string;
  /** Its folder. */
  readonly root: string;
  /** Names of all environments, in file order. */
  readonly environments: readonly string[];
  readonly warnings: readonly ConfigWarning[];
  /** @throws UserError CONFIG_ENVIRONMENT_NOT_FOUND, CONFIG_INVALID */
  select(environment: string | undefined): EnvironmentView;
}

export interface ConfigViewOptions {
  readonly cwd: string;
  /** What the command is about; warnings are of this one. */
  readonly environment: string | undefined;
  readonly envFiles: readonly string[];
}

/** The config that is found from `folder` upwards; undefined if there is none. */
export function findUserConfig(folder: string): string | undefined {
  const found = findConfig(folder);
  return found?.userPath ?? found?.path;
}

/** @throws UserError exit code 2, code in ConfigErrorCode */
export function viewConfig(path: string, options: ConfigViewOptions): ConfigView {
  const { cwd, environment } = options;
  const document = loadConfigFile(path, cwd);
  const root = dirname(path);
  const diagnostics = new Diagnostics(document, cwd);
  validateConfig(document.value, environment, diagnostics);
  diagnostics.throwIfFailed();
  const { env } = document.value;
  const select = (wanted: string | undefined, into: Diagnostics): EnvironmentView => {
    const config = selectEnvironment(document.value, wanted, into);
    into.throwIfFailed();
    const { raw } = config;
    const required = isTable(raw.secrets) ? strings(raw.secrets.required) : undefined;
    const files = { root, cwd, environment, envFiles: options.envFiles, processEnv: {} };
    const read = { ...files, requiredSecrets: undefined, varNames: [] };
    const main = optional(raw.main, "string");
    return {
      environment: wanted,
      name: optional(raw.name, "string"),
      main: main === undefined ? undefined : resolve(root, main),
      date: optional(raw.compatibility_date, "string"),
      flags: strings(raw.compatibility_flags),
      rules: chooseRules(raw.rules, config, into),
      bindings: findBindings(raw),
      raw,
      secrets: required ?? Object.keys(readEnvFiles(read, new Diagnostics(document, cwd)).secrets),
      durableObjects: declaredClasses(config, into),
    };
  };
  const first = select(environment, diagnostics);
  diagnostics.throwIfFailed();
  return {
    path,
    root,
    environments: isTable(env) ? Object.keys(env) : [],
    warnings: diagnostics.warnings,
    select: (wanted) =>
      wanted === environment ? first : select(wanted, new Diagnostics(document, cwd)),
  };
}
