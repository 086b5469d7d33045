/**
 * `http.ClientRequest` (spec/node.md 8.1): collects its body and sends it with the Worker's fetch when
 * it ends; the answer's body comes as it is, still encoded.
 */
import { AbortController } from "../../web/events/abort-signal.ts";
import { Blob } from "../../web/forms/blob.ts";
import { takeBody } from "../../web/http/body.ts";
import { fetch } from "../../web/http/fetch.ts";
import { headersToWire } from "../../web/http/headers.ts";
import type { Response } from "../../web/http/response.ts";
import { nodeError, received } from "../errors.ts";
import { httpAgents } from "./agent.ts";
import { argumentsOf, targetOf } from "./client-options.ts";
import { aborted, hungUp } from "./errors.ts";
import { IncomingMessage } from "./incoming-message.ts";
import { type HeaderValue, OutgoingMessage } from "./outgoing-message.ts";

type Done = (error?: Error | null) => void;
type Encoding = BufferEncoding | Done | undefined;

const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const BODYLESS = new Set(["GET", "HEAD"]);

export class ClientRequest extends OutgoingMessage {
  readonly method: string;
  readonly protocol: string;
  readonly host: string;
  path: string;
  readonly agent: unknown;
  aborted = false;
  reusedSocket = false;
  maxHeadersCount: number | null = Number.POSITIVE_INFINITY;
  timeout: number | undefined;
  res: IncomingMessage | null = null;
  readonly #url: URL;
  readonly #controller: AbortController = new AbortController();
  #chunks: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasAnswer = false;

  /** (url, options?, callback?) or (options, callback?) */
  constructor(...args: unknown[]) {
    super({ autoDestroy: false });
    const { options, callback } = argumentsOf(args);
    const { _defaultAgent: defaultAgent = httpAgents().globalAgent } = options;
    this.socket = null;
    this.#url = targetOf(options, defaultAgent.protocol);
    const { method = "GET", agent = defaultAgent } = options;
    if (typeof method !== "string") {
      const message = `The "options.method" property must be of type string. Received ${received(method)}`;
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
    }
    if (!TOKEN.test(method)) {
      const message = `Method must be a valid HTTP token ["${method}"]`;
      throw nodeError(TypeError, "ERR_INVALID_HTTP_TOKEN", message);
    }
    this.method = method.toUpperCase();
    this.agent = agent;
    this.protocol = this.#url.protocol;
    this.host = this.#url.hostname;
    this.path = `${this.#url.pathname}${this.#url.search}`;
    this.#takeHeaders(options.headers);
    if (options.setHost !== false && !this.hasHeader("host")) {
      this.setHeader("Host", this.#url.host);
    }
    if (options.auth && !this.hasHeader("authorization")) {
      this.setHeader("Authorization", `Basic ${Buffer.from(options.auth).toString("base64")}`);
    }
    if (callback !== undefined) this.once("response", callback);
    if (options.timeout !== undefined) this.setTimeout(options.timeout);
    const { signal } = options;
    if (signal === undefined || signal === null) return;
    const abort = (): void => void this.destroy(aborted(signal.reason));
    if (signal.aborted) queueMicrotask(abort);
    else signal.addEventListener("abort", abort, { once: true });
  }

  override _implicitHeader(): void {
    this._header = `${this.method} ${this.path} HTTP/1.1\r\n`;
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#chunks.push(new Uint8Array(chunk));
    done();
  }

  override end(chunk?: unknown, encoding?: Encoding, done?: Done): this {
    if (typeof chunk === "function") return this.end(undefined, undefined, chunk as Done);
    if (typeof encoding === "function") return this.end(chunk, undefined, encoding);
    return super.end(chunk, encoding as BufferEncoding, done) as this;
  }

  override _final(done: Done): void {
    if (!this.headersSent) this._implicitHeader();
    done();
    void this.#send();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#clearTimer();
    this.#controller.abort();
    const isEarly = !this.#hasAnswer && !this.aborted;
    if (this.#hasAnswer && error !== null) this.res?.destroy(error);
    done(error ?? (isEarly ? hungUp() : null));
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    process.nextTick(() => this.emit("abort"));
    this.destroy();
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.timeout = ms;
    this.#clearTimer();
    if (callback !== undefined) this.once("timeout", callback);
    if (ms > 0) {
      this.#timer = setTimeout(() => {
        this.emit("timeout");
        this.destroy(aborted());
      }, ms);
    }
    return this;
  }

  setNoDelay(): void {}

  setSocketKeepAlive(): void {}

  onSocket(): void {}

  /** Never rejects. */
  async #send(): Promise<void> {
    try {
      const response = await fetch(this.#url.href, {
        method: this.method,
        headers: this.#pairs(),
        redirect: "manual",
        signal: this.#controller.signal,
        encodeResponseBody: "manual",
        ...(this.#hasBody() && { body: new Blob(this.#chunks) }),
      } as object);
      if (!this.destroyed) this.#onResponse(response);
    } catch (error) {
      if (!this.destroyed) this.destroy(error as Error);
    }
  }

  #onResponse(response: Response): void {
    this.#clearTimer();
    this.#hasAnswer = true;
    const { status, statusText, url, headers } = response;
    const wire = headersToWire(headers);
    const message = new IncomingMessage(undefined, {
      headers: wire,
      body: () => takeBody(response),
    });
    message.statusCode = status;
    message.statusMessage = statusText;
    message.url = url;
    this.res = message;
    message.once("close", () => this.destroy());
    const isHeard = this.emit("response", message);
    if (!isHeard) message.resume();
  }

  #hasBody(): boolean {
    return !BODYLESS.has(this.method) && this.#chunks.length > 0;
  }

  #pairs(): [string, string][] {
    const pairs: [string, string][] = [];
    for (const [name, value] of Object.entries(this.getHeaders())) {
      for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) {
        pairs.push([name, one]);
      }
    }
    return pairs;
  }

  #takeHeaders(headers: unknown): void {
    if (headers === undefined || headers === null) return;
    if (Array.isArray(headers)) {
      const isFlat = !Array.isArray(headers[0]);
      for (let i = 0; i < headers.length; i += isFlat ? 2 : 1) {
        const [name, value] = isFlat ? headers.slice(i, i + 2) : (headers[i] as unknown[]);
        this.appendHeader(String(name), value as HeaderValue);
      }
      return;
    }
    const entries =
      Symbol.iterator in (headers as object)
        ? (headers as Iterable<[string, HeaderValue]>)
        : Object.entries(headers as Record<string, HeaderValue>);
    for (const [name, value] of entries) this.setHeader(name, value);
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
