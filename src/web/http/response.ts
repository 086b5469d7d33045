/**
 * The Worker's `Response`: status, headers and body stay what they are until somebody looks.
 * Surface and texts as production (spec/workerd-surface.json). `responseToWire` is what the
 * thread's HTTP endpoint sends. Lives in a Worker's thread.
 */

import { ioOwner } from "../../isolate/invocation.ts";
import { httpCompat } from "../compat.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { redirectLocation } from "../legacy-url/redirect.ts";
import { isReadableStream, lengthOf } from "../streams/byte-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import { Body, cloneBody, markBodyTaken, peekBody, takeBody } from "./body.ts";
import {
  type BodyInit,
  type BodySource,
  extractBody,
  isLazyStream,
  TEXT_TYPE,
  textSource,
} from "./body-source.ts";
import { codingOf, encodeBody, encodedBody } from "./content-coding.ts";
import {
  guardHeaders,
  Headers,
  type HeadersGuard,
  headersFromWire,
  headersToWire,
} from "./headers.ts";
import {
  type HiddenInit,
  NULL_BODY,
  type ResponseInit,
  type ResponseState,
  stateFromInit,
} from "./response-init.ts";
import { reasonPhrase } from "./status-texts.ts";

/** A response on its way to the front door (protocol/http.ts). */
export interface WireResponse {
  readonly status: number;
  /** The reason phrase as it is sent. */
  readonly statusText: string;
  readonly headers: string;
  readonly body: null | string | Uint8Array | ReadableStream;
  /** Bytes of a stream body if promised, else -1. */
  readonly length: number;
  /** The end that the front door is to be connected to, for status 101. */
  readonly webSocket: object | null;
}

/** Headers as on the wire, or the live object: read only. */
export type ResponseHead = readonly [
  status: number,
  statusText: string | undefined,
  headers: string | Headers,
];

const INTERNAL: unique symbol = Symbol("internal");
const TEXT_HEADERS = `content-type\n${TEXT_TYPE}`;
const CODED = /(?:^|\n)content-encoding\n/i;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

let toWire: (response: Response) => WireResponse;
let stateOf: (response: Response) => ResponseState;
let moreOf: (response: Response) => ResponseState | null;
let headOf: (response: Response) => ResponseHead;
let isResponseBrand: (value: object) => boolean;
let isError: (response: Response) => boolean;
let locate: (response: Response, url: string, redirected: boolean) => void;

export class Response extends Body {
  #status: number;
  /** Undefined: nobody said one; what is sent then is the usual one. */
  #statusText: string | undefined;
  /** The wire string until somebody looks at `headers`. */
  #headers: string | Headers;
  #guard: HeadersGuard;
  #more: ResponseState | null;

  constructor(body?: BodyInit | typeof INTERNAL, init?: ResponseInit | Response | ResponseState) {
    if (body === INTERNAL) {
      const state = init as ResponseState;
      super(state.body);
      this.#status = state.status;
      this.#statusText = state.statusText;
      this.#headers = state.headers;
      this.#guard = state.guard;
      this.#more = state;
      return;
    }
    if (init === undefined) {
      // The hot path: `new Response("text")`.
      if (typeof body === "string") {
        super(textSource(body));
        this.#headers = TEXT_HEADERS;
      } else {
        const { source, type } = extractBody(body);
        super(source);
        this.#headers = type === "" ? "" : `content-type\n${type}`;
      }
      this.#status = 200;
      this.#statusText = undefined;
      this.#guard = "response";
      this.#more = null;
      return;
    }
    const state = stateFromInit(body, init as ResponseInit, hiddenOf);
    super(state.body);
    this.#status = state.status;
    this.#statusText = state.statusText;
    this.#headers = state.headers;
    this.#guard = "response";
    this.#more = state;
  }

