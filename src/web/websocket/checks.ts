/** What WebSockets say of their arguments, and what they make of them (spec/platform.md 11); pure. */
import { httpCompat } from "../compat.ts";
import { wrongParameter } from "../streams/arguments.ts";
import type { WebSocketData } from "./sink.ts";

export const NOT_ACCEPTED =
  "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";
const MAX_REASON = 123;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function parseWebSocketUrl(text: string): string {
  // Nothing around it, and its slashes are there: it is not read as leniently as other URLs.
  const isPlain = /^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const url = isPlain && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw badArgument("The url is invalid.");
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw badArgument("The url scheme must be ws or wss.");
  }
  if (url.hash !== "" || text.endsWith("#")) throw badArgument("The url fragment must be empty.");
  return url.href;
}

/** Of `new WebSocket(url, protocols)`: one or a list. */
export function cleanProtocols(given: unknown): string[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    const name = `${given}`;
    if (!TOKEN.test(name)) throw badArgument("The protocol header token is invalid.");
    return [name];
  }
  const names = given.map((name) => `${name}`);
  if (!names.every((name) => TOKEN.test(name))) {
    throw badArgument("One of the protocol header tokens is invalid.");
  }
  if (new Set(names).size < names.length) {
    throw badArgument("The protocols header cannot have repeating values.");
  }
  return names;
}

export function acceptOptions(options: unknown): { readonly allowHalfOpen: boolean } {
  if (options === undefined || options === null) return { allowHalfOpen: false };
  if (typeof options !== "object" && typeof options !== "function") {
    throw wrongParameter("accept", "WebSocket", 1, "AcceptOptions");
  }
  return { allowHalfOpen: Boolean(Reflect.get(options, "allowHalfOpen")) };
}

/** Bytes are copied: the caller may go on writing to its buffer. */
export function toMessage(data: unknown): WebSocketData {
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer)
    return new Uint8Array(data).slice();
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  }
  return `${data}`;
}

/** Throws what production says of a code or reason that no close frame may have. */
export function checkClose(code: unknown, reason: unknown): void {
  if (code === undefined) {
    if (reason === undefined) return;
    throw new DOMException(
      "If you specify a WebSocket close reason, you must also specify a code.",
      "InvalidAccessError",
    );
  }
  if (typeof code === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  const given = Number(code);
  if (Number.isFinite(given) && (given < -(2 ** 31) || given >= 2 ** 31)) {
    throw new TypeError(
      "Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
    );
  }
  const number = given | 0;
  const isValid = httpCompat().pedantic
    ? number === 1000 || (number >= 3000 && number < 5000)
    : number >= 1000 && number < 5000 && ![1004, 1005, 1006, 1015].includes(number);
  if (!isValid) {
    throw new DOMException(`Invalid WebSocket close code: ${number}.`, "InvalidAccessError");
  }
  const isLimited = httpCompat().closeReasonLimit;
  if (isLimited && reason !== undefined && Buffer.byteLength(String(reason)) > MAX_REASON) {
    throw new DOMException(
      "WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.",
      "SyntaxError",
    );
  }
}

function badArgument(text: string): DOMException {
  return new DOMException(`WebSocket Constructor: ${text}`, "SyntaxError");
}

/**
 * Of an end that a Durable Object takes over. `isAccepted`: by `accept()` or an object; `isUsed`: in a Response, or it
 * is no end of a pair.
 */
export function checkHibernation(isAccepted: boolean, isUsed: boolean): void {
  if (isAccepted) {
    throw new Error(
      "Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`",
    );
  }
  if (isUsed) {
    throw new Error(
      "Cannot call `acceptWebSocket()` on this WebSocket because its pair has already been accepted or used in a Response.",
    );
  }
}
