/**
 * `http.Server` (spec/node.md 8.2): answers requests that the Worker gets, by a port that is only a
 * name (net/ports.ts). `handleRequest` is what `cloudflare:node` calls.
 */
import { EventEmitter } from "node:events";
import { takeBody } from "../../web/http/body.ts";
import { headersToWire } from "../../web/http/headers.ts";
import { type Request, requestState } from "../../web/http/request.ts";
import type { Response } from "../../web/http/response.ts";
import { invalidProperty, invalidType, nodeError } from "../errors.ts";
import { optionNotImplemented } from "../net/errors.ts";
import { callOnClose, listenArguments } from "../net/listening.ts";
import { claimPort, listenPort, releasePort } from "../net/ports.ts";
import { IncomingMessage, rawHeaders } from "./incoming-message.ts";
import { answerWith, ServerResponse } from "./server-response.ts";

type Listener = (...args: unknown[]) => unknown;

interface ServerOptions {
  readonly IncomingMessage?: typeof IncomingMessage;
  readonly ServerResponse?: typeof ServerResponse;
  readonly highWaterMark?: number;
  readonly requestTimeout?: number;
  readonly headersTimeout?: number;
  readonly [name: string]: unknown;
}

export interface Surroundings {
  readonly env: unknown;
  readonly ctx: unknown;
}

const UNSUPPORTED = [
  "maxHeaderSize",
  "keepAliveTimeout",
  "keepAliveTimeoutBuffer",
  "connectionsCheckingInterval",
];
const BOOLEANS = ["insecureHTTPParser", "joinDuplicateHeaders"];
const ADDRESS = "127.0.0.1";

/** What a request's `socket` tells; there is none. */
class RequestSocket extends EventEmitter {
  readonly encrypted: boolean;
  readonly remoteFamily = "IPv4";
  readonly remoteAddress: string;
  readonly remotePort: number = 32_768 + Math.trunc(Math.random() * 32_767);
  readonly localAddress: string;
  readonly localPort: number;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage, port: number) {
    super();
    const { headers } = request;
    this.#request = request;
    this.encrypted = headers["x-forwarded-proto"] === "https";
    this.remoteAddress = String(headers["cf-connecting-ip"] ?? ADDRESS);
    this.localAddress = String(headers.host ?? ADDRESS);
    this.localPort = port;
  }

  get readable(): boolean {
    return this.#request.readable;
  }

  destroy(error?: Error): this {
    this.#request.destroy(error);
    return this;
  }
}

/** `request`, the way that user code made it, as `server` hands it to its listeners. */
export let handleRequest: (
  server: Server,
  request: Request,
  surroundings: Surroundings,
) => Promise<Response>;

export class Server extends EventEmitter {
  listening = false;
  timeout = 0;
  maxHeadersCount: number | null = null;
  maxRequestsPerSocket = 0;
  keepAliveTimeout = 5000;
  requestTimeout: number;
  headersTimeout: number;
  #port: number | undefined;
  readonly #options: ServerOptions;

  constructor(options?: ServerOptions | Listener, listener?: Listener) {
    super();
    if (!/^(?:object|function|undefined)$/.test(typeof options)) {
      throw invalidType("options", "of type object", options);
    }
    const given = typeof options === "object" && options !== null ? options : {};
    for (const name of UNSUPPORTED) {
      if (given[name] !== undefined) throw optionNotImplemented(name, "");
    }
    for (const name of BOOLEANS) {
      const value = given[name];
      if (value === undefined || value === null || typeof value === "boolean") continue;
      throw invalidProperty(`options.${name}`, "of type boolean", value);
    }
    this.#options = given;
    this.requestTimeout = given.requestTimeout ?? 300_000;
    this.headersTimeout = given.headersTimeout ?? 60_000;
    const onRequest = typeof options === "function" ? options : listener;
    if (onRequest !== undefined) this.on("request", onRequest);
  }

