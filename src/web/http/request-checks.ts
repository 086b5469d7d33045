/**
 * What `new Request` says of its arguments, and what it makes of them (spec/platform.md 4); by date where
 * production changed. Called by request.ts.
 */
import { httpCompat } from "../compat.ts";
import { isAbortSignal } from "../events/abort-signal.ts";
import {
  guardHeaders,
  Headers,
  type HeadersInit,
  headersFromWire,
  headersToWire,
} from "./headers.ts";

const METHODS =
  /^(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|COPY|LOCK|MKCOL|MOVE|PROPFIND|PROPPATCH|SEARCH|UNLOCK|ACL|REPORT|MKACTIVITY|CHECKOUT|MERGE|MSEARCH|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|PURGE|QUERY|BAN)$/;
/** What was written in any case before `upper_case_all_http_methods`. */
const NORMALIZED = /^(?:GET|POST|PUT|DELETE|HEAD|OPTIONS)$/;

/** The options that are checked, and nothing else. */
export interface CheckedOptions {
  readonly redirect?: unknown;
  readonly cache?: unknown;
  readonly integrity?: unknown;
  readonly signal?: unknown;
  readonly fetcher?: unknown;
  readonly cf?: unknown;
  readonly encodeResponseBody?: unknown;
}

export function combineHeaders(
  init: HeadersInit,
  base: string | Headers | undefined,
  type: string,
): string | Headers {
  if (init === null || (init !== undefined && typeof init !== "object")) {
    throw new TypeError(
      "Incorrect type for the 'headers' field on 'RequestInitializerDict': the provided value is not of type 'Headers or Sequence or object'.",
    );
  }
  if (init === undefined) {
    const wire = base === undefined ? "" : typeof base === "string" ? base : headersToWire(base);
    if (type === "") return wire;
    if (wire === "") return `content-type\n${type}`;
    const headers = headersFromWire(wire, "none");
    if (!headers.has("content-type")) headers.set("content-type", type);
    return guardHeaders(headers, "request");
  }
  const headers = new Headers(init);
  if (type !== "" && !headers.has("content-type")) headers.set("content-type", type);
  return guardHeaders(headers, "request");
}

/** What may be given as `signal`. */
export function isNullableSignal(signal: unknown): boolean {
  return signal === undefined || signal === null || isAbortSignal(signal);
}

/** Set as soon as there is an engine: what a service binding or stub is. */
let isFetcher: (value: unknown) => boolean = () => false;

/** Called by loadWorker's installServiceMembers, before any code of the application runs. */
export function setFetcherCheck(check: (value: unknown) => boolean): void {
  isFetcher = check;
}

/** What is no Fetcher is none, where checkOptions lets it pass (`dont_substitute_null_on_type_error`). */
export function cleanFetcher(fetcher: object | null | undefined): object | null {
  return isFetcher(fetcher) ? (fetcher ?? null) : null;
}

/** Throws production's text for the first option that is wrong. */
export function checkOptions(init: CheckedOptions): void {
  const { cache, integrity, signal, fetcher, cf, encodeResponseBody } = init;
  const isNullable = fetcher === undefined || fetcher === null || isFetcher(fetcher);
  if (!isNullable && httpCompat().strictNullables) throw wrongField("fetcher", "Fetcher");
  if (cache !== undefined) checkCache(cache);
  if (integrity !== undefined && integrity !== "") {
    throw new TypeError(
      "Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.",
    );
  }
  if (!isNullableSignal(signal) && httpCompat().strictNullables) {
    throw wrongField("signal", "AbortSignal");
  }
  if (encodeResponseBody !== undefined && !/^(?:automatic|manual)$/.test(`${encodeResponseBody}`)) {
    throw new TypeError(`encodeResponseBody: unexpected value: ${encodeResponseBody}`);
  }
  if (cf !== undefined) checkCf(cf, cache);
}

/** `follow` or `manual`, in whatever case it was written. */
export function cleanRedirect(redirect: unknown): "follow" | "manual" {
  const lower = `${redirect}`.toLowerCase();
  if (lower === "follow" || lower === "manual") return lower;
  throw new TypeError(
    'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make sense at the edge; use "manual" and check the response status code).',
  );
}

/** A copy: neither sees what becomes of the other. */
export function copyCf(cf: unknown): unknown {
  return typeof cf === "object" && cf !== null ? structuredClone(cf) : cf;
}

function checkCache(cache: unknown): void {
  const { cacheOption, cacheNoCache } = httpCompat();
  if (!cacheOption) {
    throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
  }
  if (cache === "no-store" || (cache === "no-cache" && cacheNoCache)) return;
  throw new TypeError(`Unsupported cache mode: ${cache}`);
}

function checkCf(cf: unknown, cache: unknown): void {
  const isObject = (typeof cf === "object" && cf !== null) || typeof cf === "function";
  if (!isObject) throw wrongField("cf", "Object");
  const { cacheControl, cacheTtl } = cf as { cacheControl?: unknown; cacheTtl?: unknown };
  if (cacheControl === undefined) return;
  if (cacheTtl !== undefined) {
    throw new TypeError(
      "The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive. Use 'cacheControl' for explicit Cache-Control header directives, or 'cacheTtl' for a simplified TTL, but not both.",
    );
  }
  if (cache === undefined) return;
  throw new TypeError(
    "The 'cacheControl' option on cf cannot be used together with the 'cache' request option. The 'cache' option ('no-store'/'no-cache') maps to cache TTL behavior internally, which conflicts with explicit Cache-Control directives.",
  );
}

function wrongField(field: string, type: string): TypeError {
  return new TypeError(
    `Incorrect type for the '${field}' field on 'RequestInitializerDict': the provided value is not of type '${type}'.`,
  );
}

export function cleanMethod(method: unknown): string {
  const text = `${method}`;
  const upper = text.toUpperCase();
  const name = httpCompat().upperCaseMethods || NORMALIZED.test(upper) ? upper : text;
  if (!METHODS.test(name)) throw new TypeError(`Invalid HTTP method string: ${text}`);
  return name;
}

/** Before `fetch_standard_url` anything is a URL, as it was written, until it is fetched. */
export function parseUrl(url: string): string {
  if (!httpCompat().standardUrls) return url;
  try {
    return new URL(url).href;
  } catch {
    throw new TypeError(`Invalid URL: ${url}`);
  }
}
