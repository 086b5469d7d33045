/**
 * The Cache API (spec/resources.md 9): arguments are checked here, in the Worker's thread, in
 * production's words; responses are kept by a cache in the storage thread (resources/cache), which
 * the first call starts. One `caches` per thread.
 */

import { requireInvocation } from "../../isolate/invocation.ts";
import { type OpenSpan, spanned } from "../../isolate/spans.ts";
import type { CacheAsk, CacheHit, CachePut } from "../../protocol/cache.ts";
import { peekBody } from "../http/body.ts";
import { codingOf, encodedBody } from "../http/content-coding.ts";
import { isRequest, Request, requestState } from "../http/request.ts";
import {
  createResponse,
  isResponse,
  type Response,
  responseState,
  responseToWire,
} from "../http/response.ts";
import { reasonPhrase } from "../http/status-texts.ts";
import { defineFixed, defineInterface } from "../interfaces/define-interface.ts";
import { isLocked, isReadableStream } from "../streams/byte-streams.ts";
import {
  describeCacheRequest,
  describeDeleted,
  describeFound,
  describePayload,
  describeStatus,
} from "./cache-spans.ts";
import { watchedStream } from "./watched-stream.ts";

const INTERNAL: unique symbol = Symbol("internal");
const MAX_NAME_BYTES = 1024;

/** Calls a method of a store of responses (resources/cache/cache.ts). */
export type CacheCaller = <T>(method: string, ...args: readonly unknown[]) => Promise<T>;

/** What `caches` stands on. */
export interface CacheSurroundings {
  /** The store of a cache, by the name that it has on disk. */
  readonly open: (store: string) => CacheCaller;
  /** Said in the Worker's log. */
  readonly warn: (text: string) => void;
}

interface Inner extends CacheSurroundings {
  readonly store: string;
}

let isCache: (value: object) => boolean;
let isStorage: (value: object) => boolean;

export class Cache {
  readonly #inner: Inner;

