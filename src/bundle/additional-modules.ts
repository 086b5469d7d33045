/**
 * The walk of `base_dir` for `find_additional_modules` and `no_bundle` (spec/wrangler.md 4.6):
 * every file that a rule matches becomes a module under its own path.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResolvedConfig } from "../config/types.ts";
import type { BundleModule, ModuleKind } from "../protocol/bundle.ts";
import type { RuleSet } from "./module-rules.ts";

/** Folders that hold no sources of the Worker. The watcher leaves them out as well. */
export const ignoredFolders: ReadonlySet<string> = new Set(["node_modules", ".git", ".wrangler"]);

export interface FoundFile {
  readonly file: string;
  /** Relative to the entry, "./lang/en.js". */
  readonly name: string;
  readonly kind: ModuleKind;
  /** wrangler would not take it along (module-rules.ts). */
  readonly isExtra: boolean;
}

/** Files below `baseDir` that a rule matches, without the entry; by name. Missing folder: none. */
export async function findModules(config: ResolvedConfig, rules: RuleSet): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const file of await listFiles(config.baseDir)) {
    if (file === config.main) continue;
    const path = relative(config.baseDir, file).replaceAll(sep, "/");
    const rule = rules.active.find((candidate) => candidate.matches(path));
    if (rule !== undefined) {
      const { kind, isOurs } = rule;
      found.push({ file, name: nameOf(file, config.main), kind, isExtra: isOurs });
    }
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is taken along here only; undefined for nothing. */
export function describeExtra(files: readonly FoundFile[]): string | undefined {
  const [first, ...others] = files.filter(({ isExtra }) => isExtra);
  if (first === undefined) return undefined;
  const type = first.kind === "esm" ? "ESModule" : "CommonJS";
  const names =
    others.length === 0 ? `"${first.name}"` : `"${first.name}" and ${others.length} more`;
  return (
    `wrangler takes no scripts along with no_bundle unless a rule names them: ${names} would be missing when deployed.\n` +
    `Add a rule of type ${type} for them, such as { "type": "${type}", "globs": ["**/*${type === "ESModule" ? ".js" : ".cjs"}"] }.`
  );
}

export async function readModule({
  file,
  name,
  kind,
}: Pick<FoundFile, "file" | "name" | "kind">): Promise<BundleModule> {
  const bytes = await readFile(file);
  if (kind === "wasm" || kind === "data") return { name, kind, contents: new Uint8Array(bytes) };
  const contents = bytes.toString("utf8");
  const isScript = kind === "esm" || kind === "commonjs";
  const sourceMap = isScript ? await readSourceMap(file, contents) : undefined;
  return sourceMap === undefined ? { name, kind, contents } : { name, kind, contents, sourceMap };
}

/** The map that another tool left beside or inside a script; its sources made absolute. */
async function readSourceMap(file: string, contents: string): Promise<Uint8Array | undefined> {
  // The last one counts: text further up may look like one.
  const comments = contents.slice(-500_000).matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm);
  const url = [...comments].at(-1)?.[1];
  if (url === undefined) return undefined;
  try {
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(url);
    const mapFile = inline === null ? resolve(dirname(file), decodeURI(url)) : file;
    const json =
      inline === null
        ? await readFile(mapFile, "utf8")
        : inline[1] === undefined
          ? decodeURIComponent(inline[2] ?? "")
          : Buffer.from(inline[2] ?? "", "base64").toString("utf8");
    const map = JSON.parse(json) as { sources: (string | null)[]; sourceRoot?: string };
    const base = resolve(dirname(mapFile), toPath(map.sourceRoot ?? "."));
    const { sourceRoot: _dropped, ...rest } = map;
    const sources = map.sources.map((source) => source && resolve(base, toPath(source)));
    return Buffer.from(JSON.stringify({ ...rest, sources }));
  } catch {
    // A missing or broken map costs mapped stacks, not the build.
    return undefined;
  }
}

function toPath(source: string): string {
  return source.startsWith("file://") ? fileURLToPath(source) : source;
}

function nameOf(file: string, main: string): string {
  const path = relative(dirname(main), file).replaceAll(sep, "/");
  return path.startsWith("../") ? path : `./${path}`;
}

/** Absolute paths of all files below `folder`. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return ignoredFolders.has(entry.name) ? [] : await listFiles(path);
      return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
    }),
  );
  return nested.flat();
}
