/**
 * The tsconfig.json that esbuild applies to a folder, as far as resolution goes: what it extends,
 * `baseUrl` and `paths`. Reads; keeps nothing between builds.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { ancestors } from "./ancestors.ts";
import { type FolderListings, isObject } from "./folder-listings.ts";

/** Loaded for the first file with comments: 8 ms, as in config/. */
const require = createRequire(import.meta.url);
const jsonc = (): typeof import("jsonc-parser") => require("jsonc-parser");

export interface Tsconfig {
  /** The file and all that it extends, directly or not; some may be missing. */
  readonly files: readonly string[];
  /** Absolute; undefined without one. */
  readonly baseUrl: string | undefined;
  /** Pattern -> absolute targets in order of preference. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
}

export function readTsconfig(file: string, listings: FolderListings): Tsconfig {
  const files: string[] = [];
  const settings = read(file, listings, files);
  const { paths = {}, pathsFolder = dirname(file), baseUrl } = settings;
  const absolute = Object.entries(paths).map(([pattern, targets]): [string, string[]] => [
    pattern,
    targets.map((target) => resolve(baseUrl ?? pathsFolder, target)),
  ]);
  return { files, baseUrl, paths: Object.fromEntries(absolute) };
}

/** Where `paths` sends a specifier: the targets of the pattern that fits best, in their order. */
export function mapPath(specifier: string, { paths }: Tsconfig): string[] {
  let best: { readonly prefix: string; readonly pattern: string } | undefined;
  for (const pattern of Object.keys(paths)) {
    const star = pattern.indexOf("*");
    if (star < 0) {
      if (pattern === specifier) return [...(paths[pattern] ?? [])];
      continue;
    }
    const [prefix, suffix] = [pattern.slice(0, star), pattern.slice(star + 1)];
    const fits =
      specifier.length >= prefix.length + suffix.length &&
      specifier.startsWith(prefix) &&
      specifier.endsWith(suffix);
    if (fits && (best === undefined || prefix.length > best.prefix.length)) {
      best = { prefix, pattern };
    }
  }
  if (best === undefined) return [];
  const suffix = best.pattern.slice(best.prefix.length + 1);
  const matched = specifier.slice(best.prefix.length, specifier.length - suffix.length);
  return (paths[best.pattern] ?? []).map((target) => target.replace("*", () => matched));
}

interface Settings {
  readonly baseUrl?: string;
  readonly paths?: Readonly<Record<string, readonly string[]>>;
  readonly pathsFolder?: string;
}

/** `files` gets what was read or looked for. */
function read(file: string, listings: FolderListings, files: string[]): Settings {
  if (files.includes(file)) return {};
  files.push(file);
  const document = listings.json(file) ?? parseWithComments(file);
  if (document === undefined) return {};
  const folder = dirname(file);
  const extended = typeof document.extends === "string" ? [document.extends] : document.extends;
  let settings: Settings = {};
  for (const base of Array.isArray(extended) ? extended : []) {
    if (typeof base !== "string") continue;
    const target = locateBase(base, folder, listings, files);
    if (target !== undefined) settings = { ...settings, ...read(target, listings, files) };
  }
  const options = isObject(document.compilerOptions) ? document.compilerOptions : {};
  const { baseUrl, paths } = options;
  return {
    ...settings,
    ...(typeof baseUrl === "string" ? { baseUrl: resolve(folder, baseUrl) } : {}),
    ...(isObject(paths) ? { paths: stringLists(paths), pathsFolder: folder } : {}),
  };
}

function parseWithComments(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = jsonc().parse(readFileSync(file, "utf8"), [], {
      allowTrailingComma: true,
    });
    return isObject(value) ? value : undefined;
  } catch {
    // Not there yet: being watched is enough.
    return undefined;
  }
}

/** The file that `extends` means; what would be it is added to `files` if there is none. */
function locateBase(
  base: string,
  folder: string,
  listings: FolderListings,
  files: string[],
): string | undefined {
  if (/^\.{1,2}(?:[\\/]|$)/.test(base) || isAbsolute(base)) {
    const path = resolve(folder, base);
    return path.endsWith(".json") || listings.isFile(path) ? path : `${path}.json`;
  }
  for (const ancestor of ancestors(folder)) {
    const path = join(ancestor, "node_modules", base);
    for (const candidate of [path, `${path}.json`, join(path, "tsconfig.json")]) {
      if (listings.isFile(candidate)) return candidate;
    }
  }
  files.push(join(folder, "node_modules", base));
  return undefined;
}

function stringLists(value: Readonly<Record<string, unknown>>): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  for (const [pattern, targets] of Object.entries(value)) {
    if (Array.isArray(targets)) {
      lists[pattern] = targets.filter((target) => typeof target === "string");
    }
  }
  return lists;
}
