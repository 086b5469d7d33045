/**
 * Outbound `fetch`: redirects, abort, streaming both ways, decoding, as production does them; errors
 * carry their cause in the text, because this is a development tool. The connections are not in this
 * thread (network.ts). Runs inside an invocation and is part of what keeps it alive.
 */

import { admission, type Invocation, requireInvocation } from "../../isolate/invocation.ts";
import type { NetworkFailure } from "../../protocol/outbound.ts";
import { httpCompat } from "../compat.ts";
import type { AbortSignal } from "../events/abort-signal.ts";
import { isReadableStream } from "../streams/byte-streams.ts";
import { nodeOfStream, streamOfNode } from "../streams/node-streams.ts";
import { upgrade } from "../websocket/client.ts";
import { takeBody } from "./body.ts";
import { type BodySource, type LazyStream, sourceLength } from "./body-source.ts";
import { codingOf, decodedCodings, decodeNodeStream, decodingError } from "./content-coding.ts";
import { dataResponse, isDataUrl } from "./data-url.ts";
import { inFetchSpan } from "./fetch-span.ts";
import { bytesOfHeaders, textOfHeaders } from "./header-bytes.ts";
import { Headers, headersToWire } from "./headers.ts";
import { type NetworkAnswer, type NetworkRequest, network } from "./network.ts";
import { outbound } from "./outbound.ts";
import { Request, type RequestInit, requestState, subrequestSignal } from "./request.ts";
import { createResponse, type Response } from "./response.ts";
import { checkPort, httpUrlOf, isHttp, isTakenForHttp } from "./unknown-protocols.ts";

/** What came back, a WebSocket with status 101. */
type Answer = NetworkAnswer & { readonly webSocket?: object };

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

