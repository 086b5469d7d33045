/**
 * What `new Response(body, init)` is made of: `init` with production's checks and texts. Pure but for the
 * body; for response.ts, in a Worker's thread.
 */
import { httpCompat } from "../compat.ts";
import { isWebSocket } from "../websocket/websocket.ts";
import { type BodyInit, type BodySource, extractBody } from "./body-source.ts";
import { guardHeaders, Headers, type HeadersGuard, type HeadersInit } from "./headers.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\0-\x1f]/;
/** Bytes that HTTP allows. */
const REASON_PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;

export interface ResponseInit {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: HeadersInit;
  readonly cf?: unknown;
  readonly webSocket?: object | null | undefined;
  readonly encodeBody?: string | undefined;
}

/** Everything of a Response; what internal makers fill in. */
export interface ResponseState {
  readonly status: number;
  /** Undefined: nobody said one. "" is sent as it is. */
  readonly statusText: string | undefined;
  readonly headers: string | Headers;
  readonly guard: HeadersGuard;
  readonly body: BodySource;
  readonly url?: string;
  readonly redirected?: boolean;
  readonly type?: "default" | "error";
  readonly cf?: unknown;
  readonly webSocket?: object | null | undefined;
  readonly encodeBody?: string | undefined;
}

/** What a Response that is given as `init` does not show as it is. */
export interface HiddenInit {
  readonly statusText?: string | undefined;
  readonly encodeBody?: string | undefined;
}

/** Statuses whose responses have no body. */
export const NULL_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * @param init not checked yet
 * @param hiddenOf that part of it
 */
export function stateFromInit(
  body: BodyInit,
  init: ResponseInit,
  hiddenOf: (init: ResponseInit) => HiddenInit,
): ResponseState {
  if (init === null) return stateFromInit(body, {}, hiddenOf);
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError(
      "Failed to construct 'Response': constructor parameter 2 is not of type 'InitializerDict or Response'.",
    );
  }
  const status = init.status === undefined ? 200 : toInteger(init.status);
  const given = init.webSocket ?? null;
  const webSocket = isWebSocket(given) || httpCompat().strictNullables ? given : null;
  assertStatus(status, webSocket);
  const hidden = hiddenOf(init);
  const statusText = hidden.statusText === undefined ? undefined : phraseOf(hidden.statusText);
  const { encodeBody } = hidden;
  if (encodeBody !== undefined && encodeBody !== "automatic" && encodeBody !== "manual") {
    throw new TypeError(`encodeBody: unexpected value: ${encodeBody}`);
  }
  const { source, type } = extractBody(body);
  assertObject("cf", init.cf);
  if (NULL_BODY.has(status) && source !== null && !(isEmpty(source) && webSocket === null)) {
    throw new TypeError(
      "Response with null body status (101, 204, 205, or 304) cannot have a body.",
    );
  }
  const headers = headersWithType(init.headers, type);
  return {
    status,
    statusText,
    headers,
    guard: "response",
    body: NULL_BODY.has(status) ? null : source,
    cf: isPlain(init.cf) ? structuredClone(init.cf) : null,
    webSocket,
    ...(encodeBody === undefined ? {} : { encodeBody }),
  };
}

function phraseOf(value: unknown): string {
  const text = String(value);
  const isPhrase = httpCompat().pedantic ? REASON_PHRASE.test(text) : !CONTROLS.test(text);
  if (!isPhrase) throw new TypeError("Invalid statusText");
  return text;
}

/** As production's integers are: BigInts and what is too large have texts of their own. */
function toInteger(value: unknown): number {
  if (typeof value === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  const number = Math.trunc(Number(value));
  if (Math.abs(number) > 2 ** 31) {
    throw new TypeError(
      "Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
    );
  }
  return number;
}

/** Of no bytes, known without reading: as good as no body. */
function isEmpty(source: BodySource): boolean {
  return source === "" || (source instanceof Uint8Array && source.byteLength === 0);
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function assertObject(field: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === "object") return;
  throw new TypeError(
    `Incorrect type for the '${field}' field on 'InitializerDict': the provided value is not of type 'Object'.`,
  );
}

function assertStatus(status: number, webSocket: object | null): void {
  if (webSocket !== null) {
    if (!isWebSocket(webSocket)) {
      throw new TypeError(
        "Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of type 'WebSocket'.",
      );
    }
    if (status !== 101) {
      throw new RangeError("Responses with a WebSocket must have status code 101.");
    }
  } else if (!(status >= 200 && status <= 599)) {
    throw new RangeError(
      "Responses may only be constructed with status codes in the range 200 to 599, inclusive.",
    );
  }
}

function headersWithType(init: HeadersInit, type: string): string | Headers {
  if (init === undefined) return type === "" ? "" : `content-type\n${type}`;
  if (init === null || (init !== undefined && typeof init !== "object")) {
    throw new TypeError(
      "Incorrect type for the 'headers' field on 'InitializerDict': the provided value is not of type 'Headers or Sequence or object'.",
    );
  }
  const headers = new Headers(init);
  if (type !== "" && !headers.has("content-type")) headers.set("content-type", type);
  return guardHeaders(headers, "response");
}
