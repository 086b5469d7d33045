/**
 * From a decision of the asset server to status and headers (spec/assets.md 11, 12.2). Pure but for
 * the look at the file; main thread of the host, for requests from outside and from bindings.
 */
import { STATUS_CODES } from "node:http";
import { join } from "node:path";
import type { AssetOutcome, AssetRequest, AssetSite } from "../../assets/site.ts";
import type { AssetFile, AssetFiles } from "./asset-files.ts";

/** What of the request's headers plays a part. */
export interface AssetConditions {
  readonly ifNoneMatch: string;
  /** Has `Authorization` or `Range`: nothing is said about caching. */
  readonly isPrivate: boolean;
}

export interface AssetAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Name in the spelling that it is sent in -> value. */
  readonly headers: ReadonlyMap<string, string>;
  /** What the body is to be; undefined for none. */
  readonly file: AssetFile | undefined;
  /** A not-found page stands in for what is not there. */
  readonly isNotFoundPage: boolean;
}

const CACHE_CONTROL = "public, max-age=0, must-revalidate";

/** Undefined if the file has gone since the folder was read. */
export function answerOutcome(
  { site, files }: { readonly site: AssetSite; readonly files: AssetFiles },
  request: AssetRequest,
  outcome: AssetOutcome,
  conditions: AssetConditions,
): AssetAnswer | undefined {
  const headers = new Map<string, string>();
  let status = 404;
  let file: AssetFile | undefined;
  if (outcome.type === "file") {
    file = files.look(join(site.config.directory, outcome.path));
    if (file === undefined) return undefined;
    ({ status } = outcome);
    const type = site.files.get(outcome.path) ?? "";
    headers.set("etag", file.etag);
    if (type !== "") headers.set("content-type", type);
    if (!conditions.isPrivate) headers.set("cache-control", CACHE_CONTROL);
    headers.set("cf-cache-status", "HIT");
    const { ifNoneMatch } = conditions;
    if (ifNoneMatch === file.etag || ifNoneMatch === `W/${file.etag}`) {
      status = 304;
      file = undefined;
    }
  } else if (outcome.type === "redirect") {
    ({ status } = outcome);
    headers.set("location", outcome.location);
  } else if (outcome.type === "status") {
    ({ status } = outcome);
  }
  if (outcome.type !== "nothing" || !outcome.outside) site.applyHeaders(request, headers);
  const isNotFoundPage = outcome.type === "file" && outcome.isNotFoundPage;
  return { status, statusText: STATUS_CODES[status] ?? "", headers, file, isNotFoundPage };
}

/** As protocol/http.ts has headers. */
export function joinHeaders(headers: ReadonlyMap<string, string>): string {
  let text = "";
  for (const [name, value] of headers) {
    text += `${text === "" ? "" : "\n"}${SPELLINGS.get(name) ?? name}\n${value}`;
  }
  return text;
}

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [
    "Cache-Control",
    "CF-Cache-Status",
    "Content-Encoding",
    "Content-Type",
    "ETag",
    "Location",
    "Set-Cookie",
  ].map((name) => [name.toLowerCase(), name]),
);
