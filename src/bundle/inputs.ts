/**
 * Which files a build depended on: what the watcher has to see. For a failed build, esbuild tells
 * nothing, so that a second, throw-away build records what it loads (failures are rare and small).
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, extname, join, resolve, sep } from "node:path";
import type { Message, Metafile, Plugin } from "esbuild";
import type { ResolvedConfig } from "../config/types.ts";
import type { WorkerBuildOptions } from "./esbuild-options.ts";
import { loadEsbuild } from "./esbuild-service.ts";

/** Files of a good build, absolute. */
export function metafileInputs(metafile: Metafile, root: string): string[] {
  // "drover-node-require:node:fs" and "(disabled):fs" are no files.
  return Object.keys(metafile.inputs)
    .filter((path) => !/^(?:[a-z-]{2,}|\([a-z]+\)):/.test(path))
    .map((path) => resolve(root, path));
}

/** Files that a failing build read, and those whose absence may be why it fails. */
export async function failedInputs(
  options: WorkerBuildOptions,
  errors: readonly Message[],
): Promise<string[]> {
  const root = options.absWorkingDir ?? process.cwd();
  const files = new Set<string>();
  const recorder: Plugin = {
    name: "drover-input-recorder",
    setup(build) {
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
  for (const { text, location } of errors) {
    const specifier = /^Could not (?:resolve|read) "([^"]+)"/.exec(text)?.[1];
    if (location !== null && /^(?:file)?$/.test(location.namespace)) {
      files.add(resolve(root, location.file));
    }
    if (specifier === undefined) continue;
    const importer = location === null ? root : dirname(resolve(root, location.file));
    for (const file of candidates(specifier, importer)) files.add(file);
  }
  return [...files];
}

/** Files that are part of every build of this Worker whatever it imports. */
export function standingInputs(config: ResolvedConfig): string[] {
  const files = [config.main, join(config.root, "package.json")];
  const real = realPath(config.main);
  if (real !== config.main) files.push(real);
  const tsconfig = config.tsconfig ?? findUp("tsconfig.json", dirname(config.main));
  files.push(...(tsconfig === undefined ? [join(config.root, "tsconfig.json")] : chain(tsconfig)));
  if (config.build !== undefined) files.push(...config.build.watchDirs);
  return files;
}

/** package.json of the packages outside node_modules (workspaces) that `files` belong to. */
export function packageManifests(files: readonly string[]): string[] {
  const folders = new Set(files.map(dirname));
  const manifests = new Set<string>();
  for (const folder of folders) {
    if (folder.includes(`${sep}node_modules${sep}`)) continue;
    const manifest = findUp("package.json", folder);
    if (manifest !== undefined) manifests.add(manifest);
  }
  return [...manifests];
}

/** Where an import that did not resolve would be found once the user creates or installs it. */
function candidates(specifier: string, importer: string): string[] {
  if (/^(?:\.|\/|[A-Za-z]:[\\/])/.test(specifier)) {
    const base = resolve(importer, specifier);
    const stem = /\.[cm]?jsx?$/.test(base) ? base.slice(0, -extname(base).length) : base;
    const extensions = [".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".json"];
    const withExtension = extensions.map((extension) => stem + extension);
    const index = [".ts", ".tsx", ".js", ".mjs"].map((extension) =>
      join(base, `index${extension}`),
    );
    return [base, ...withExtension, ...index];
  }
  const [first = "", second = ""] = specifier.split("/");
  const name = first.startsWith("@") ? `${first}/${second}` : first;
  const files: string[] = [];
  for (let folder = importer; ; folder = dirname(folder)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    // An installed package without the wanted file may get it from its own build: watch it whole.
    if (existsSync(manifest)) files.push(realPath(dirname(manifest)));
    else if (existsSync(join(folder, "package.json"))) files.push(manifest);
    if (dirname(folder) === folder) return files;
  }
}

/** A tsconfig and what it extends by path. */
function chain(tsconfig: string): string[] {
  const files: string[] = [];
  const visit = (file: string) => {
    if (files.includes(file)) return;
    files.push(file);
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      // Not there yet: being watched is enough.
      return;
    }
    const list = /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/.exec(text)?.[1] ?? "";
    for (const [, target = ""] of list.matchAll(/"(\.[^"]*)"/g)) {
      const base = resolve(dirname(file), target);
      visit(base.endsWith(".json") ? base : `${base}.json`);
    }
  };
  visit(tsconfig);
  return files;
}

function findUp(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return undefined;
  }
}

export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
