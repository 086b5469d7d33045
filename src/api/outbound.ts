/**
 * The end of outbound requests in the process of `startDev` (protocol/outbound-hook.ts): asks the
 * program's hook, and sends on what it leaves alone. Owned by dev-server.ts.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { request as sendOn } from "undici";
import { HOOK_URL_HEADER } from "../protocol/outbound-hook.ts";

/** Undefined: the request goes to the network. */
export type OutboundHook = (
  request: Request,
) => Response | undefined | Promise<Response | undefined>;

const NO_BODY: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export class OutboundServer implements AsyncDisposable {
  readonly #hook: OutboundHook;
  readonly #server: Server;

  constructor(hook: OutboundHook) {
    this.#hook = hook;
    this.#server = createServer((incoming, outgoing) => {
      // The Worker's fetch rejects, as it does when a connection breaks.
      this.#answer(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** At a unix socket or named pipe. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(path, resolve);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET" } = incoming;
    const {
      [HOOK_URL_HEADER]: url,
      connection: _,
      "transfer-encoding": __,
      ...rest
    } = incoming.headers;
    const headers = rest as Record<string, string>;
    const hasBody = !NO_BODY.has(method);
    // The hook may read one half, and the network gets the other where it does not answer.
    const [seen, kept] = hasBody ? Readable.toWeb(incoming).tee() : [null, null];
    const init = { method, headers, redirect: "manual", duplex: "half" } as const;
    const response = await this.#hook(
      new Request(String(url), { ...init, body: seen as ReadableStream | null }),
    );
    if (response !== undefined) {
      outgoing.writeHead(response.status, response.statusText, [...response.headers].flat());
      if (response.body === null) outgoing.end();
      else await pipeline(response.body, outgoing);
      return;
    }
    const { host: ___, ...sent } = headers;
    const answer = await sendOn(String(url), {
      method: method as "GET",
      headers: sent,
      body: kept === null ? null : Readable.fromWeb(kept),
    });
    outgoing.writeHead(answer.statusCode, answer.headers);
    await pipeline(answer.body, outgoing);
  }
}
