/**
 * From a config file (or a bare script) and flags to a ResolvedConfig. Runs in the session process,
 * at start and again whenever one of `watchFiles` changes.
 *
 *     find -> load (parse) -> validate -> select environment -> var files -> bindings -> resolved
 */

import { basename, dirname, resolve } from "node:path";
import { UserError } from "../util/errors.ts";
import { resolveAssets } from "./assets.ts";
import { checkUniqueNames, findBindings, resolveBindings } from "./bindings.ts";
import { bindingsOnly } from "./bindings-only.ts";
import { chooseCompatibility } from "./compatibility.ts";
import { WORKER_NAME } from "./config-schema.ts";
import { DEFAULT_JSX_FACTORY, DEFAULT_JSX_FRAGMENT } from "./defaults.ts";
import { Diagnostics } from "./diagnostics.ts";
import { isTable } from "./document.ts";
import { resolveDurableObjects } from "./durable-objects.ts";
import { checkEntry, isFolderOfAssets } from "./entry.ts";
import { readEnvFiles } from "./env-files.ts";
import { type EffectiveConfig, selectEnvironment } from "./environments.ts";
import { type ConfigErrorCode, createConfigError } from "./errors.ts";
import { findConfig } from "./find.ts";
import {
  type ConfigFlags,
  type ConfigSource,
  flagsForStandIn,
  flagsForWorker,
  parsePairs,
  varsForWorker,
} from "./flags.ts";
import { readInlineConfig, titleOfInline } from "./inline.ts";
import { listenersOf } from "./listeners.ts";
import { loadConfigFile } from "./load.ts";
import { checkQueueConsumers, resolveQueueConsumers } from "./queues.ts";
import {
  checkCustomDomains,
  chooseBuild,
  chooseCpuMs,
  chooseDev,
  chooseRoutes,
  chooseRules,
  chooseTsconfig,
  optional,
  strings,
  stringTable,
  tables,
} from "./settings.ts";
import { resolveSite, siteBinding, siteEntry } from "./site.ts";
import { displayPath } from "./source-frame.ts";
import type { ResolvedConfig } from "./types.ts";
import { listUnsupported } from "./unsupported.ts";
import { validateConfig } from "./validate.ts";

/** Where the config of a source is, before anything is read. */
interface Located {
  readonly path: string | undefined;
  readonly root: string;
  readonly userPath: string | undefined;
  readonly script: string | undefined;
  readonly notes: readonly string[];
  readonly watchFiles: readonly string[];
}

/**
 * Resolves one Worker. Synchronous; reads the config, var files and blobs.
 *
 * @throws UserError exit code 2, code in ConfigErrorCode; all problems of a file at once
 */
