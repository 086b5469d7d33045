/**
 * The HTTP client of a session whose own process answers outbound requests (`startDev({ outbound })`):
 * they go to a socket of it, with the URL that they are for in a header (protocol/outbound-hook.ts).
 * WebSockets and TCP go to the network as ever. Main thread of the host; made by host.ts.
 */
import { HOOK_URL_HEADER } from "../../protocol/outbound-hook.ts";
import type { HttpClient, LoadHttpClient } from "./request.ts";

/** `socket`: asked when the client is loaded; undefined: nobody hooks. */
export function hookable(load: LoadHttpClient, socket: () => string | undefined): LoadHttpClient {
  return async () => {
    const http = await load();
    const path = socket();
    return path === undefined ? http : new HookedClient(http, path);
  };
}

class HookedClient implements HttpClient {
  readonly Agent: HttpClient["Agent"];
  readonly #http: HttpClient;
  readonly #dispatcher: object;

  constructor(http: HttpClient, socketPath: string) {
    this.Agent = http.Agent;
    this.#http = http;
    this.#dispatcher = new http.Agent({
      connect: { socketPath },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  request(
    url: string,
    options: object & { readonly headers?: readonly string[] },
  ): ReturnType<HttpClient["request"]> {
    const headers = [...(options.headers ?? []), HOOK_URL_HEADER, url];
    const dispatcher = this.#dispatcher;
    return this.#http.request("http://localhost/", { ...options, headers, dispatcher });
  }
}
