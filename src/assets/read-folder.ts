/**
 * Reads a folder of assets: the table of files, `_headers`, `_redirects`, `.assetsignore`
 * (spec/assets.md 5). Runs in the session process, at start and after changes; bytes are read when
 * they are asked for, in the host.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
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
  /** Epoch milliseconds of the last change of a file: one that is still being written is not whole. */
  readonly changedAt: number;
}

/** Something in the folder that wrangler would not go on with; its words. */
export class AssetFolderError extends Error {}

/** Files looked at at once: enough to keep the disk busy, few enough for other work. */
const AT_ONCE = 64;

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
  const { paths, changedAt } = await listFiles(directory, compileIgnoreRules(ignored));
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
    changedAt,
  };
}

/** Decoded paths with a leading "/", sorted. Links are followed; sizes are checked. */
async function listFiles(
  directory: string,
  rules: IgnoreRules,
): Promise<{ readonly paths: string[]; readonly changedAt: number }> {
  const found: string[] = [];
  let changedAt = 0;
  const folders: { readonly path: string; readonly real: ReadonlySet<string> }[] = [
    { path: directory, real: new Set() },
  ];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path, real } = folder;
    const here = await identityOf(path);
    // A link to a folder above it has no end.
    if (here === undefined || real.has(here)) continue;
    const above = new Set([...real, here]);
    const entries = await readdir(path, { withFileTypes: true });
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      const looks = entries.slice(from, from + AT_ONCE).map(async (entry) => {
        const file = join(path, entry.name);
        const key = relative(directory, file).split(sep).join("/");
        if (entry.isDirectory()) {
          if (!rules.isIgnored(`${key}/`)) folders.push({ path: file, real: above });
          return;
        }
        if (rules.isIgnored(key)) return;
        const info = await stat(file).catch(() => undefined);
        if (info?.isDirectory()) {
          if (!rules.isIgnored(`${key}/`)) folders.push({ path: file, real: above });
        } else if (info?.isFile()) {
          if (info.size > MAX_FILE_SIZE) throw tooLarge(file, info.size, directory);
          found.push(`/${key}`);
          changedAt = Math.max(changedAt, info.mtimeMs);
        }
      });
      await Promise.all(looks);
    }
  }
  return { paths: found.sort(), changedAt };
}

/** Device and inode; undefined where there is nothing. */
async function identityOf(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isDirectory() ? `${info.dev}:${info.ino}` : undefined;
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