export function resolveConfig(source: ConfigSource, given: ConfigFlags = {}): ResolvedConfig {
  const flags = "standIn" in source ? flagsForStandIn(given) : given;
  const cwd = resolve(flags.cwd ?? process.cwd());
  const processEnv = flags.processEnv ?? process.env;
  const located = locate(source, flags, cwd);
  const document = located.path === undefined ? undefined : loadConfigFile(located.path, cwd);
  const title = "inline" in source ? titleOfInline(source.inline) : undefined;
  const diagnostics = new Diagnostics(document, cwd, title);
  const value = document?.value ?? givenConfig(source);
  const wanted = source.environment ?? flags.env ?? processEnv.CLOUDFLARE_ENV;
  const target = located.userPath === undefined ? undefined : document?.value.targetEnvironment;
  checkTarget(wanted, target);
  // A generated config has been flattened for its environment: only the var files still depend on it.
  const environment = located.userPath === undefined ? wanted || undefined : undefined;
  if (located.userPath !== undefined && isTable(document?.value.env)) {
    diagnostics.error("Redirected configurations cannot include environments.", ["env"]);
  }
  validateConfig(value, environment, diagnostics);
  const selected = selectEnvironment(value, environment, diagnostics);
  const config =
    flags.bindingsOnly === true
      ? { ...selected, raw: bindingsOnly(selected.raw, located.root) }
      : selected;
  const found = findBindings(config.raw);
  checkUniqueNames(found, config, diagnostics);
  const name = chooseName(config, flags, located.root, diagnostics);
  const { raw } = config;
  const folder = chooseFolder(raw, located, flags);
  const main = folder === undefined ? chooseMain(config, located, diagnostics) : undefined;
  const build = chooseBuild(raw, located.root, cwd);
  if (main !== undefined || raw.main === undefined) {
    checkEntry(
      {
        main,
        path: located.script === undefined ? config.pathOf(["main"]) : [],
        root: located.root,
        cwd,
        hasBuildCommand: build !== undefined,
        hasAssets: raw.assets !== undefined || (folder ?? flags.assets) !== undefined,
      },
      diagnostics,
    );
  }
  const where = { root: located.root, cwd };
  const hasWorker = main !== undefined;
  if (flags.routes === undefined) checkCustomDomains(config, diagnostics);
  const routes = flags.routes ?? chooseRoutes(raw);
  const assets = resolveAssets(
    { config, flags: { ...flags, assets: folder ?? flags.assets }, ...where, hasWorker, routes },
    diagnostics,
  );
  const site = resolveSite(config, flags, where);
  // Values below are read as their checked types: stop here if they are not.
  diagnostics.throwIfFailed();
  const secretsSection = raw.secrets;
  const files = readEnvFiles(
    {
      root: dirname(located.userPath ?? resolve(located.root, "_")),
      cwd,
      environment: environment ?? (typeof target === "string" ? target : undefined),
      envFiles: flags.envFiles ?? [],
      processEnv,
      requiredSecrets: isTable(secretsSection) ? strings(secretsSection.required) : undefined,
      varNames: isTable(raw.vars) ? Object.keys(raw.vars) : [],
    },
    diagnostics,
  );
  const hasConfig = document !== undefined || "inline" in source;
  const bindings = resolveBindings(
    {
      root: located.root,
      name,
      config,
      found,
      secrets: files.secrets,
      origins: files.origins,
      vars: varsForWorker(flags, name),
      standIns: (flags.standIns ?? []).filter(({ of = name }) => of === name),
      processEnv,
    },
    diagnostics,
  );
  const compatibility = chooseCompatibility(flags, config, hasConfig, diagnostics);
  const durableObjects = resolveDurableObjects({ name, config, found }, diagnostics);
  diagnostics.throwIfFailed();
  const entry = main ?? "";
  const noBundle = flags.noBundle ?? raw.no_bundle === true;
  return {
    configPath: located.path,
    root: located.root,
    userRoot: located.userPath === undefined ? located.root : dirname(located.userPath),
    name,
    environment,
    main: entry,
    compatibilityDate: compatibility.date,
    compatibilityFlags: compatibility.flags,
    laterBehaviour: compatibility.laterBehaviour,
    rules: chooseRules(raw.rules, config, diagnostics),
    noBundle,
    findAdditionalModules: optional(raw.find_additional_modules, "boolean") ?? noBundle,
    preserveFileNames: raw.preserve_file_names === true,
    baseDir:
      typeof raw.base_dir === "string" ? resolve(located.root, raw.base_dir) : dirname(entry),
    define: { ...stringTable(raw.define), ...parsePairs("--define", flags.define) },
    alias: { ...stringTable(raw.alias), ...parsePairs("--alias", flags.alias) },
    minify: flags.minify ?? raw.minify === true,
    keepNames: raw.keep_names !== false,
    jsxFactory: flags.jsxFactory ?? optional(raw.jsx_factory, "string") ?? DEFAULT_JSX_FACTORY,
    jsxFragment: flags.jsxFragment ?? optional(raw.jsx_fragment, "string") ?? DEFAULT_JSX_FRAGMENT,
    tsconfig: chooseTsconfig(flags, raw, located.root, cwd),
    build,
    dev: chooseDev(raw.dev, routes, flags),
    cpuMs: chooseCpuMs(config, diagnostics),
    bindings: [...bindings.bindings, ...(site === undefined ? [] : [siteBinding(site)])],
    assets,
    site,
    services: bindings.services,
    tailConsumers: tables(raw.tail_consumers).map((item) => String(item.service)),
    streamingTailConsumers: tables(raw.streaming_tail_consumers).map((item) =>
      String(item.service),
    ),
    durableObjects,
    externalDurableObjects: bindings.externalDurableObjects,
    queueConsumers: resolveQueueConsumers(raw),
    rows: bindings.rows,
    variables: bindings.variables,
    listeners: listenersOf(raw.connect),
    crons: isTable(raw.triggers) ? strings(raw.triggers.crons) : [],
    routes,
    warnings: diagnostics.warnings,
    unsupported: [
      ...listUnsupported(config, found, located.root, diagnostics),
      ...compatibility.unsupported,
    ],
    watchFiles: [...located.watchFiles, ...files.watchFiles, ...bindings.watchFiles],
    notes: [
      ...located.notes,
      ...(folder === undefined
        ? []
        : [`Serving the folder "${displayPath(folder, cwd)}" as assets.`]),
      ...files.notes,
    ],
    raw,
  };
}

/**
 * Resolves all Workers of a session, in order; the first is the primary.
 *
 * @throws UserError as resolveConfig; CONFIG_DUPLICATE_NAME if two have the same name
 */
export function resolveConfigs(
  sources: readonly ConfigSource[],
  flags: ConfigFlags = {},
): ResolvedConfig[] {
  let configs = resolveEach(sources, flags);
  // `--var worker:KEY=value` can only be read once all names are known.
  if (flags.workerNames === undefined && (flags.vars ?? []).some((pair) => pair.includes("="))) {
    configs = resolveEach(sources, { ...flags, workerNames: configs.map(({ name }) => name) });
  }
  checkDuplicateNames(configs, resolve(flags.cwd ?? process.cwd()));
  checkQueueConsumers(configs);
  return configs;
}

