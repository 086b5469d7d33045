/**
 * `drover types`: declarations of `env` and of the runtime, in wrangler's form, so that both tools
 * accept each other's file (spec/devtools-types.md 5-8).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import { dim } from "kleur/colors";
import { findUserConfig } from "../../config/config-view.ts";
import { readCommandEnvironment } from "../../config/env-files.ts";
import { listRegistry } from "../../registry/commands.ts";
import { isRegistryOff } from "../../registry/paths.ts";
import { findWorkspace } from "../../registry/workspace.ts";
import { typesError } from "../../types/errors.ts";
import {
  checkRequest,
  configPaths,
  describeOther,
  generateEnv,
  readTypesInputs,
  type TypesInputs,
  unknownWorkers,
} from "../../types/generate.ts";
import { lacksNodeTypes, type RuntimeTypes, readRuntimeTypes } from "../../types/runtime-types.ts";
import {
  DEFAULT_PATH,
  DEFAULT_REQUEST,
  hashOf,
  isSameRuntime,
  type ParsedTypesFile,
  parseTypesFile,
  type TypesRequest,
  writeTypesFile,
} from "../../types/types-file.ts";
import { ExitCode, hasCode } from "../../util/errors.ts";
import { printMessage } from "../ui/message.ts";
import type { Terminal } from "../ui/terminal.ts";

/** Flags as commander leaves them; undefined: not given. */
export interface TypesValues {
  readonly config?: readonly string[];
  readonly env?: string;
  readonly envFile?: readonly string[];
  readonly envInterface?: string;
  readonly includeRuntime?: boolean;
  readonly includeEnv?: boolean;
  readonly strictVars?: boolean;
  readonly includeMainModule?: boolean;
  readonly check?: boolean;
  readonly experimentalIncludeRuntime?: string;
}

export interface TypesContext {
  readonly terminal: Terminal;
  readonly version: string;
}

/** @returns exit code; with `--check` 1 if the file is out of date */
export async function runTypes(
  path: string | undefined,
  values: TypesValues,
  { terminal, version }: TypesContext,
): Promise<number> {
  if (values.experimentalIncludeRuntime !== undefined) {
    throw typesError(
      "FLAG_REFUSED",
      "You no longer need to use --experimental-include-runtime.\n`drover types` will now generate runtime types in the same file as the Env types.\nYou should delete the old runtime types file, and remove it from your tsconfig.json.\nThen rerun `drover types`.",
    );
  }
  const cwd = process.cwd();
  const given = requestOf(path, values);
  const output = resolve(cwd, given.path ?? DEFAULT_PATH);
  const existing = readExisting(output, given.path ?? DEFAULT_PATH);
  const recovered = values.check === true ? existing?.request : undefined;
  const request: TypesRequest = { ...DEFAULT_REQUEST, ...recovered, ...given };
  checkRequest(request);
  if (values.check === true) return await check(request, existing, output, terminal);

  const { request: complete, inputs } = await readWithRunning(request, cwd, version);
  for (const other of inputs.others) terminal.print(describeOther(other, cwd));
  for (const warning of inputs.warnings) printMessage(terminal, "warning", warning);
  let env: string | undefined;
  if (request.includeEnv) {
    terminal.print("Generating project types...\n");
    const part = await generateEnv(inputs, request, output);
    terminal.print(`${dim(part.shown)}\n`);
    env = part.file;
  }
  let runtime: Pick<RuntimeTypes, "header" | "text"> | undefined;
  if (request.includeRuntime) {
    terminal.print("Generating runtime types...\n");
    const types = runtimeOf(inputs);
    runtime = keepRuntime(existing, types) ?? types;
    const source = runtime === types ? `generated from ${types.source}` : "kept: wrangler's own";
    terminal.print(`Runtime types ${source}.\n`);
  }
  write(output, writeTypesFile(complete, env, runtime));
  terminal.print(`✨ Types written to ${request.path}\n`);
  if (request.includeRuntime) printHints(inputs, terminal);
  terminal.print(
    `📣 Remember to rerun 'drover types' after you change your ${basename(inputs.config.path)} file.\n`,
  );
  return ExitCode.ok;
}

/** What the command line says; nothing for what it leaves open. */
function requestOf(path: string | undefined, values: TypesValues): Partial<TypesRequest> {
  const { includeRuntime, includeEnv, strictVars, includeMainModule, envInterface } = values;
  const envFiles = values.envFile ?? [];
  const processEnv = readCommandEnvironment(process.cwd(), values.env, envFiles, process.env);
  const environment = values.env ?? processEnv.CLOUDFLARE_ENV;
  return Object.fromEntries(
    Object.entries({
      configs: values.config,
      environment: environment || undefined,
      envFiles: values.envFile,
      includeRuntime,
      includeEnv,
      strictVars,
      includeMainModule,
      envInterface,
      path,
    }).filter(([, value]) => value !== undefined),
  );
}

