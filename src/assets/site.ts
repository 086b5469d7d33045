/**
 * The asset server's whole decision for one request (spec/assets.md 7): which file, which redirect,
 * which status, or nothing. Pure over the table of files; host/assets/ sends what is decided here.
 */
import type { AssetFiles, AssetsConfig, NotFoundHandling } from "../protocol/assets.ts";
import { belowBase } from "./base-path.ts";
import { type Found, findPage } from "./html-handling.ts";
import { findNotFoundPage } from "./not-found.ts";
import { encodePath } from "./paths.ts";
import { type ApplyHeaders, compileHeaders, compileRedirects, type RequestPath } from "./rules.ts";
import { compileRules, type RunWorkerFirst } from "./run-worker-first.ts";

/** Config and files of a Worker, ready for requests. Replaced whole when either changes. */
export interface AssetSite {
  readonly config: AssetsConfig;
  /** Decoded path -> content type, "" if unknown. */
  readonly files: ReadonlyMap<string, string>;
  readonly runWorkerFirst: RunWorkerFirst;
  readonly applyHeaders: ApplyHeaders;
  readonly redirectFor: ReturnType<typeof compileRedirects>;
}

export interface AssetRequest extends RequestPath {
  readonly method: string;
  /** The URL as the parser has it. */
  readonly url: URL;
}

export type AssetOutcome =
  /** Nothing here: the user Worker's, or a 404. `outside` the base path no header rules apply. */
  | { readonly type: "nothing"; readonly outside: boolean }
  | { readonly type: "status"; readonly status: 404 | 405 }
  | { readonly type: "redirect"; readonly status: number; readonly location: string }
  | {
      readonly type: "file";
      readonly path: string;
      readonly status: 200 | 404;
      /** In place of something that is not there. */
      readonly isNotFoundPage: boolean;
    };

export function createSite(config: AssetsConfig, table: AssetFiles): AssetSite {
  return {
    config,
    files: new Map(table.files),
    runWorkerFirst: compileRules(config.runWorkerFirst),
    applyHeaders: compileHeaders(table.headers),
    redirectFor: compileRedirects(table.redirects),
  };
}

/** `notFound`: the config's handling, or "none" where somebody else may answer. */
export function findAsset(
  site: AssetSite,
  request: AssetRequest,
  notFound: NotFoundHandling,
): AssetOutcome {
  const { basePath } = site.config;
  let { pathname } = request;
  if (belowBase(basePath, pathname) === undefined) return { type: "nothing", outside: true };
  const rule = site.redirectFor(pathname);
  if (rule !== undefined && rule.status !== 200) {
    return { type: "redirect", status: rule.status, location: locationOf(rule.to, request.url) };
  }
  if (rule !== undefined) ({ pathname } = new URL(rule.to, request.url));
  const path = belowBase(basePath, pathname);
  const found = path === undefined ? undefined : findFile(site, path, notFound);
  if (found === undefined || path === undefined) {
    return rule === undefined
      ? { type: "nothing", outside: false }
      : { type: "status", status: 404 };
  }
  if (request.method !== "GET" && request.method !== "HEAD") return { type: "status", status: 405 };
  const canonical = found.type === "redirect" ? found.path : path;
  const target = encodePath(basePath.slice(0, -1) + canonical);
  if (target !== pathname) {
    return { type: "redirect", status: 307, location: target + request.url.search };
  }
  return found as Extract<AssetOutcome, { type: "file" }>;
}

function findFile(
  { config, files }: AssetSite,
  path: string,
  notFound: NotFoundHandling,
): Extract<AssetOutcome, { type: "file" }> | Extract<Found, { type: "redirect" }> | undefined {
  const exists = (candidate: string): boolean => files.has(candidate);
  const page = findPage(config.htmlHandling, path, exists);
  if (page !== undefined) {
    if (page.type === "redirect") return page;
    // The root of a site below a folder is that folder without its slash.
    const drops = config.htmlHandling === "drop-trailing-slash" && config.basePath !== "/";
    if (drops && path === "/") return { type: "redirect", path: "" };
    return { type: "file", path: page.path, status: 200, isNotFoundPage: false };
  }
  const instead = findNotFoundPage(notFound, path, exists);
  return instead && { type: "file", ...instead, isNotFoundPage: true };
}

/** Without the origin where it is the request's own; the request's query unless it has one. */
function locationOf(to: string, from: URL): string {
  const url = new URL(to, from);
  const rest = url.pathname + (url.search || from.search) + url.hash;
  return url.origin === from.origin ? rest : url.origin + rest;
}
