/**
 * Outbound `fetch`, on undici's request API (loaded at the first use): redirects, abort, streaming
 * both ways, decoding, as production does them; errors carry their cause in the text, because this
 * is a development tool. Runs inside an invocation and is part of what keeps it alive.
 */
import type { Readable } from "node:stream";
import { type Invocation, requireInvocation } from "../../isolate/invocation.ts";
import { nodeOfStream, streamOfNode } from "../streams/node-streams.ts";
import { upgrade } from "../websocket/client.ts";
import { takeBody } from "./body.ts";
import { type BodySource, type LazyStream, sourceLength } from "./body-source.ts";
import { codingOf, decodeNodeStream, decodingError } from "./content-coding.ts";
import { Headers, headersToWire } from "./headers.ts";
import { Request, type RequestInit, requestState, subrequestSignal } from "./request.ts";
import { createResponse, type Response } from "./response.ts";

/** The part of undici that is used. */
export interface UndiciLike {
  request(url: URL, options: object): Promise<UndiciResponse>;
  readonly Agent: new (options: object) => object;
}
interface UndiciResponse {
  readonly statusCode: number;
  readonly statusText?: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Readable;
  /** With status 101. */
  readonly webSocket?: object;
}

export interface FetchSettings {
  /** Value of the CF-Worker header that production adds (spec/wrangler.md 1.7); "" for none. */
  readonly cfWorker: string;
  /** `strip_authorization_on_cross_origin_redirect` */
  readonly stripAuthorization: boolean;
}

const MAX_REDIRECTS = 20;
const REDIRECT = new Set([301, 302, 303, 307, 308]);
/** Hop-by-hop or owned by the HTTP client. */
const OWNED = new Set([
  "connection",
  "host",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "cf-connecting-ip",
  "upgrade",
  "te",
  "trailer",
  "proxy-connection",
  "expect",
]);

let loadUndici: () => UndiciLike | Promise<UndiciLike> = () => {
  throw new Error("fetch is not available: no HTTP client was configured");
};
let client: Promise<{ undici: UndiciLike; agent: object }> | null = null;
let settings: FetchSettings = { cfWorker: "", stripAuthorization: true };

/** Set once at the start of the thread. */
export function setUndiciLoader(load: () => UndiciLike | Promise<UndiciLike>): void {
  loadUndici = load;
  client = null;
}

export function setFetchSettings(given: FetchSettings): void {
  settings = given;
}

/** The global `fetch`. */
export async function fetch(input: Request | string | URL, init?: RequestInit): Promise<Response> {
  if (input === undefined) {
    throw new TypeError(
      "Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'.",
    );
  }
  const invocation = requireInvocation();
  const request = new Request(input, init);
  const { fetcher } = request as {
    fetcher: { fetch?(request: Request): Promise<Response> } | null;
  };
  if (typeof fetcher?.fetch === "function") return fetcher.fetch(request);
  const release = invocation.hold();
  try {
    return await follow(request, invocation);
  } finally {
    release();
  }
}

async function follow(request: Request, invocation: Invocation): Promise<Response> {
  const state = requestState(request);
  const signal = subrequestSignal(request);
  signal?.throwIfAborted();
  let method = request.method;
  let url = parseHttpUrl(request.url);
  let body = takeBody(request);
  const headers = outgoingHeaders(request);
  for (let redirects = 0; ; redirects += 1) {
    const isReplayable = body === null || typeof body === "string" || body instanceof Uint8Array;
    const answer = await send({ method, url, headers, body, signal, invocation });
    const target = redirectTarget(answer, url);
    if (target === undefined || request.redirect === "manual") {
      return toResponse(answer, {
        url,
        isRedirected: redirects > 0,
        keepEncoded: state.encodeResponseBody === "manual",
        method,
        signal,
        invocation,
      });
    }
    discard(answer.body);
    if (redirects === MAX_REDIRECTS) throw new TypeError("Too many redirects.");
    const { statusCode } = answer;
    const becomesGet =
      (statusCode === 303 && method !== "HEAD") ||
      ((statusCode === 301 || statusCode === 302) && method === "POST");
    if (becomesGet) {
      method = "GET";
      body = null;
      for (const name of ["content-type", "content-encoding", "content-language"])
        headers.delete(name);
    } else if (!isReplayable) {
      throw new TypeError(
        "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
      );
    }
    if (settings.stripAuthorization && target.origin !== url.origin)
      headers.delete("authorization");
    url = target;
  }
}

interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: BodySource;
  readonly signal: AbortSignal | undefined;
  readonly invocation: Invocation;
}

async function send(out: Outgoing): Promise<UndiciResponse> {
  if (out.method === "GET" && out.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return await sendUpgrade(out);
  }
  client ??= connectClient();
  const { undici, agent } = await client;
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(out.signal?.reason);
  out.signal?.addEventListener("abort", onAbort, { once: true });
  const stop = out.invocation.onEnd(() => controller.abort());
  out.signal?.throwIfAborted();
  try {
    const answer = await undici.request(out.url, {
      method: out.method,
      headers: clientHeaders(out.headers, out.body),
      body: clientBody(out.body),
      signal: controller.signal,
      dispatcher: agent,
    });
    // From here the response body is what can be aborted; it forgets both when it is over.
    answer.body.once("close", () => {
      stop();
      out.signal?.removeEventListener("abort", onAbort);
    });
    return answer;
  } catch (error) {
    stop();
    out.signal?.removeEventListener("abort", onAbort);
    if (out.signal?.aborted) throw out.signal.reason;
    throw networkError(error);
  }
}

