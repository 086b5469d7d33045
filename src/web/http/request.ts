/**
 * The Worker's `Request`. Made by `requestFromWire` on the hot path, where neither URL, headers, cf,
 * signal nor body are looked at before user code does (spikes.md S9). Surface and texts as
 * production (spec/workerd-surface.json). Lives in a Worker's thread.
 */
import type { Context } from "../../rpc/contract.ts";
import { httpCompat } from "../compat.ts";
import { AbortController, type AbortSignal } from "../events/abort-signal.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { wrongConstructorParameter } from "../streams/arguments.ts";
import { isLocked, isReadableStream } from "../streams/byte-streams.ts";
import { Body, cloneBody, peekBody, takeBody } from "./body.ts";
import { type BodyInit, type BodySource, extractBody } from "./body-source.ts";
import {
  type Headers,
  type HeadersGuard,
  type HeadersInit,
  headersFromWire,
  headersToWire,
} from "./headers.ts";
import {
  checkOptions,
  cleanFetcher,
  cleanMethod,
  cleanRedirect,
  combineHeaders,
  copyCf,
  isNullableSignal,
  parseUrl,
} from "./request-checks.ts";

export interface RequestInit {
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly body?: BodyInit;
  readonly redirect?: string;
  readonly cf?: unknown;
  readonly fetcher?: object | null;
  readonly signal?: AbortSignal | null;
  readonly cache?: string;
  readonly integrity?: string;
  readonly encodeResponseBody?: string;
}

/** Everything of a Request but its signal; what internal makers fill in. */
export interface RequestState {
  readonly method: string;
  readonly url: string;
  readonly headers: string | Headers;
  readonly guard: HeadersGuard;
  readonly body: BodySource;
  /** JSON text until somebody looks, or the object. */
  readonly cf?: unknown;
  readonly redirect?: string | undefined;
  readonly cache?: string | undefined;
  readonly fetcher?: object | null;
  /** Given by user code. */
  readonly signal?: AbortSignal | undefined;
  /** Of the event that its invocation handles: its client, or the caller of a binding, can leave. */
  readonly isIncoming?: boolean;
  /** Whose signal this one shows when it has none of its own: `new Request(incoming)`, clones. */
  readonly signalOf?: Request | undefined;
  readonly encodeResponseBody?: string | undefined;
  /** Whose body it is if it is not made in its invocation. */
  readonly owner?: Context | undefined;
}

/** A request as the front door sends it (protocol/http.ts), body stream wrapped. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: BodySource;
  /** JSON text of request.cf. */
  readonly cf: string | null;
  readonly owner?: Context;
}

const INTERNAL: unique symbol = Symbol("internal");
/** Signals of incoming requests that stay in their invocation. */
const stayingSignals: WeakSet<AbortSignal> = new WeakSet();

let stateOf: (request: Request) => RequestState;
let moreOf: (request: Request) => RequestState;
let rawHeadersOf: (request: Request) => string | Headers;
let fireAbort: (request: Request, reason: unknown) => boolean;
let isRequestBrand: (value: object) => boolean;
let makeIncoming: (request: Request) => void;

export class Request extends Body {
  #method: string;
  #url: string;
  #headers: string | Headers;
  #guard: HeadersGuard;
  #cf: unknown;
  #more: RequestState;
  /** A signal of its own, only made when read; `#aborted` remembers an abort before that. */
  #signal: AbortSignal | null = null;
  #controller: AbortController | null = null;
  #aborted: { readonly reason: unknown } | null = null;

  constructor(input: Request | string | URL | typeof INTERNAL, init?: RequestInit | RequestState) {
    // biome-ignore lint/complexity/noArguments: an undefined URL is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter("Request", 1, "Request or string");
    const state =
      input === INTERNAL
        ? (init as RequestState)
        : stateFromInit(input as Request | string | URL, init as RequestInit | undefined);
    super(state.body, state.owner);
    this.#method = state.method;
    this.#url = state.url;
    this.#headers = state.headers;
    this.#guard = state.guard;
    this.#cf = state.cf;
    this.#more = state;
  }

