/**
 * One look at one generated file of a running session: whether its Env part is what would be written
 * now, with the options that its header names, and with the Workers of the session that it binds.
 * What these export is known from their threads: nothing is built.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { WorkerView } from "../../session/status.ts";
import { bundleEntry, type EntrySource } from "../../types/entries.ts";
import {
  generateEnv,
  readTypesInputs,
  type TypesInputs,
  unknownWorkers,
} from "../../types/generate.ts";
import {
  DEFAULT_REQUEST,
  hashOf,
  parseTypesFile,
  type TypesRequest,
  writeTypesFile,
} from "../../types/types-file.ts";

export interface RefreshOptions {
  /** Absolute. */
  readonly configPath: string;
  /** The file; it exists. */
  readonly output: string;
  readonly workers: readonly WorkerView[];
  readonly cwd: string;
  /** False: only tell. */
  readonly write: boolean;
}

/** @returns what to tell the user; undefined if the file is up to date, or nobody's generated one */
export async function refreshTypes(options: RefreshOptions): Promise<string | undefined> {
  const { output, workers, write } = options;
  const existing = parseTypesFile(readFileSync(output, "utf8"));
  if (existing?.hash === undefined) return undefined;
  const { request, inputs } = withSiblings(options, { ...DEFAULT_REQUEST, ...existing.request });
  const { file } = await generateEnv(inputs, request, output, entriesOf(workers));
  if (hashOf(file) === existing.hash) return undefined;
  const shown = relative(options.cwd, output);
  if (!write) {
    return `❓ Your types might be out of date (${shown}). Re-run \`drover types\` to ensure your types are correct.`;
  }
  const { runtimeHeader: header, runtimeText: text } = existing;
  const runtime = header === undefined || text === undefined ? undefined : { header, text };
  writeFileSync(output, writeTypesFile(request, file, runtime));
  return `❓ Your types looked out of date. We've re-run \`drover types\` for you and updated ${shown}`;
}

/** Siblings that are bound count as given, so that `--check` finds them without a session. */
function withSiblings(
  { configPath, workers }: RefreshOptions,
  request: TypesRequest,
): { request: TypesRequest; inputs: TypesInputs } {
  const folder = dirname(configPath);
  const read = (more: readonly string[]): TypesInputs =>
    readTypesInputs([configPath, ...more], request, folder);
  const given = request.configs.slice(1).map((path) => join(folder, path));
  const inputs = read(given);
  const missing = unknownWorkers(inputs);
  const siblings = workers.flatMap(({ name, config }) =>
    missing.includes(name) && config.configPath !== undefined ? [config.configPath] : [],
  );
  if (siblings.length === 0) return { request, inputs };
  const shown = (path: string): string => relative(folder, path).split(sep).join("/");
  const configs = [
    ...(request.configs.length > 0 ? request.configs : [shown(configPath)]),
    ...siblings.map(shown),
  ];
  return { request: { ...request, configs }, inputs: read([...given, ...siblings]) };
}

function entriesOf(workers: readonly WorkerView[]): EntrySource {
  return async (path, environment) => {
    const worker = workers.find(({ config }) => config.configPath === path);
    if (worker === undefined) return await bundleEntry(path, environment);
    return { main: worker.config.main, exports: worker.entrypoints.map(({ name }) => name) };
  };
}