  static {
    toWire = (response) => {
      const headers = response.#headers;
      const wire = typeof headers === "string" ? headers : headersToWire(headers);
      const out = CODED.test(wire)
        ? takeEncoded(response)
        : { body: takeBody(response), length: -1 };
      const { body } = out;
      const isStream = isReadableStream(body);
      return {
        status: response.#status,
        statusText: response.#statusText ?? reasonPhrase(response.#status),
        headers: wire,
        // takeBody opens lazy streams.
        body: body as WireResponse["body"],
        length: isStream && out.length < 0 ? lengthOf(body) : out.length,
        webSocket: response.#more?.webSocket ?? null,
      };
    };
    stateOf = (response) => ({
      ...response.#more,
      status: response.#status,
      statusText: response.#statusText,
      headers: response.#headers,
      guard: response.#guard,
      body: null,
    });
    moreOf = (response) => response.#more;
    headOf = (response) => [response.#status, response.#statusText, response.#headers];
    isResponseBrand = (value) => #status in value;
    // What Response.error() makes, and nothing else.
    isError = (response) => response.#status === 0;
    locate = (response, url, redirected) => {
      response.#more = { ...(response.#more ?? stateOf(response)), url, redirected };
      response.#statusText ??= reasonPhrase(response.#status);
      response.#guard = "immutable";
      if (typeof response.#headers !== "string") guardHeaders(response.#headers, "immutable");
    };
  }

  static error(): Response {
    return createResponse({ ...EMPTY, status: 0, type: "error", guard: "none" });
  }

  static redirect(url: string, status = 302): Response {
    // biome-ignore lint/complexity/noArguments: an undefined URL is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongParameter("redirect", "string");
    const code = Math.trunc(Number(status));
    if (!REDIRECTS.has(code)) {
      throw new RangeError(
        `${code} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`,
      );
    }
    const headers = `Location\n${redirectLocation(String(url))}`;
    ioOwner();
    return createResponse({ ...EMPTY, status: code, headers, guard: "immutable" });
  }

  static json(value: unknown, init?: ResponseInit | null): Response {
    // biome-ignore lint/complexity/noArguments: undefined is a value, an absent one is none
    if (arguments.length === 0) throw wrongParameter("json", "Value");
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined && httpCompat().pedantic) {
      throw new TypeError("Response.json() requires a value that can be serialized to JSON.");
    }
    const headers = new Headers(init?.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(text ?? "undefined", { ...init, headers });
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText ?? "";
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }

  get headers(): Headers {
    const headers = this.#headers;
    if (typeof headers !== "string") return headers;
    const parsed = headersFromWire(headers, this.#guard);
    this.#headers = parsed;
    return parsed;
  }

  get type(): string {
    return this.#more?.type ?? "default";
  }

  get url(): string {
    return this.#more?.url ?? "";
  }

  get redirected(): boolean {
    return this.#more?.redirected ?? false;
  }

  get cf(): unknown {
    return this.#more?.cf ?? undefined;
  }

  get webSocket(): object | null {
    return this.#more?.webSocket ?? null;
  }

  clone(): Response {
    if (this.#more?.webSocket) {
      throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    }
    const headers = this.#headers;
    // Production's clones are encoded automatically again.
    const { encodeBody: _dropped, ...state } = stateOf(this);
    return createResponse({
      ...state,
      headers: typeof headers === "string" ? headers : headersToWire(headers),
      body: cloneBody(this),
    });
  }
}
defineInterface(Response, "Response", { brand: isResponseBrand });

const EMPTY: ResponseState = {
  status: 200,
  statusText: undefined,
  headers: "",
  guard: "response",
  body: null,
};

/** Make a Response without any check: from the wire, from fetch, from RPC. */
export function createResponse(state: ResponseState): Response {
  return new Response(INTERNAL as unknown, state);
}

/**
 * Take the response apart for the front door: its body is used up. Throws TypeError if the body
 * was used before.
 */
export function responseToWire(response: Response): WireResponse {
  return toWire(response);
}

/** Everything but the body, which is null here; headers may be the live object: read only. */
export function responseState(response: Response): ResponseState {
  return stateOf(response);
}

/** What only some responses have; null: this one has nothing of it. */
export function rareState(response: Response): ResponseState | null {
  return moreOf(response);
}

/** Whatever its prototype says. */
export function responseHead(response: Response): ResponseHead {
  return headOf(response);
}

/** A response has arrived from `url`: what `url`, `redirected` and `statusText` of it show. Its headers are fixed. */
export function locateResponse(response: Response, url: string, redirected: boolean): void {
  locate(response, url, redirected);
}

/** As the network delivers it: with a body wherever there can be one, perhaps of no bytes. */
export function deliveredResponse(response: Response, method: string): Response {
  const isBodyless = method === "HEAD" || NULL_BODY.has(headOf(response)[0]);
  if (isBodyless || peekBody(response) !== null) return response;
  return createResponse({ ...stateOf(response), body: "" });
}

/**
 * The answer of a binding as its caller has it: what was sent with `encodeBody: "manual"` is decoded
 * when it is read, as if it had come from the network.
 */
export function receivedResponse(response: Response): Response {
  if (moreOf(response)?.encodeBody !== "manual") return response;
  const { encodeBody: _done, ...state } = stateOf(response);
  const coding = codingOf(response.headers.get("content-encoding"));
  if (coding === undefined) return response;
  const source = takeBody(response);
  return createResponse({ ...state, body: source === null ? null : encodedBody(source, coding) });
}

/** What a fetch handler resolved with, or returned. */
export function assertResponse(value: unknown, isReturned = false): Response {
  if (isResponse(value)) {
    if (!isError(value)) return value;
    throw new TypeError(
      "Return value from serve handler must not be an error response (like Response.error())",
    );
  }
  throw new TypeError(
    isReturned
      ? "Callback returned incorrect type; expected 'Promise'"
      : "Incorrect type for Promise: the Promise did not resolve to 'Response'.",
  );
}

/** True for instances of this class and subclasses, whatever their prototype says. */
export function isResponse(value: unknown): value is Response {
  return typeof value === "object" && value !== null && isResponseBrand(value);
}

/**
 * The body of a response with Content-Encoding: as it came if it was fetched and not read, encoded
 * now otherwise, untouched with `encodeBody: "manual"`.
 */
function takeEncoded(response: Response): { body: BodySource; length: number } {
  const coding = codingOf(response.headers.get("content-encoding"));
  const isManual = stateOf(response).encodeBody === "manual";
  const lazy = peekBody(response);
  if (
    !isManual &&
    isLazyStream(lazy) &&
    lazy.encoded !== undefined &&
    lazy.encoded.coding === coding
  ) {
    markBodyTaken(response);
    return { body: lazy.encoded.open(), length: lazy.encoded.length };
  }
  const body = takeBody(response);
  if (isManual || coding === undefined || body === null || isLazyStream(body)) {
    return { body, length: -1 };
  }
  return { body: encodeBody(body, coding), length: -1 };
}

function hiddenOf(init: ResponseInit): HiddenInit {
  return isResponse(init) ? stateOf(init) : init;
}

function wrongParameter(method: string, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'Response': parameter 1 is not of type '${type}'.`,
  );
}