  static {
    stateOf = (request) => ({
      ...request.#more,
      method: request.#method,
      url: request.#url,
      headers: request.#headers,
      guard: request.#guard,
      cf: request.#cf,
      body: null,
    });
    moreOf = (request) => request.#more;
    rawHeadersOf = (request) => request.#headers;
    fireAbort = (request, reason) => {
      request.#aborted ??= { reason };
      if (request.#controller === null) return false;
      if (httpCompat().requestSignal) request.#controller.abort(reason);
      return true;
    };
    isRequestBrand = (value) => #method in value;
    makeIncoming = (request) => {
      if (typeof request.#headers === "string") request.#guard = "immutable";
      request.#more = { ...request.#more, redirect: "manual", isIncoming: true };
    };
  }

  get method(): string {
    return this.#method;
  }

  get url(): string {
    return this.#url;
  }

  get headers(): Headers {
    const headers = this.#headers;
    if (typeof headers !== "string") return headers;
    const parsed = headersFromWire(headers, this.#guard);
    this.#headers = parsed;
    return parsed;
  }

  get redirect(): string {
    return this.#more.redirect ?? "follow";
  }

  get fetcher(): object | null {
    return this.#more.fetcher ?? null;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal();
    return this.#signal;
  }

  get cf(): unknown {
    if (typeof this.#cf === "string") this.#cf = JSON.parse(this.#cf);
    return this.#cf ?? undefined;
  }

  get integrity(): string {
    return "";
  }

  get keepalive(): boolean {
    return false;
  }

  get cache(): string | undefined {
    return this.#more.cache;
  }

  clone(): Request {
    const headers = this.#headers;
    return createRequest({
      ...stateOf(this),
      headers: typeof headers === "string" ? headers : headersToWire(headers),
      cf: copyCf(this.cf),
      body: cloneBody(this),
      isIncoming: false,
      signalOf: this,
    });
  }

  #makeSignal(): AbortSignal {
    const { signal, signalOf, isIncoming } = this.#more;
    if (signal !== undefined) return signal;
    if (signalOf !== undefined) return signalOf.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (isIncoming && !signalsTravel()) stayingSignals.add(controller.signal);
    if (this.#aborted !== null && httpCompat().requestSignal) {
      controller.abort(this.#aborted.reason);
    }
    return controller.signal;
  }
}
defineInterface(Request, "Request", { brand: isRequestBrand });

/** Make a Request without any check. */
export function createRequest(state: RequestState): Request {
  return new Request(INTERNAL, state);
}

/** The request of an invocation; headers immutable, as production's incoming ones. */
export function requestFromWire(wire: WireRequest): Request {
  return new Request(INTERNAL, {
    method: wire.method,
    url: wire.url,
    headers: wire.headers,
    guard: "immutable",
    body: wire.body,
    cf: wire.cf,
    redirect: "manual",
    isIncoming: true,
    owner: wire.owner,
  });
}

/**
 * A request that another Worker's binding sent becomes one like the front door's: its headers are
 * immutable, and passing it on does not follow redirects.
 */
export function markIncoming(request: Request): void {
  makeIncoming(request);
}

/**
 * The client of an incoming request is gone: its `signal` aborts, also if it is read only later,
 * unless `enable_request_signal` is off. True if somebody has read it.
 */
export function abortRequest(request: Request): boolean {
  const reason = new DOMException("The client has disconnected", "AbortError");
  return fireAbort(request, Object.assign(reason, { retryable: true }));
}

/**
 * The signal that ends a subrequest made with this request, and travels with it over RPC: one that
 * user code gave it; an incoming request's own only with `request_signal_passthrough`, not even
 * when user code passes that one on (asked of the real runtime).
 */
export function subrequestSignal(request: Request): AbortSignal | undefined {
  const { signal, signalOf, isIncoming } = moreOf(request);
  if (signalOf !== undefined) return subrequestSignal(signalOf);
  if (isIncoming) return signalsTravel() ? request.signal : undefined;
  return signal !== undefined && stayingSignals.has(signal) ? undefined : signal;
}

function signalsTravel(): boolean {
  const { requestSignal, signalPassthrough } = httpCompat();
  return requestSignal && signalPassthrough;
}

/** Everything but the body, which is null here; `headers` may be the live object: read only. */
export function requestState(request: Request): RequestState {
  return stateOf(request);
}

/** What it was made of: all but `headers` and `cf`, which may have been read since, is still so. */
export function originalState(request: Request): RequestState {
  return moreOf(request);
}

/** As on the wire, or the live object: read only. */
export function rawRequestHeaders(request: Request): string | Headers {
  return rawHeadersOf(request);
}

/** True for instances of this class and subclasses, whatever their prototype says. */
export function isRequest(value: unknown): value is Request {
  return typeof value === "object" && value !== null && isRequestBrand(value);
}

function stateFromInit(input: Request | string | URL, init: RequestInit | undefined): RequestState {
  if (
    init !== undefined &&
    init !== null &&
    typeof init !== "object" &&
    typeof init !== "function"
  ) {
    throw new TypeError(
      "Failed to construct 'Request': constructor parameter 2 is not of type 'RequestInitializerDict or Request'.",
    );
  }
  const options = init ?? {};
  const base = isRequest(input) ? requestState(input) : undefined;
  const method =
    options.method === undefined ? (base?.method ?? "GET") : cleanMethod(options.method);
  const url = base?.url ?? parseUrl(`${input}`);
  const redirect = cleanRedirect(options.redirect === undefined ? "follow" : options.redirect);
  checkOptions(options);
  const { source, type } =
    options.body === undefined || options.body === null
      ? { source: inheritBody(input, options), type: "" }
      : extractBody(options.body);
  if (source !== null && (method === "GET" || method === "HEAD")) {
    throw new TypeError("Request with a GET or HEAD method cannot have a body.");
  }
  return {
    method,
    url,
    headers: combineHeaders(options.headers, base?.headers, type),
    guard: "request",
    body: source,
    cf: copyCf(options.cf ?? base?.cf),
    redirect: options.redirect === undefined ? (base?.redirect ?? "follow") : redirect,
    cache: options.cache ?? base?.cache,
    fetcher: cleanFetcher(options.fetcher ?? base?.fetcher),
    ...pickSignal(options, input),
    encodeResponseBody: options.encodeResponseBody ?? base?.encodeResponseBody,
  };
}

/** `new Request(request)` takes the other's body over, unless `init` brings one. */
function inheritBody(input: Request | string | URL, init: RequestInit): BodySource {
  if (!isRequest(input)) return null;
  if ("body" in init && init.body === null) return null;
  const source = peekBody(input);
  if (isReadableStream(source) && isLocked(source)) {
    throw new TypeError("The ReadableStream has been locked to a reader.");
  }
  if (input.bodyUsed) throw new TypeError("Cannot reconstruct a Request with a used body.");
  return takeBody(input);
}

function pickSignal(
  init: RequestInit,
  input: Request | string | URL,
): Pick<RequestState, "signal" | "signalOf"> {
  if (init.signal === null || !isNullableSignal(init.signal)) return {};
  if (init.signal !== undefined) return { signal: init.signal };
  if (!isRequest(input)) return {};
  const { signal } = requestState(input);
  return signal === undefined ? { signalOf: input } : { signal };
}