/** The answer is a WebSocket or, if the server does not want one, like any other. */
async function sendUpgrade(out: Outgoing): Promise<UndiciResponse> {
  const { url, signal, invocation } = out;
  try {
    const fields = clientHeaders(out.headers, null);
    const answer = await upgrade({ url, fields, signal, invocation });
    const { message } = answer;
    return {
      statusCode: message.statusCode ?? 0,
      statusText: message.statusMessage ?? "",
      headers: message.headers,
      body: message,
      ...("webSocket" in answer ? { webSocket: answer.webSocket } : {}),
    };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw networkError(error);
  }
}

async function connectClient(): Promise<{ undici: UndiciLike; agent: object }> {
  const undici = await loadUndici();
  // An agent of our own: undici's default one hangs on a property of globalThis.
  const agent = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, autoSelectFamily: true });
  return { undici, agent };
}

function parseHttpUrl(text: string): URL {
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`Fetch API cannot load: ${text}`);
  }
  url.hash = "";
  return url;
}

function outgoingHeaders(request: Request): Headers {
  const headers = new Headers(request.headers);
  if (!headers.has("accept-encoding")) headers.set("Accept-Encoding", "br, gzip");
  if (settings.cfWorker !== "") headers.set("CF-Worker", settings.cfWorker);
  return headers;
}

/** undici's flat list; a known length goes out as Content-Length, else the body is chunked. */
function clientHeaders(headers: Headers, body: BodySource): string[] {
  const wire = headersToWire(headers);
  const parts = wire === "" ? [] : wire.split("\n");
  const list: string[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const name = parts[i] as string;
    if (!OWNED.has(name.toLowerCase())) list.push(name, parts[i + 1] as string);
  }
  const length = body === null ? -1 : sourceLength(body);
  if (length >= 0) list.push("Content-Length", String(length));
  return list;
}

function clientBody(body: BodySource): null | string | Uint8Array | Readable {
  if (body === null || typeof body === "string" || body instanceof Uint8Array) return body;
  return nodeOfStream(body instanceof ReadableStream ? body : body.open());
}

function redirectTarget(answer: UndiciResponse, url: URL): URL | undefined {
  const location = answer.headers.location;
  if (!REDIRECT.has(answer.statusCode) || typeof location !== "string") return undefined;
  if (!URL.canParse(location, url.href)) {
    throw new TypeError(`Invalid Location header: unable to parse URL: ${location}`);
  }
  const target = new URL(location, url.href);
  if (target.protocol !== "http:" && target.protocol !== "https:") {
    throw new TypeError(`Fetch API cannot load: ${target.href}`);
  }
  return target;
}

function toResponse(
  answer: UndiciResponse,
  how: {
    readonly url: URL;
    readonly isRedirected: boolean;
    readonly keepEncoded: boolean;
    readonly method: string;
    readonly signal: AbortSignal | undefined;
    readonly invocation: Invocation;
  },
): Response {
  const { statusCode: status } = answer;
  const { webSocket } = answer;
  const isBodyless =
    how.method === "HEAD" || status === 204 || status === 205 || status === 304 || !!webSocket;
  if (isBodyless && webSocket === undefined) discard(answer.body);
  return createResponse({
    status,
    statusText: answer.statusText ?? "",
    headers: wireHeaders(answer.headers),
    guard: "immutable",
    body: isBodyless ? null : responseBody(answer, how),
    url: how.url.href,
    redirected: how.isRedirected,
    ...(webSocket === undefined ? {} : { webSocket }),
    ...(how.keepEncoded ? { encodeBody: "manual" } : {}),
  });
}

/** Decoded for readers; the encoded bytes as they came for a response that is passed on unread. */
function responseBody(
  answer: UndiciResponse,
  how: { readonly keepEncoded: boolean; readonly signal: AbortSignal | undefined },
): LazyStream {
  const length = Number(answer.headers["content-length"] ?? -1);
  const mapError = (error: Error): Error =>
    how.signal?.aborted ? (how.signal.reason as Error) : networkError(error);
  const coding = how.keepEncoded
    ? undefined
    : codingOf((answer.headers["content-encoding"] as string | undefined) ?? null);
  const openRaw = (): ReadableStream<Uint8Array> => streamOfNode(answer.body, mapError);
  // An error that nobody waits for yet must not become an uncaught one.
  answer.body.on("error", () => {});
  if (coding === undefined) return { length, open: openRaw, cancel: () => discard(answer.body) };
  return {
    length: -1,
    open: () =>
      streamOfNode(
        decodeNodeStream(answer.body, coding),
        (error) => decodingError(error) ?? mapError(error),
      ),
    cancel: () => discard(answer.body),
    encoded: { coding, length, open: openRaw },
  };
}

function wireHeaders(headers: UndiciResponse["headers"]): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (
      value === undefined ||
      name === "transfer-encoding" ||
      name === "connection" ||
      name === "keep-alive"
    ) {
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) parts.push(name, one);
  }
  return parts.join("\n");
}

/** Read no more of a body, without disturbing anyone. */
function discard(body: Readable): void {
  body.on("error", () => {});
  body.destroy();
}

/** Production says no more than "Network connection lost."; a developer wants to know why. */
function networkError(cause: unknown): Error {
  const { code, message } = cause as { code?: string; message?: string };
  const reason = deepestMessage(cause) || message || code || "unknown reason";
  const isConnect =
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|CERT|ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(
      `${code} ${reason}`,
    );
  const text = isConnect ? "internal error" : "Network connection lost.";
  const error = new Error(`${text} (${reason})`, { cause });
  return isConnect ? error : Object.assign(error, { retryable: true });
}

/** The text of the first inner error (AggregateError of several addresses) that has one. */
function deepestMessage(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error.message !== "") return error.message;
  if (error instanceof AggregateError) return error.errors.map(deepestMessage).find(Boolean) ?? "";
  return deepestMessage(error.cause);
}