let settings: FetchSettings = { cfWorker: "", stripAuthorization: true };

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
  if (isDataUrl(request.url)) {
    const response = dataResponse(request.url, request.method);
    if (response !== undefined) return response;
  }
  checkPort(request.url);
  const way = outbound();
  if (way !== undefined) {
    parseHttpUrl(request.url);
    return way.fetch(request);
  }
  const release = invocation.hold();
  const section = invocation.gates?.section?.();
  try {
    // What was written before is committed first, and a critical section is not interrupted.
    await invocation.gates?.output?.();
    const response = await inFetchSpan(request, undefined, () => follow(request, invocation));
    await admission(invocation, section);
    return response;
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
  const visited = [url.href];
  for (let redirects = 0; ; redirects += 1) {
    const isReplayable = body === null || typeof body === "string" || body instanceof Uint8Array;
    const answer = await send({ method, url: httpUrlOf(url), headers, body, signal, invocation });
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
    answer.body.cancel();
    if (redirects === MAX_REDIRECTS) {
      throw new TypeError(`Too many redirects.${visited.join(", ")}`);
    }
    const { status } = answer;
    const becomesGet =
      (status === 303 && method !== "HEAD") ||
      ((status === 301 || status === 302) && method === "POST");
    if (!isReplayable && status !== 303) {
      throw new TypeError(
        "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
      );
    }
    if (becomesGet) {
      method = "GET";
      body = null;
    }
    if (settings.stripAuthorization && target.origin !== url.origin)
      headers.delete("authorization");
    url = target;
    visited.push(url.href);
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

async function send(out: Outgoing): Promise<Answer> {
  const tooMany = out.invocation.countSubrequest();
  if (tooMany !== undefined) throw tooMany;
  if (out.method === "GET" && out.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return await sendUpgrade(out);
  }
  out.signal?.throwIfAborted();
  // A body whose first chunk is none ends the call before there is one to listen for.
  let isOver = false;
  const undo: (() => void)[] = [];
  const call = network().request({
    method: out.method,
    url: out.url.href,
    headers: bytesOfHeaders(clientHeaders(out.headers, out.body, out.method).join("\n")),
    body: clientBody(out.body),
    hold: () => out.invocation.hold(),
    errorOf: networkError,
    onOver: () => {
      isOver = true;
      for (const step of undo) step();
    },
  });
  if (!isOver) {
    const onAbort = (): void => call.abort(out.signal?.reason);
    out.signal?.addEventListener("abort", onAbort, { once: true });
    undo.push(
      out.invocation.onEnd(() => call.abort(new Error(INVOCATION_OVER))),
      () => out.signal?.removeEventListener("abort", onAbort),
    );
  }
  return await call.answer;
}

const INVOCATION_OVER = "Network connection lost. (the invocation that made the request is over)";

/** The answer is a WebSocket or, if the server does not want one, like any other. */
function sendUpgrade(out: Outgoing): Promise<Answer> {
  const { url, signal, invocation } = out;
  const headers = clientHeaders(out.headers, null, "GET");
  return upgrade({ url, fields: headers, signal, invocation, errorOf: networkError });
}

function parseHttpUrl(text: string): URL {
  // A Request has made sure of it, but not before `fetch_standard_url`.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !(isHttp(url) || isTakenForHttp(url))) {
    throw new TypeError(`Fetch API cannot load: ${text}`);
  }
  url.hash = "";
  // Dropped, not sent as Authorization.
  url.username = "";
  url.password = "";
  return url;
}

function outgoingHeaders(request: Request): Headers {
  const headers = new Headers(request.headers);
  if (!headers.has("accept-encoding")) headers.set("Accept-Encoding", decodedCodings());
  if (request.cache !== undefined) {
    const keeps = httpCompat().cacheKeepsHeader && headers.has("cache-control");
    if (!keeps) headers.set("Cache-Control", "no-cache");
    if (!headers.has("pragma")) headers.set("Pragma", "no-cache");
  }
  if (settings.cfWorker !== "") headers.set("CF-Worker", settings.cfWorker);
  return headers;
}

/** Name, value, name, value; a known length goes out as Content-Length, else the body is chunked. */
function clientHeaders(headers: Headers, body: BodySource, method: string): string[] {
  const wire = headersToWire(headers);
  const parts = wire === "" ? [] : wire.split("\n");
  const list: string[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const name = parts[i] as string;
    if (!OWNED.has(name.toLowerCase())) list.push(name, parts[i + 1] as string);
  }
  const noLength = method === "GET" || method === "HEAD" ? -1 : 0;
  const length = body === null ? noLength : sourceLength(body);
  if (length >= 0) list.push("Content-Length", String(length));
  return list;
}

function clientBody(body: BodySource): NetworkRequest["body"] {
  if (body === null || typeof body === "string" || body instanceof Uint8Array) return body;
  return isReadableStream(body) ? body : body.open();
}

function redirectTarget(answer: Answer, url: URL): URL | undefined {
  if (!REDIRECT.has(answer.status)) return undefined;
  const location = headerOf(answer, "location");
  if (location === null) return undefined;
  if (location === "") return undefined;
  const target = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  if (target?.protocol !== "http:" && target?.protocol !== "https:") {
    throw new TypeError("Invalid Location header; unable to follow redirect.");
  }
  target.hash = "";
  return target;
}

function toResponse(
  answer: Answer,
  how: {
    readonly url: URL;
    readonly isRedirected: boolean;
    readonly keepEncoded: boolean;
    readonly method: string;
    readonly signal: AbortSignal | undefined;
    readonly invocation: Invocation;
  },
): Response {
  const { status, webSocket } = answer;
  const isBodyless =
    how.method === "HEAD" || status === 204 || status === 205 || status === 304 || !!webSocket;
  if (isBodyless && webSocket === undefined) answer.body.cancel();
  return createResponse({
    status,
    statusText: answer.statusText,
    headers: textOfHeaders(answer.headers),
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
  answer: Answer,
  how: { readonly keepEncoded: boolean; readonly signal: AbortSignal | undefined },
): LazyStream {
  const { body } = answer;
  const coding = how.keepEncoded ? undefined : codingOf(headerOf(answer, "content-encoding"));
  if (coding === undefined) return body;
  const mapError = (error: Error): Error =>
    how.signal?.aborted ? (how.signal.reason as Error) : networkError(error);
  return {
    length: -1,
    open: () =>
      streamOfNode(
        decodeNodeStream(nodeOfStream(body.open()), coding),
        (error) => decodingError(error) ?? mapError(error),
      ),
    cancel: () => body.cancel(),
    encoded: { coding, length: body.length, open: () => body.open() },
  };
}

/** The first value of a header. */
function headerOf(answer: Answer, name: string): string | null {
  const parts = answer.headers === "" ? [] : answer.headers.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    if (parts[i] === name) return parts[i + 1] as string;
  }
  return null;
}

/** Production's texts for what failed; a developer wants to know why, too: in brackets. */
function networkError(cause: Partial<NetworkFailure>): Error {
  const { code = "", message = "" } = cause;
  const reason = message || code || "unknown reason";
  const isInternal = /ENOTFOUND|EAI_AGAIN|CERT|ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(
    `${code} ${reason}`,
  );
  if (isInternal) return new Error(`internal error (${reason})`);
  return Object.assign(new Error(`Network connection lost. (${reason})`), { retryable: true });
}
