/** The files of Workers Sites (spec/assets.md 19): which of the bucket's there are, and their keys. */
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ignore from "ignore";
import { siteKey } from "./site-keys.ts";

export interface SiteFolder {
  /** Absolute. */
  readonly bucket: string;
  /** Patterns as in .gitignore. With some, `exclude` does not count. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** `path`: relative to the bucket, with "/". */
export function siteFilter({ include, exclude }: SiteFolder): (path: string) => boolean {
  const rules = ignore({ ignorecase: false }).add([...(include.length > 0 ? include : exclude)]);
  return (path) => rules.ignores(path) === include.length > 0;
}

/** Relative paths with "/", in order; none if there is no such folder. */
export function listSite(site: SiteFolder): string[] {
  const isWanted = siteFilter(site);
  let found: ReturnType<typeof entriesOf>;
  try {
    found = entriesOf(site.bucket);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(site.bucket, join(parentPath, name)))
    .map((path) => path.split(sep).join("/"))
    .filter(isWanted)
    .sort();
}

/** What `__STATIC_CONTENT_MANIFEST` exports: JSON text. */
export function siteManifest(site: SiteFolder): string {
  return JSON.stringify(Object.fromEntries(listSite(site).map((path) => [path, siteKey(path)])));
}

function entriesOf(folder: string) {
  return readdirSync(folder, { recursive: true, withFileTypes: true });
}