/** Goes on after a broken config, so that one run shows the errors of all. */
function resolveEach(sources: readonly ConfigSource[], flags: ConfigFlags): ResolvedConfig[] {
  const configs: ResolvedConfig[] = [];
  const errors: UserError<ConfigErrorCode>[] = [];
  for (const [index, source] of sources.entries()) {
    try {
      configs.push(resolveConfig(source, flagsForWorker(flags, index)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error);
    }
  }
  const [first, ...others] = errors;
  if (first === undefined) return configs;
  if (others.length === 0) throw first;
  const texts = [
    ...new Set(errors.map(({ message, hint }) => (hint ? `${message}\n${hint}` : message))),
  ];
  throw createConfigError(first.code, texts.join("\n\n"), { cause: first });
}

/** @throws UserError CONFIG_DUPLICATE_NAME naming both files */
export function checkDuplicateNames(configs: readonly ResolvedConfig[], cwd: string): void {
  const seen = new Map<string, ResolvedConfig>();
  for (const config of configs) {
    const other = seen.get(config.name);
    if (other === undefined) {
      seen.set(config.name, config);
      continue;
    }
    const shown = (which: ResolvedConfig): string =>
      displayPath(which.configPath ?? which.main, cwd);
    throw createConfigError(
      "CONFIG_DUPLICATE_NAME",
      `Two Workers of this session have the same name "${config.name}":\n  - ${shown(other)}\n  - ${shown(config)}`,
      { hint: 'Give one of them another "name", or remove it from the command line.' },
    );
  }
}

function locate(source: ConfigSource, flags: ConfigFlags, cwd: string): Located {
  const script = "script" in source ? source.script : flags.script;
  const absoluteScript = script === undefined ? undefined : resolve(cwd, script);
  if ("path" in source) {
    const path = resolve(cwd, source.path);
    const { userPath } = source;
    const watchFiles = userPath === undefined ? [path] : [path, userPath];
    return { path, root: dirname(path), userPath, script: absoluteScript, notes: [], watchFiles };
  }
  const nowhere = { path: undefined, userPath: undefined, notes: [], watchFiles: [] };
  if ("inline" in source) return { ...nowhere, root: source.root, script: absoluteScript };
  if ("standIn" in source) {
    return { ...nowhere, root: dirname(source.standIn.main), script: undefined };
  }
  const from = resolve(cwd, "script" in source ? dirname(source.script) : source.directory);
  const found = findConfig(from);
  if (found === undefined) return { ...nowhere, root: from, script: absoluteScript };
  const { path, userPath, redirectPath, notes } = found;
  const watchFiles = [path, userPath, redirectPath].filter((file) => file !== undefined);
  return { path, root: dirname(path), userPath, script: absoluteScript, notes, watchFiles };
}

/** What stands in for the file of a Worker that has none. */
function givenConfig(source: ConfigSource): Readonly<Record<string, unknown>> {
  if ("inline" in source) return readInlineConfig(source.inline);
  if (!("standIn" in source)) return {};
  const { name, main, vars } = source.standIn;
  return { name, main, vars };
}

/** @throws UserError CONFIG_REDIRECT if a generated config was built for another environment */
function checkTarget(wanted: string | undefined, target: unknown): void {
  if (!wanted || typeof target !== "string" || target === wanted) return;
  throw createConfigError(
    "CONFIG_REDIRECT",
    `You have specified the environment "${wanted}" via the \`--env/-e\` CLI argument.\nThis does not match the target environment "${target}" that was used when building the application.`,
    { hint: `Build the application again for "${wanted}".` },
  );
}

/** Wrangler invents a random name; ours is stable, so that other Workers can bind to it. */
function chooseName(
  config: EffectiveConfig,
  flags: ConfigFlags,
  root: string,
  diagnostics: Diagnostics,
): string {
  if (flags.name !== undefined && flags.name !== "") {
    if (WORKER_NAME.test(flags.name)) return flags.name;
    throw createConfigError(
      "FLAG_VALUE",
      `Expected --name to be alphanumeric and lowercase with dashes only but got "${flags.name}".`,
    );
  }
  const { name } = config.raw;
  if (typeof name === "string" && name !== "") return name;
  const folder = basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const derived = folder === "" ? "worker" : folder;
  const suffix = config.environment === undefined ? "" : `-${config.environment}`;
  if (name === undefined || name === "") {
    diagnostics.warn(
      `No "name" was specified. Using "${derived}${suffix}", after the folder; service bindings of other Workers must use this name.`,
    );
  }
  return derived + suffix;
}

/**
 * `drover dev ./dist`: a folder in place of a script, where there is no script, is meant as
 * `--assets ./dist`. Under `--strict` it is the error that it is for wrangler.
 */
function chooseFolder(
  raw: EffectiveConfig["raw"],
  { script }: Located,
  { assets, strict }: ConfigFlags,
): string | undefined {
  if (script === undefined || strict || assets !== undefined) return undefined;
  if (raw.main !== undefined || raw.assets !== undefined || raw.site !== undefined)
    return undefined;
  return isFolderOfAssets(script) ? script : undefined;
}

function chooseMain(
  config: EffectiveConfig,
  located: Located,
  diagnostics: Diagnostics,
): string | undefined {
  const main = siteEntry(config, diagnostics) ?? config.raw.main;
  if (located.script !== undefined) return located.script;
  return typeof main === "string" ? resolve(located.root, main) : undefined;
}
