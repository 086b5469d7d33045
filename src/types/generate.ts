/**
 * From configs to the Env part of the generated file: the first config is typed, the others are
 * where types of Workers that it binds come from. Used by `drover types`, and by a session that keeps
 * the files fresh.
 */
import { dirname, extname, relative, resolve } from "node:path";
import { resolveRules } from "../bundle/module-rules.ts";
import { resolveCompat } from "../compat/resolve.ts";
import { type ConfigView, type EnvironmentView, viewConfig } from "../config/config-view.ts";
import type { TypeContext } from "./binding-types.ts";
import {
  bundleEntry,
  type Entry,
  type EntrySource,
  formatOf,
  importPath,
  type WorkerFormat,
} from "./entries.ts";
import { type EnvModel, type EnvPart, writeEnvPart } from "./env-part.ts";
import { type Member, membersOf, mergeMembers } from "./environment-types.ts";
import { typesError } from "./errors.ts";
import { declareConfigured, declareModules } from "./module-types.ts";
import { DEFAULT_INTERFACE, type TypesRequest } from "./types-file.ts";

/** A Worker of another config. */
export interface OtherWorker {
  readonly name: string;
  readonly view: EnvironmentView;
  readonly config: ConfigView;
}

/** The configs of a request, read and checked. */
export interface TypesInputs {
  readonly config: ConfigView;
  /** What the file is about: the environment that was asked for, or the top level. */
  readonly view: EnvironmentView;
  /** One for each further config, as its top level has it. */
  readonly others: readonly OtherWorker[];
  readonly warnings: readonly string[];
}

/**
 * @param configs absolute, the one to type first
 * @throws UserError as viewConfig; CONFIG_ENVIRONMENT_NOT_FOUND
 */
export function readTypesInputs(
  configs: readonly [string, ...string[]],
  request: Pick<TypesRequest, "environment" | "envFiles">,
  cwd: string,
): TypesInputs {
  const { environment, envFiles } = request;
  const [first, ...rest] = configs;
  const config = viewConfig(first, { cwd, environment, envFiles });
  if (environment !== undefined && !config.environments.includes(environment)) {
    const available =
      config.environments.length === 0
        ? "No environments are defined in the configuration file."
        : `Available environments: ${config.environments.join(", ")}`;
    throw typesError(
      "CONFIG_ENVIRONMENT_NOT_FOUND",
      `Environment "${environment}" not found in configuration.\n${available}`,
    );
  }
  const view = config.select(environment);
  const warnings = config.warnings.map(({ message }) => message);
  const others: OtherWorker[] = [];
  const seen = new Set([config.path]);
  for (const path of rest) {
    const other = viewConfig(path, { cwd, environment: undefined, envFiles: [] });
    const top = other.select(undefined);
    const name = top.name ?? "";
    if (seen.has(path)) {
      warnings.push(
        `Configuration file for Worker '${name}' has been passed in more than once using \`--config\`.`,
      );
      continue;
    }
    seen.add(path);
    others.push({ name, view: top, config: other });
  }
  return { config, view, others, warnings };
}

/** The Env part and how it is shown. `output`: absolute path of the file. */
export async function generateEnv(
  { config, view, others }: TypesInputs,
  request: Pick<TypesRequest, "environment" | "strictVars" | "includeMainModule" | "envInterface">,
  output: string,
  entryOf: EntrySource = bundleEntry,
): Promise<EnvPart> {
  const format = view.main === undefined ? "modules" : await formatOf(view.main);
  const { envInterface, strictVars } = request;
  if (format === "service-worker" && envInterface !== DEFAULT_INTERFACE) {
    throw typesError(
      "FLAG_VALUE",
      "An env-interface value has been provided but the worker uses the incompatible Service Worker syntax",
    );
  }
  const named =
    request.environment === undefined ? config.environments.map((name) => config.select(name)) : [];
  const interfaces = named.map(({ environment = "" }) => environment);
  const names = interfaceNames(interfaces);
  const views = [...named, view];
  const outputFolder = dirname(output);
  const workers = new KnownWorkers(config, views, others, entryOf);
  const membersByView: Member[][] = [];
  for (const each of views) {
    const context: TypeContext = { ...(await workers.contextOf(each)), outputFolder };
    membersByView.push(membersOf(each, context, strictVars));
  }
  const rules = resolveRules(view.rules, false);
  return writeEnvPart({
    format: format ?? "modules",
    interfaceName: envInterface,
    mainModule: mainModule(view, format, request.includeMainModule, outputFolder),
    durableNamespaces: view.durableObjects,
    members: mergeMembers(membersByView),
    environments: named.map((_, index) => ({
      name: names[index] ?? "",
      members: membersByView[index] ?? [],
    })),
    populatesProcessEnv: populatesProcessEnv(view),
    modules: declareModules(rules),
    shownModules: declareConfigured(view.rules),
  } satisfies EnvModel);
}

function mainModule(
  { main }: EnvironmentView,
  format: WorkerFormat,
  included: boolean,
  outputFolder: string,
): string | undefined {
  if (main === undefined || !included || format !== "modules") return undefined;
  return importPath(main, outputFolder);
}

function populatesProcessEnv({ date, flags }: EnvironmentView): boolean {
  if (date === undefined) return false;
  const compat = resolveCompat(date, flags);
  return compat.nodejs_compat === true && compat.nodejs_compat_populate_process_env === true;
}

/** Workers by name, with what they export; each entry is bundled once, and only if it is bound. */
class KnownWorkers {
  readonly #config: ConfigView;
  readonly #ownNames: ReadonlySet<string>;
  readonly #others: readonly OtherWorker[];
  readonly #entryOf: EntrySource;
  readonly #entries = new Map<string, Promise<Entry>>();

