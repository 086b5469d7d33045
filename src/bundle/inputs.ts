/**
 * What a build depended on: what the watcher has to see. From esbuild's metafile; for a failed
 * build, of which esbuild tells nothing, from a second, throw-away build that records what it loads
 * and asks for (failures are rare and small).
 */
import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Message, Metafile, Plugin } from "esbuild";
import type { ResolvedConfig } from "../config/types.ts";
import type { WorkerBuildOptions } from "./esbuild-options.ts";
import { loadEsbuild } from "./esbuild-service.ts";
import { type Import, Lookups } from "./lookups/lookups.ts";
import { nodeCompatMode } from "./node/mode.ts";
import { isReplaced } from "./node/names.ts";

/** Absolute paths; real paths and links. */
export interface BuildInputs {
  /** Their contents matter, or that they appear: many are not there. */
  readonly files: ReadonlySet<string>;
  /** Folders in which everything matters. May be missing, or files. */
  readonly trees: ReadonlySet<string>;
}

/** What one build read and asked for, as its tools tell it. */
export interface BuildTrace {
  readonly files: readonly string[];
  readonly imports: readonly Import[];
  /** Imports that nothing was found for, though the build needs them. */
  readonly unresolved: readonly Import[];
}

export const EMPTY_TRACE: BuildTrace = { files: [], imports: [], unresolved: [] };

/** Of a good build. `modules`: names of what plugins took out of the bundle, which are no files. */
export function metafileTrace(
  metafile: Metafile,
  root: string,
  modules: ReadonlyMap<string, unknown>,
): BuildTrace {
  const files: string[] = [];
  const imports: Import[] = [];
  for (const [path, { imports: own }] of Object.entries(metafile.inputs)) {
    // "drover-node-require:node:fs" and "(disabled):fs" are no files.
    if (/^(?:[a-z-]{2,}|\([a-z]+\)):/.test(path)) continue;
    const file = resolve(root, path);
    const folder = dirname(file);
    files.push(file);
    for (const { original, path: target, external } of own) {
      if (original !== undefined) imports.push({ specifier: original, folder });
      // Optional, found nowhere; or a pattern.
      else if (external === true && !modules.has(target)) {
        imports.push({ specifier: target, folder });
      }
    }
  }
  return { files, imports, unresolved: [] };
}

/** Of a failing build. */
export async function failedTrace(
  options: WorkerBuildOptions,
  errors: readonly Message[],
): Promise<BuildTrace> {
  const root = options.absWorkingDir ?? process.cwd();
  const files = new Set<string>();
  const imports: Import[] = [];
  const recorder: Plugin = {
    name: "drover-input-recorder",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) => {
        if (kind !== "entry-point") imports.push({ specifier: path, folder: resolveDir });
        return undefined;
      });
      build.onLoad({ filter: /.*/, namespace: "file" }, (args) => {
        files.add(args.path);
        return undefined;
      });
    },
  };
  const esbuild = await loadEsbuild();
  await esbuild
    .build({ ...options, plugins: [recorder, ...(options.plugins ?? [])] })
    .catch(() => {});
  const unresolved: Import[] = [];
  for (const { text, location } of errors) {
    const specifier = /^Could not (?:resolve|read) "([^"]+)"/.exec(text)?.[1];
    if (location !== null && /^(?:file)?$/.test(location.namespace)) {
      files.add(resolve(root, location.file));
    }
    if (specifier === undefined) continue;
    const folder = location === null ? root : dirname(resolve(root, location.file));
    unresolved.push({ specifier, folder });
  }
  return { files: [...files], imports, unresolved };
}

/** All that a build of this Worker depends on, with what is part of every build of it. */
export function collectInputs(config: ResolvedConfig, trace: BuildTrace): BuildInputs {
  const mode = nodeCompatMode(config.compatibilityDate, config.compatibilityFlags);
  const lookups = new Lookups({
    root: config.root,
    tsconfig: config.tsconfig,
    alias: config.alias,
    isBuiltIn: (specifier) => mode === "v2" && isReplaced(specifier),
  });
  for (const file of [...standingFiles(config), ...trace.files]) {
    lookups.files.add(file);
    lookups.addFile(file);
  }
  for (const given of trace.imports) lookups.addImport(given);
  for (const { specifier, folder } of trace.unresolved) {
    lookups.addImport({ specifier, folder });
    // An installed package without the wanted file may get it from its own build: watch it whole.
    const installed = lookups.packageOf(specifier, folder);
    if (installed !== undefined) lookups.trees.add(realPath(installed));
  }
  const { build, findAdditionalModules, baseDir } = config;
  for (const folder of build?.watchDirs ?? []) lookups.trees.add(folder);
  if (findAdditionalModules) lookups.trees.add(baseDir);
  return { files: lookups.files, trees: lookups.trees };
}

function standingFiles(config: ResolvedConfig): string[] {
  const { main, root } = config;
  return [main, realPath(main), join(root, "package.json")];
}

export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
