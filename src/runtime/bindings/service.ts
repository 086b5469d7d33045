/**
 * What a service binding has beside RPC: `fetch` with Fetch semantics and `connect`
 * (spec/rpc.md 1.6). The stub itself is the RPC engine's; a member here is no RPC name any more.
 */

import { requireInvocation } from "../../isolate/invocation.ts";
import type { ServiceChannel } from "../../rpc/contract.ts";
import type { RpcEngine } from "../../rpc/engine.ts";
import { httpCompat } from "../../web/compat.ts";
import type { AbortSignal } from "../../web/events/abort-signal.ts";
import { peekBody } from "../../web/http/body.ts";
import type { BodySource } from "../../web/http/body-source.ts";
import { inFetchSpan } from "../../web/http/fetch-span.ts";
import { Headers } from "../../web/http/headers.ts";
import { Request, type RequestInit, subrequestSignal } from "../../web/http/request.ts";
import { setFetcherCheck } from "../../web/http/request-checks.ts";
import {
  assertResponse,
  deliveredResponse,
  locateResponse,
  Response,
  receivedResponse,
} from "../../web/http/response.ts";
import { isLinkRefusal } from "../rpc/links.ts";
import { openSubrequest } from "../rpc/rpc-spans.ts";
import { connectService } from "./connect.ts";
import { legacyMembers } from "./legacy-members.ts";

const MAX_REDIRECTS = 20;
const NO_REQUEST =
  "Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.";
const FETCHABLE = /^(https?|data):/i;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Put the members on the prototype of the engine's ServiceStub: bindings, `ctx.exports` and stubs
 * that came over RPC all have them. `hasLegacyMembers`: get, put and delete too
 * (`fetcher_has_get_put_delete`).
 */
export function installServiceMembers(engine: RpcEngine, hasLegacyMembers: boolean): void {
  const channel = (stub: unknown): ServiceChannel => {
    const found = engine.channelOf(stub);
    if (found === undefined) throw new TypeError("Illegal invocation");
    return found;
  };
  setFetcherCheck((value) => engine.channelOf(value) !== undefined);
  const members = {
    fetch(this: unknown, input: Request | string | URL, init?: RequestInit): Promise<Response> {
      return fetchService(engine, channel(this), this, input, init);
    },
    connect(this: unknown, ...args: readonly unknown[]): unknown {
      const target = channel(this);
      // An RPC method of that name, as the seed documents have one (end of design.md).
      const isObject = target.token.durableObject !== undefined;
      if (args.length === 0 && !isObject) return engine.call(target, ["connect"], []);
      const refused = engine.foreignUse(this);
      if (refused !== undefined) throw refused;
      return connectService(engine, target, args);
    },
  };
  const prototype = engine.ServiceStub.prototype as object;
  const all = hasLegacyMembers ? { ...members, ...legacyMembers } : members;
  for (const [name, value] of Object.entries(all)) {
    Object.defineProperty(prototype, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}

async function fetchService(
  engine: RpcEngine,
  channel: ServiceChannel,
  stub: unknown,
  input: Request | string | URL,
  init: RequestInit | undefined,
): Promise<Response> {
  if (input === undefined) throw new TypeError(NO_REQUEST);
  requireInvocation("fetch");
  let request = new Request(input, init);
  const refused = engine.foreignUse(stub);
  if (refused !== undefined) throw refused;
  const isUrl = httpCompat().standardUrls || URL.canParse(request.url);
  if (!isUrl || !FETCHABLE.test(request.url)) {
    throw new TypeError(`Fetch API cannot load: ${request.url}`);
  }
  const signal = subrequestSignal(request);
  const subrequest = openSubrequest(channel.token);
  const urls: string[] = [];
  for (let redirects = 0; ; redirects += 1) {
    urls.push(request.url);
    // A body of text or bytes can be sent again, a stream cannot.
    const source = peekBody(request);
    const sent = request;
    const answer = await inFetchSpan(sent, subrequest, () =>
      sendFetch(engine, channel, sent, signal),
    );
    const response = deliveredResponse(answer, request.method);
    const next = redirectOf(request, response);
    if (next === undefined) {
      locateResponse(response, request.url, redirects > 0);
      return response;
    }
    if (redirects === MAX_REDIRECTS) throw new TypeError(`Too many redirects.${urls.join(", ")}`);
    request = redirected(request, source, next, response.status);
    if (signal !== undefined) request = new Request(request, { signal });
  }
}

function sendFetch(
  engine: RpcEngine,
  channel: ServiceChannel,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const options = signal === undefined ? {} : { signal };
  return engine.sendEvent(channel, "fetch", [request], options).then(toResponse, toRefusal);
}

function toResponse(answer: unknown): Response {
  return receivedResponse(assertResponse(answer));
}

function toRefusal(error: unknown): Response {
  if (isLinkRefusal(error)) return new Response(error.message, { status: 503 });
  throw error;
}

function redirectOf(request: Request, response: Response): URL | undefined {
  if (request.redirect !== "follow" || !REDIRECTS.has(response.status)) return undefined;
  const location = response.headers.get("location");
  if (location === null || !URL.canParse(location, request.url)) return undefined;
  return new URL(location, request.url);
}

function redirected(request: Request, source: BodySource, url: URL, status: number): Request {
  const { method } = request;
  const becomesGet =
    (status === 303 && method !== "HEAD") ||
    ((status === 301 || status === 302) && method === "POST");
  const headers = new Headers(request.headers);
  if (becomesGet) {
    for (const name of ["content-type", "content-length", "content-encoding"]) headers.delete(name);
    return new Request(url, { method: "GET", headers, redirect: "follow" });
  }
  if (source !== null && typeof source !== "string" && !(source instanceof Uint8Array)) {
    throw new TypeError(
      "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
    );
  }
  return new Request(url, { method, headers, body: source, redirect: "follow" });
}
