/**
 * Which files esbuild tries for a path without saying so, in its order (seen with 0.28): the exact
 * name, with extensions, with the extension of the TypeScript source; then the folder.
 */
import { extname, join } from "node:path";
import type { FolderListings } from "./folder-listings.ts";

const EXTENSIONS = [".tsx", ".ts", ".jsx", ".js", ".css", ".json"];
/** In packages, whose TypeScript files are seldom meant to be bundled. */
const PACKAGE_EXTENSIONS = [".jsx", ".js", ".tsx", ".ts", ".css", ".json"];

const SOURCES: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".ts", ".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** package.json fields that name a package's entry on the platform "browser". */
const MAIN_FIELDS = ["browser", "module", "main"];

/** What one path was looked for as. */
export interface Lookup {
  /** The absolute path of the first file that is there, as it was asked for: perhaps a link. */
  readonly found: string | undefined;
  /** Absolute paths that would have won, but are not there. */
  readonly missing: readonly string[];
}

/** `path` as a file, else as a folder with a package.json or an index. */
export function lookUpPath(path: string, listings: FolderListings): Lookup {
  const file = lookUpFile(path, listings);
  if (file.found !== undefined || !listings.isFolder(path)) return file;
  const folder = lookUpFolder(path, listings);
  return { found: folder.found, missing: [...file.missing, ...folder.missing] };
}

function lookUpFile(path: string, listings: FolderListings): Lookup {
  const missing: string[] = [];
  for (const candidate of candidates(path)) {
    if (listings.isFile(candidate)) return { found: candidate, missing };
    if (listings.kindOf(candidate) === undefined) missing.push(candidate);
  }
  return { found: undefined, missing };
}

/** A folder that is imported: by the entry that its package.json names, else by its index. */
export function lookUpFolder(folder: string, listings: FolderListings): Lookup {
  const manifest = join(folder, "package.json");
  const missing = listings.isFile(manifest) ? [] : [manifest];
  const fields = listings.json(manifest) ?? {};
  for (const name of MAIN_FIELDS) {
    const main = fields[name];
    if (typeof main !== "string") continue;
    const path = join(folder, main);
    for (const look of [lookUpFile, lookUpIndex]) {
      const lookup = look(path, listings);
      missing.push(...lookup.missing);
      if (lookup.found !== undefined) return { found: lookup.found, missing };
    }
  }
  const index = lookUpIndex(folder, listings);
  return { found: index.found, missing: [...missing, ...index.missing] };
}

function lookUpIndex(folder: string, listings: FolderListings): Lookup {
  if (!listings.isFolder(folder)) return { found: undefined, missing: [] };
  const missing: string[] = [];
  for (const extension of extensionsIn(folder)) {
    const file = join(folder, `index${extension}`);
    if (listings.isFile(file)) return { found: file, missing };
    missing.push(file);
  }
  return { found: undefined, missing };
}

function* candidates(path: string): Generator<string> {
  // "./dep/" means the folder only.
  if (/[\\/]$/.test(path)) return;
  yield path;
  for (const extension of extensionsIn(path)) yield path + extension;
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  for (const source of SOURCES[extension] ?? []) yield stem + source;
}

function extensionsIn(path: string): readonly string[] {
  return isInPackage(path) ? PACKAGE_EXTENSIONS : EXTENSIONS;
}

/** True below a node_modules folder. */
export function isInPackage(path: string): boolean {
  return /[\\/]node_modules[\\/]/.test(path);
}