function read(request: TypesRequest, cwd: string): TypesInputs {
  const [first = findUserConfig(cwd), ...others] = configPaths(request.configs, cwd);
  if (first === undefined) {
    throw typesError(
      "CONFIG_NOT_FOUND",
      "No config file detected. This command requires a Wrangler configuration file.",
    );
  }
  return readTypesInputs([first, ...others], request, cwd);
}

/**
 * Workers that are bound and have no config here may run in another session: the dev registry knows
 * their configs. Those count as given, so that `--check` finds them without a session.
 */
async function readWithRunning(
  request: TypesRequest,
  cwd: string,
  version: string,
): Promise<{ request: TypesRequest; inputs: TypesInputs }> {
  const inputs = read(request, cwd);
  const missing = request.includeEnv ? unknownWorkers(inputs) : [];
  if (missing.length === 0 || isRegistryOff(process.env)) return { request, inputs };
  const { workers } = await listRegistry({ env: process.env, cwd, version }).catch(() => ({
    workers: [],
  }));
  const root = findWorkspace(inputs.config.root).root;
  const found = workers.flatMap(({ name, configPath, workspace }) =>
    missing.includes(name) && configPath !== undefined && workspace.root === root
      ? [configPath]
      : [],
  );
  if (found.length === 0) return { request, inputs };
  const shown = (path: string): string => relative(cwd, path).split(sep).join("/");
  const given = request.configs.length > 0 ? request.configs : [shown(inputs.config.path)];
  const complete = { ...request, configs: [...given, ...new Set(found.map(shown))] };
  return { request: complete, inputs: read(complete, cwd) };
}

/** The peer's runtime types stay where only the Env part is to be written again. */
function keepRuntime(
  existing: ParsedTypesFile | undefined,
  wanted: RuntimeTypes,
): Pick<RuntimeTypes, "header" | "text"> | undefined {
  const { runtimeHeader: header, runtimeText: text } = existing ?? {};
  if (header === undefined || text === undefined || header === wanted.header) return undefined;
  return isSameRuntime(header, wanted.header) ? { header, text } : undefined;
}

function runtimeOf({ config, view }: TypesInputs): RuntimeTypes {
  if (view.date === undefined) {
    throw typesError("CONFIG_INVALID", "Config must have a compatibility date.");
  }
  return readRuntimeTypes(config.root, view.date, view.flags);
}

/** @throws UserError TYPES_FOREIGN_FILE for a file that nobody generated */
function readExisting(output: string, shown: string): ParsedTypesFile | undefined {
  let text: string;
  try {
    text = readFileSync(output, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const parsed = parseTypesFile(text);
  if (parsed !== undefined) return parsed;
  throw typesError(
    "TYPES_FOREIGN_FILE",
    `A non-Wrangler ${shown} already exists, please rename and try again.`,
  );
}

async function check(
  request: TypesRequest,
  existing: ParsedTypesFile | undefined,
  output: string,
  terminal: Terminal,
): Promise<number> {
  if (existing === undefined) {
    throw typesError("TYPES_OUT_OF_DATE", `Types file not found at ${request.path}.`);
  }
  const inputs = read(request, process.cwd());
  const isCurrent = async (): Promise<boolean> => {
    if (request.includeRuntime) {
      const { header } = runtimeOf(inputs);
      if (!isSameRuntime(existing.runtimeHeader, header)) return false;
    }
    if (!request.includeEnv) return true;
    const { file } = await generateEnv(inputs, request, output);
    return hashOf(file) === existing.hash;
  };
  if (!(await isCurrent())) {
    throw typesError(
      "TYPES_OUT_OF_DATE",
      `Types at ${request.path} are out of date. Run \`drover types\` to regenerate.`,
    );
  }
  terminal.print(`✨ Types at ${request.path} are up to date.\n`);
  return ExitCode.ok;
}

function write(output: string, text: string): void {
  try {
    writeFileSync(output, text);
  } catch (error) {
    const shown = relative(process.cwd(), output);
    throw typesError("TYPES_NOT_WRITABLE", `Could not write ${shown}: ${String(error)}`);
  }
}

function printHints({ config, view }: TypesInputs, terminal: Terminal): void {
  if (view.date !== undefined && lacksNodeTypes(config.root, view.date, view.flags)) {
    terminal.print(
      'Action required Install @types/node\nSince your Worker has Node.js compatibility enabled, you should install Node.js types by running "npm i --save-dev @types/node".\n',
    );
  }
  terminal.print(
    "📖 Read about runtime types\nhttps://developers.cloudflare.com/workers/languages/typescript/#generate-types",
  );
}