  constructor(
    config: ConfigView,
    views: readonly EnvironmentView[],
    others: readonly OtherWorker[],
    entryOf: EntrySource,
  ) {
    this.#config = config;
    this.#entryOf = entryOf;
    this.#ownNames = new Set(views.flatMap(({ name }) => (name === undefined ? [] : [name])));
    this.#others = others;
  }

  async contextOf(view: EnvironmentView): Promise<Omit<TypeContext, "outputFolder">> {
    const { own, names } = targetsOf(view);
    const needsOwn = own || names.some((name) => this.#ownNames.has(name));
    const entries = new Map<string, Entry>();
    const ownEntry = needsOwn
      ? await this.#entry(this.#config.path, view)
      : { main: view.main, exports: [] };
    for (const name of names) {
      if (this.#ownNames.has(name)) entries.set(name, ownEntry);
      else {
        const other = this.#otherNamed(name);
        if (other !== undefined) {
          entries.set(name, await this.#entry(other.path, other.view));
        }
      }
    }
    return { own: ownEntry, workerNamed: (name) => entries.get(name) };
  }

  /** Also by the name of one of its environments: `auth-staging`. */
  #otherNamed(name: string): { path: string; view: EnvironmentView } | undefined {
    for (const { config } of this.#others) {
      const view = viewsOf(config).find((candidate) => candidate.name === name);
      if (view !== undefined) return { path: config.path, view };
    }
    return undefined;
  }

  #entry(path: string, { main, environment }: EnvironmentView): Promise<Entry> {
    const key = main ?? path;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#entryOf(path, environment);
      this.#entries.set(key, entry);
    }
    return entry;
  }
}

/** Names of the Workers that `inputs` binds and has no config of, each once. */
export function unknownWorkers({ config, view, others }: TypesInputs): string[] {
  const views =
    view.environment === undefined
      ? [view, ...config.environments.map((name) => config.select(name))]
      : [view];
  const known = new Set(
    [...views, ...others.flatMap((other) => viewsOf(other.config))].map(({ name }) => name),
  );
  const bound = new Set(views.flatMap((each) => targetsOf(each).names));
  return [...bound].filter((name) => !known.has(name));
}

function viewsOf(config: ConfigView): EnvironmentView[] {
  return [undefined, ...config.environments].map((name) => config.select(name));
}

/** Whether classes of the Worker's own are bound, and the names of the Workers that are. */
function targetsOf({ bindings }: EnvironmentView): { own: boolean; names: string[] } {
  const names = new Set<string>();
  let own = false;
  for (const { kind, item } of bindings) {
    if (!["services", "durable_objects.bindings", "workflows"].includes(kind.key)) continue;
    const { service, script_name: script } = item as Readonly<Record<string, unknown>>;
    if (kind.key === "services") {
      names.add(String(service));
      continue;
    }
    if (typeof script === "string") names.add(script);
    else own = true;
  }
  return { own, names: [...names] };
}

/**
 * "my-prod_env" -> "MyProdEnv".
 *
 * @throws UserError FLAG_VALUE if two become the same, or one is the name of the whole interface
 */
function interfaceNames(environments: readonly string[]): string[] {
  const seen = new Map<string, string>();
  return environments.map((environment) => {
    const parts = environment.split(/[^\p{ID_Continue}$]|_/u).filter((part) => part !== "");
    const pascal = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
    const name = pascal.endsWith("Env") ? pascal : `${pascal}Env`;
    if (name === "Env") {
      throw typesError(
        "CONFIG_INVALID",
        `Environment name "${environment}" converts to reserved interface name "Env". Please rename this environment to avoid conflicts.`,
      );
    }
    const other = seen.get(name);
    if (other !== undefined) {
      throw typesError(
        "CONFIG_INVALID",
        `Environment names "${other}" and "${environment}" both convert to interface name "${name}". Please rename one of these environments to avoid conflicts.`,
      );
    }
    seen.set(name, environment);
    return name;
  });
}

/** `- Found Worker 'auth' at '../auth/src/index.ts' (../auth/wrangler.json)` */
export function describeOther({ name, view, config }: OtherWorker, cwd: string): string {
  const at = view.main === undefined ? "" : ` at '${relative(cwd, view.main)}'`;
  return `- Found Worker '${name}'${at} (${relative(cwd, config.path)})`;
}

/** @throws UserError FLAG_VALUE; texts and exit code as wrangler's */
export function checkRequest(request: TypesRequest): void {
  if (extname(request.path) !== ".ts" || !request.path.endsWith(".d.ts")) {
    throw typesError(
      "FLAG_VALUE",
      `The provided output path '${request.path}' does not point to a declaration file - please use the '.d.ts' extension`,
    );
  }
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(request.envInterface)) {
    throw typesError(
      "FLAG_VALUE",
      `The provided env-interface value ("${request.envInterface}") does not satisfy the validation regex: /^[a-zA-Z][a-zA-Z0-9_]*$/`,
    );
  }
  if (!request.includeEnv && !request.includeRuntime) {
    throw typesError(
      "FLAG_VALUE",
      "At least one of --include-env or --include-runtime must be enabled. Use --include-env to generate environment/binding types, or --include-runtime to generate Workers runtime types.",
    );
  }
}

/** Absolute paths of the configs of a request. */
export function configPaths(configs: readonly string[], cwd: string): string[] {
  return configs.map((config) => resolve(cwd, config));
}
