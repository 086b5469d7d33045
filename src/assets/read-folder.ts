/**
 * Reads a folder of assets: the table of files, `_headers`, `_redirects`, `.assetsignore`
 * (spec/assets.md 5). Runs in the session process, at start and after changes; bytes are read when
 * they are asked for, in the host.
 */
import { type Dirent, readdirSync, type Stats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { AssetFiles, HtmlHandling } from "../protocol/assets.ts";
import { hasCode } from "../util/errors.ts";
import { contentTypeOf } from "./content-type.ts";
import { type ParsedHeaders, parseHeaders } from "./headers-file.ts";
import {
  compileIgnoreRules,
  decodeIgnoreFile,
  HEADERS_FILE,
  IGNORE_FILE,
  type IgnoreRules,
  REDIRECTS_FILE,
} from "./ignore-rules.ts";
import { MAX_FILE_SIZE, MAX_FILES } from "./limits.ts";
import { type ParsedRedirects, parseRedirects } from "./redirects-file.ts";

export interface AssetFolder {
  readonly table: AssetFiles;
  /** Undefined where there is no such file. */
  readonly headers: ParsedHeaders | undefined;
  readonly redirects: ParsedRedirects | undefined;
  /** Absolute: each is to be watched. */
  readonly folders: readonly string[];
  /** Epoch milliseconds of the last change: what is still being written is not whole. */
  readonly changedAt: number;
}

/** Something in the folder that wrangler would not go on with; its words. */
export class AssetFolderError extends Error {}

/** Other work of the process waits no longer. */
const SLICE_MS = 5;

/** @throws AssetFolderError; a folder that is not there is empty. */
export async function readAssetFolder(
  directory: string,
  htmlHandling: HtmlHandling,
): Promise<AssetFolder> {
  const [ignoreFile, headersFile, redirectsFile] = await Promise.all(
    [IGNORE_FILE, HEADERS_FILE, REDIRECTS_FILE].map((name) => readIfThere(join(directory, name))),
  );
  const ignored = ignoreFile === undefined ? "" : decodeIgnoreFile(ignoreFile);
  if (ignored === undefined) throw notText(join(directory, IGNORE_FILE));
  const { paths, folders, changedAt } = await listFiles(directory, compileIgnoreRules(ignored));
  if (paths.length > MAX_FILES) throw tooMany(paths.length, directory);
  const headers = headersFile && parseHeaders(headersFile.toString("utf8"));
  const redirects = redirectsFile && parseRedirects(redirectsFile.toString("utf8"), htmlHandling);
  return {
    table: {
      files: paths.map((path) => [path, contentTypeOf(path)] as const),
      headers: headers?.rules ?? [],
      redirects: redirects?.rules ?? [],
    },
    headers,
    redirects,
    folders,
    changedAt,
  };
}

interface Listing {
  /** Decoded, with a leading "/", sorted. */
  readonly paths: string[];
  /** Absolute: the folder itself and all below it that are not left out. */
  readonly folders: string[];
  readonly changedAt: number;
}

/**
 * Links are followed; sizes are checked. Synchronous in slices: 20,000 files take 0.2 s so, and
 * 2 s with a promise for each.
 */
async function listFiles(directory: string, rules: IgnoreRules): Promise<Listing> {
  const paths: string[] = [];
  const folders: string[] = [];
  let changedAt = 0;
  const open: Pending[] = [{ path: directory, key: "", above: [] }];
  let sliceFrom = performance.now();
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const own = statOf(folder.path);
    const id = own && `${own.dev}:${own.ino}`;
    // A link to a folder above it has no end.
    if (own === undefined || id === undefined || folder.above.includes(id)) continue;
    const entries = entriesOf(folder.path);
    if (entries === undefined) continue;
    folders.push(folder.path);
    changedAt = Math.max(changedAt, own.mtimeMs);
    const above = [...folder.above, id];
    for (const entry of entries) {
      const path = join(folder.path, entry.name);
      const key = folder.key + entry.name;
      const info = entry.isDirectory() ? undefined : statOf(path);
      if (entry.isDirectory() || info?.isDirectory()) {
        if (!rules.isIgnored(`${key}/`)) open.push({ path, key: `${key}/`, above });
      } else if (info?.isFile() && !rules.isIgnored(key)) {
        if (info.size > MAX_FILE_SIZE) throw tooLarge(path, info.size, directory);
        paths.push(`/${key}`);
        changedAt = Math.max(changedAt, info.mtimeMs);
      }
      if (performance.now() - sliceFrom < SLICE_MS) continue;
      await setImmediate();
      sliceFrom = performance.now();
    }
  }
  return { paths: paths.sort(), folders, changedAt };
}

interface Pending {
  readonly path: string;
  /** Relative, with "/" at its end; "" for the folder of all. */
  readonly key: string;
  /** Device and inode of the folders that it is in. */
  readonly above: readonly string[];
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A link to itself, or nothing that we may look at: no asset.
    return undefined;
  }
}

function entriesOf(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // Gone since it was listed, or not ours to read.
    return undefined;
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR") || hasCode(error, "EISDIR")) {
      return undefined;
    }
    throw error;
  }
}

function tooLarge(path: string, size: number, directory: string): AssetFolderError {
  return new AssetFolderError(
    [
      "Asset too large.",
      `Cloudflare Workers supports assets with sizes of up to 25 MiB. We found a file ${path} with a size of ${mebibytes(size)}.`,
      `Ensure all assets in your assets directory "${directory}" conform with the Workers maximum size requirement.`,
    ].join("\n"),
  );
}

function tooMany(count: number, directory: string): AssetFolderError {
  const shown = count.toLocaleString("en-US");
  return new AssetFolderError(
    [
      "Maximum number of assets exceeded.",
      `Cloudflare Workers supports up to 100,000 assets in a version. We found ${shown} files in the specified assets directory "${directory}".`,
      "Ensure your assets directory contains a maximum of 100,000 files, and that you have specified your assets directory correctly.",
    ].join("\n"),
  );
}

function notText(path: string): AssetFolderError {
  return new AssetFolderError(
    `The .assetsignore file at "${path}" must be UTF-8 encoded and must not contain null characters. Save the file as UTF-8 and try again.`,
  );
}

/** Three significant digits, as wrangler shows sizes. */
function mebibytes(size: number): string {
  return `${Number((size / 1024 / 1024).toPrecision(3))} MiB`;
}