  constructor(key?: unknown, inner?: Inner) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#inner = inner as Inner;
  }

  static {
    isCache = (value) => #inner in value;
  }

  match(...args: readonly unknown[]): Promise<Response | undefined> {
    return spanned("cache_match", (span) => match(this.#inner, args, span));
  }

  put(...args: readonly unknown[]): Promise<void> {
    return spanned("cache_put", (span) => put(this.#inner, args, span));
  }

  delete(...args: readonly unknown[]): Promise<boolean> {
    return spanned("cache_delete", (span) => remove(this.#inner, args, span));
  }

  add(): never {
    throw notImplemented("Cache", "add");
  }
  addAll(): never {
    throw notImplemented("Cache", "addAll");
  }
  keys(): never {
    throw notImplemented("Cache", "keys");
  }
  matchAll(): never {
    throw notImplemented("Cache", "matchAll");
  }
}
defineInterface(Cache, "Cache", { brand: isCache });

export class CacheStorage {
  readonly #surroundings: CacheSurroundings;
  declare readonly default: Cache;

  constructor(key?: unknown, surroundings?: CacheSurroundings) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#surroundings = surroundings as CacheSurroundings;
    defineFixed(this, {
      default: new Cache(INTERNAL, { ...this.#surroundings, store: "default" }),
    });
  }

  static {
    isStorage = (value) => #surroundings in value;
  }

  async open(...args: readonly unknown[]): Promise<Cache> {
    if (args.length === 0) throw wrongParameter("open", "CacheStorage", 1, "string");
    const name = `${args[0] as string}`;
    if (Buffer.byteLength(name) >= MAX_NAME_BYTES) throw new TypeError("Cache name is too long.");
    const store = name === "" ? "default" : `named:${encodeURIComponent(name)}`;
    return new Cache(INTERNAL, { ...this.#surroundings, store });
  }

  delete(): never {
    throw notImplemented("CacheStorage", "delete");
  }
  has(): never {
    throw notImplemented("CacheStorage", "has");
  }
  keys(): never {
    throw notImplemented("CacheStorage", "keys");
  }
  match(): never {
    throw notImplemented("CacheStorage", "match");
  }
}
defineInterface(CacheStorage, "CacheStorage", { brand: isStorage });

export function createCacheStorage(surroundings: CacheSurroundings): CacheStorage {
  return new CacheStorage(INTERNAL, surroundings);
}

async function put(
  { open, store, warn }: Inner,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<void> {
  requireInvocation("cache.put");
  if (args.length < 1) throw wrongParameter("put", "Cache", 1, "Request or string");
  const [given, response] = args;
  if (!isResponse(response)) throw wrongParameter("put", "Cache", 2, "Response");
  const request = toRequest(given);
  if (span !== undefined) {
    describeCacheRequest(span, request, undefined);
    describeStatus(span, response);
  }
  if (request.method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
  assertCacheable(response);
  if (span !== undefined) describePayload(span, response);
  if (response.status === 304) {
    warn(
      "Ignoring attempt to Cache.put() a 304 status response. 304 responses are not meaningful to cache, and a potential source of bugs. Consider validating that the response status is meaningful to cache before calling Cache.put().",
    );
    return;
  }
  const { status, headers, body } = responseToWire(response);
  const watched = isReadableStream(body) ? watchedStream(body) : undefined;
  const sent: CachePut = {
    status,
    headers,
    body: watched?.stream ?? body,
    isAuthorized: request.headers.has("authorization"),
  };
  try {
    const isKept = await open(store)<boolean>("put", keyOf(request), sent);
    // What is merely too old to be kept counts as a success.
    span?.set("cache.response.success", isKept || !response.headers.has("set-cookie"));
  } catch (error) {
    const failure = watched?.failure();
    throw failure === undefined ? error : failure.error;
  }
}

async function match(
  inner: Inner,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<Response | undefined> {
  requireInvocation("cache.match");
  const request = requestOf("match", args, span);
  if (request === undefined) return undefined;
  const ask = askOf(request);
  const hit = await inner.open(inner.store)<CacheHit | null>("match", keyOf(request), ask);
  if (span !== undefined) describeFound(span, hit);
  if (hit === null) return undefined;
  const { status, headers, body } = hit;
  const response = {
    status,
    statusText: reasonPhrase(status),
    headers,
    guard: "immutable",
  } as const;
  if (body === null) return createResponse({ ...response, body });
  const source = isReadableStream(body) ? body : (body as Uint8Array);
  const coding = /(?:^|\n)content-encoding\n([^\n]*)/.exec(headers)?.[1];
  const known = coding === undefined ? undefined : codingOf(coding);
  return createResponse({
    ...response,
    body: known === undefined ? source : encodedBody(source, known),
  });
}

async function remove(
  inner: Inner,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<boolean> {
  requireInvocation("cache.delete");
  const request = requestOf("delete", args, span);
  if (request === undefined) return false;
  const wasThere = await inner.open(inner.store)<boolean>("delete", keyOf(request));
  if (span !== undefined) describeDeleted(span, wasThere);
  return wasThere;
}

/** Of `match` and `delete`; undefined: its method is one that nothing is kept for. */
function requestOf(
  method: string,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Request | undefined {
  if (args.length < 1) throw wrongParameter(method, "Cache", 1, "Request or string");
  const [given, options] = args;
  const isObject = typeof options === "object" || typeof options === "function";
  if (options !== undefined && !isObject) {
    throw wrongParameter(method, "Cache", 2, "CacheQueryOptions");
  }
  const query = (options ?? {}) as Readonly<Record<string, unknown>>;
  for (const field of ["ignoreSearch", "ignoreVary", "cacheName"]) {
    if (query[field] === undefined) continue;
    throw new Error(`The '${field}' field on 'CacheQueryOptions' is not implemented.`);
  }
  const request = toRequest(given);
  if (span !== undefined) describeCacheRequest(span, request, query.ignoreMethod);
  return request.method === "GET" || query.ignoreMethod ? request : undefined;
}

function toRequest(key: unknown): Request {
  if (isRequest(key)) return key;
  const request = new Request(`${key as string}`);
  if (/^[^:]*:\/\//.test(request.url)) return request;
  throw new TypeError("Invalid URL. Cache API keys must be fully-qualified, valid URLs.");
}

/** The URL without its fragment, or `cf.cacheKey`. */
function keyOf(request: Request): string {
  const { cf } = requestState(request);
  // Of an incoming request it is text that nobody has looked at yet.
  const isPlain = cf === undefined || (typeof cf === "string" && !cf.includes('"cacheKey"'));
  const own = isPlain ? undefined : (request.cf as { cacheKey?: unknown } | null)?.cacheKey;
  if (own !== undefined && own !== null) return `${own as string}`;
  const { url } = request;
  const end = url.indexOf("#");
  return end < 0 ? url : url.slice(0, end);
}

function askOf({ headers }: Request): CacheAsk {
  const ask: Record<string, string> = {};
  for (const [field, name] of ASKED) {
    const value = headers.get(name);
    if (value !== null) ask[field] = value;
  }
  return ask;
}

const ASKED = [
  ["ifNoneMatch", "if-none-match"],
  ["ifModifiedSince", "if-modified-since"],
  ["range", "range"],
] as const;

/** @throws TypeError for what no cache takes */
function assertCacheable(response: Response): void {
  if (responseState(response).type === "error") {
    throw new TypeError("Cache is unable to store an error response");
  }
  if (response.webSocket !== null) {
    throw new TypeError(
      'Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".',
    );
  }
  if (response.status === 206) {
    throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
  }
  if (response.headers.get("vary")?.includes("*") === true) {
    throw new TypeError("Cannot cache response with 'Vary: *' header.");
  }
  const body = peekBody(response);
  if (isReadableStream(body) && isLocked(body) && !response.bodyUsed) {
    throw new TypeError("The ReadableStream has been locked to a reader.");
  }
}

function wrongParameter(method: string, on: string, number: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${on}': parameter ${number} is not of type '${type}'.`,
  );
}

function notImplemented(on: string, method: string): Error {
  return new Error(`Failed to execute '${method}' on '${on}': the method is not implemented.`);
}