  static {
    handleRequest = (server, request, surroundings) => server.#handle(request, surroundings);
  }

  listen(...args: unknown[]): this {
    if (this.listening) {
      throw nodeError(
        Error,
        "ERR_SERVER_ALREADY_LISTEN",
        "Listen method has been called more than once without closing.",
      );
    }
    const { port, callback } = listenArguments(args);
    this.#port = claimPort(listenPort(port), this, ADDRESS);
    this.listening = true;
    if (callback !== undefined) this.once("listening", callback);
    queueMicrotask(() => this.emit("listening"));
    return this;
  }

  close(callback?: Listener): this {
    const wasListening = this.listening;
    // Unlike net.Server, which tells a server that is not running.
    if (callback !== undefined && !wasListening) queueMicrotask(() => callback());
    if (this.#port !== undefined) releasePort(this.#port);
    this.#port = undefined;
    this.listening = false;
    if (wasListening) callOnClose(this, true, callback);
    if (wasListening) queueMicrotask(() => this.emit("close"));
    return this;
  }

  address(): object | null {
    if (this.#port === undefined) return null;
    return { port: this.#port, family: "IPv4", address: ADDRESS };
  }

  getConnections(callback?: (error: Error | null, count: number) => void): this {
    if (callback !== undefined) queueMicrotask(() => callback(null, 0));
    return this;
  }

  setTimeout(ms: number, callback?: Listener): this {
    this.timeout = ms;
    if (callback !== undefined) this.on("timeout", callback);
    return this;
  }

  closeAllConnections(): void {}

  closeIdleConnections(): void {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.listening) await new Promise<void>((resolve) => this.close(() => resolve()));
  }

  #handle(request: Request, { env, ctx }: Surroundings): Promise<Response> {
    const {
      IncomingMessage: Incoming = IncomingMessage,
      ServerResponse: Outgoing = ServerResponse,
    } = this.#options;
    const incoming = incomingOf(request, Incoming);
    const socket = new RequestSocket(incoming, this.#port ?? 0);
    incoming.socket = socket;
    Object.defineProperty(incoming, "cloudflare", {
      value: { env, ctx, cf: (request as { readonly cf?: unknown }).cf },
      writable: true,
      enumerable: true,
      configurable: true,
    });
    const outgoing = new Outgoing(incoming, { highWaterMark: this.#options.highWaterMark });
    return new Promise((resolve, reject) => {
      answerWith(outgoing, resolve);
      this.emit("connection", this, incoming);
      for (const listener of this.rawListeners("request")) {
        const result = Reflect.apply(listener, this, [incoming, outgoing]) as unknown;
        // A rejection is the request's; nobody else would hear of it.
        if (isThenable(result)) result.then(undefined, reject);
      }
    });
  }
}

function incomingOf(request: Request, Incoming: typeof IncomingMessage): IncomingMessage {
  const { headers, url, method } = requestState(request);
  const wire = inOrder(typeof headers === "string" ? headers : headersToWire(headers));
  const incoming = new Incoming(undefined, { headers: wire, body: () => takeBody(request) });
  const path = url.indexOf("/", url.indexOf("//") + 2);
  incoming.method = method;
  incoming.url = path < 0 ? "/" : url.slice(path);
  incoming.rawHeaders = rawHeaders(wire);
  return incoming;
}

/** As Headers lists them: names in lower case and in order, values of one name joined. */
function inOrder(wire: string): string {
  if (wire === "") return wire;
  const parts = wire.split("\n");
  const joined = new Map<string, string>();
  const cookies: string[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const name = (parts[i] as string).toLowerCase();
    const value = parts[i + 1] as string;
    const known = joined.get(name);
    if (name === "set-cookie") cookies.push(`${name}\n${value}`);
    else joined.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  const lines = [...joined].map(([name, value]) => `${name}\n${value}`);
  // A name ends before every character that names may have.
  return [...lines, ...cookies].sort().join("\n");
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
