/**
 * HTTP requests to the Workers of a session by name, for `drover smoke` and the programmatic API.
 * Host names below .localhost do not resolve on every machine: every connection goes to the
 * session's own address.
 */
import { isIP } from "node:net";
import {
  Agent,
  buildConnector,
  Dispatcher,
  fetch,
  getGlobalDispatcher,
  type RequestInit,
  type Response,
} from "undici";
import { connectAddress } from "./connect-address.ts";
import type { ReadyInfo } from "./events.ts";

export interface WorkerClient extends AsyncDisposable {
  /**
   * `target`: a path, or a whole URL, which is used as it is; one with the session's port goes to the session,
   * whatever its host. Default Worker: the primary.
   */
  fetch(target: string, init?: RequestInit, worker?: string): Promise<Response>;
  /** A request to the primary in the name of any URL: its host is what the Worker sees. Redirects to other hosts lead there. */
  fetchAs(url: URL, init: RequestInit): Promise<Response>;
}

export function createWorkerClient(address: ReadyInfo): WorkerClient {
  const host = connectAddress(address.ip);
  const family = isIP(host) === 6 ? 6 : 4;
  const agent = new Agent({
    connect: {
      lookup: (_host, _options, done) => done(null, [{ address: host, family }]),
      // The certificate of a development server is its own.
      rejectUnauthorized: false,
    },
  });
  let impostor: Agent | undefined;
  return {
    async fetch(target, init = {}, worker) {
      if (URL.canParse(target)) {
        const isOurs = Number(new URL(target).port) === address.port;
        return await fetch(target, isOurs ? { ...init, dispatcher: agent } : init);
      }
      const base = address.workers.find(({ name }) => name === worker)?.url ?? address.url;
      return await fetch(new URL(target, base), { ...init, dispatcher: agent });
    },
    async fetchAs(url, init) {
      impostor ??= createImpostor(host, address.port);
      const target = new URL(url);
      target.protocol = `${address.protocol}:`;
      const dispatcher = new HostDispatcher(target.host, impostor);
      return await fetch(target, { ...init, dispatcher });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([agent.destroy(), impostor?.destroy()]);
    },
  };
}

/** Takes the requests to one host, and leaves what they are redirected to elsewhere to the network. */
class HostDispatcher extends Dispatcher {
  readonly #host: string;
  readonly #own: Dispatcher;

  constructor(host: string, own: Dispatcher) {
    super();
    this.#host = host;
    this.#own = own;
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const isOwn = new URL(String(options.origin)).host === this.#host;
    return (isOwn ? this.#own : getGlobalDispatcher()).dispatch(options, handler);
  }
}

/** Whatever host a URL names, its requests go to the session. */
function createImpostor(hostname: string, port: number): Agent {
  const connect = buildConnector({ rejectUnauthorized: false });
  return new Agent({
    connect: (options, callback) =>
      connect({ ...options, hostname, host: hostname, port: String(port) }, callback),
  });
}
