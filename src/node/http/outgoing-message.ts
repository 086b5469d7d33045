/**
 * `http.OutgoingMessage` (spec/node.md 8): headers until they are sent, and a Writable for the body.
 * What becomes of both is the matter of ServerResponse and ClientRequest.
 */
import { Writable } from "node:stream";
import { isHeaders } from "../../web/http/headers.ts";
import { nodeError, received } from "../errors.ts";
import { headersSent } from "./errors.ts";
import { validateHeaderName, validateHeaderValue } from "./validate.ts";

export type HeaderValue = string | number | readonly string[];

interface Entry {
  /** As it was written. */
  readonly name: string;
  value: HeaderValue;
}

export class OutgoingMessage extends Writable {
  sendDate = false;
  shouldKeepAlive = true;
  chunkedEncoding = false;
  useChunkedEncodingByDefault = true;
  strictContentLength = false;
  maxRequestsOnConnectionReached = false;
  socket: unknown = undefined;
  _header: string | null = null;
  readonly #headers: Map<string, Entry> = new Map();

  /** `autoDestroy`: it is over when everything was written. */
  constructor(
    options: { readonly highWaterMark?: number | undefined; readonly autoDestroy?: boolean } = {},
  ) {
    const { highWaterMark = 64 * 1024, autoDestroy = true } = options;
    super({ highWaterMark, autoDestroy });
  }

  get headersSent(): boolean {
    return this._header !== null;
  }

  get finished(): boolean {
    return this.writableEnded;
  }

  get connection(): unknown {
    return this.socket;
  }

  setHeader(name: string, value: HeaderValue): this {
    if (this.headersSent) throw headersSent("set");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this.#headers.set(name.toLowerCase(), { name, value });
    return this;
  }

  setHeaders(headers: Iterable<readonly [string, HeaderValue]>): this {
    if (this.headersSent) throw headersSent("set");
    if (!isHeaders(headers) && !(headers instanceof Map)) {
      const message = `The "headers" argument must be an instance of Headers or Map. Received ${received(headers)}`;
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
    }
    const cookies: string[] = [];
    for (const [name, value] of headers as Iterable<readonly [string, HeaderValue]>) {
      if (name === "set-cookie" && typeof value === "string") cookies.push(value);
      else this.setHeader(name, value);
    }
    if (cookies.length > 0) this.setHeader("set-cookie", cookies);
    return this;
  }

  appendHeader(name: string, value: HeaderValue): this {
    if (this.headersSent) throw headersSent("append");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    const known = this.#headers.get(name.toLowerCase());
    if (known === undefined) return this.setHeader(name, value);
    known.value = [...listOf(known.value), ...listOf(value)];
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    if (typeof name !== "string") throw notAString(name);
    return this.#headers.get(name.toLowerCase())?.value;
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  getRawHeaderNames(): string[] {
    return [...this.#headers.values()].map(({ name }) => name);
  }

  getHeaders(): Record<string, HeaderValue> {
    const headers: Record<string, HeaderValue> = {};
    for (const [name, { value }] of this.#headers) headers[name] = value;
    return headers;
  }

  hasHeader(name: string): boolean {
    if (typeof name !== "string") throw notAString(name);
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    if (typeof name !== "string") throw notAString(name);
    if (this.headersSent) throw headersSent("remove");
    this.#headers.delete(name.toLowerCase());
  }

  flushHeaders(): void {
    if (!this.headersSent) this._implicitHeader();
    this._send();
  }

  /** Of a subclass: what `write` and `end` do where nobody has called `writeHead`. */
  _implicitHeader(): void {
    throw nodeError(
      Error,
      "ERR_METHOD_NOT_IMPLEMENTED",
      "The _implicitHeader() method is not implemented",
    );
  }

  /** Of a subclass: what was written goes out. */
  _send(): void {}

  /** Names in lower case, as protocol/http.ts has them. */
  protected wireHeaders(): string {
    let wire = "";
    for (const [name, { value }] of this.#headers) {
      if (typeof value === "string") wire += `${wire === "" ? "" : "\n"}${name}\n${value}`;
      else {
        for (const one of listOf(value)) wire += `${wire === "" ? "" : "\n"}${name}\n${one}`;
      }
    }
    return wire;
  }
}

function listOf(value: HeaderValue): readonly string[] {
  return typeof value === "object" ? value.map(String) : [String(value)];
}

function notAString(name: unknown): Error {
  const message = `The "name" argument must be of type string. Received ${received(name)}`;
  return nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}
