/**
 * The thread's connections to other Workers: at most one open link per service that was called,
 * brokered by the host on first use, and links that others opened to here. Answers of the host
 * arrive through `onMessage`. One per thread.
 */
import { runOutside } from "../../isolate/invocation.ts";
import { noteEnding } from "../../isolate/link-endings.ts";
import { logRuntime } from "../../isolate/log.ts";
import { isDynamicService } from "../../protocol/dynamic.ts";
import { OTHER_PROCESS } from "../../protocol/running.ts";
import { storageGroupOf } from "../../protocol/storage.ts";
import type { HostToThread, LinkPeer, ThreadToHost } from "../../protocol/thread.ts";
import type { ServiceTarget } from "../../protocol/worker-spec.ts";
import type { Link, LinkOptions, ServiceChannel, Transport } from "../../rpc/contract.ts";
import { dynamicNotSendable } from "../../rpc/error-texts.ts";
import type { ByteSocket } from "../../rpc/transports/byte-socket.ts";
import { withLastWords } from "../../rpc/transports/last-words.ts";
import { createPortTransport } from "../../rpc/transports/message-port.ts";
import { listenPipe, type PipeServer } from "../../rpc/transports/pipe.ts";
import { connectTransport, createSocketTransport } from "../../rpc/transports/socket.ts";
import { createDeferred, type Deferred } from "../../util/deferred.ts";
import { messageOf } from "../../util/errors.ts";

/** What callers hear of a callee that went over a limit. */
function limitError(message: string): (isRemote: boolean) => Error {
  return (isRemote) => Object.assign(new Error(message), isRemote ? { remote: true } : {});
}

const refusals: WeakSet<object> = new WeakSet();

/**
 * True for the error of a link that the host refused: RPC rejects with it, fetch answers 503 with
 * its text (spec/wrangler.md 3.4).
 */
export function isLinkRefusal(error: unknown): error is Error {
  return typeof error === "object" && error !== null && refusals.has(error);
}

/**
 * How long a replaced thread stays for Workers of other processes that have not heard of it yet:
 * they leave within milliseconds, unless they are suspended or hold on to a stub.
 */
const LAST_CALLS_MS = 2_000;

export interface LinksOptions {
  /** Own name: calls to it stay in the thread. */
  readonly self: string;
  readonly post: (message: ThreadToHost) => void;
  readonly openLink: (transport: Transport, peer: string, options?: LinkOptions) => Link;
  readonly createSelfLink: () => Link;
}

type LinkAnswer = Extract<HostToThread, { readonly type: `link${string}` }>;
type PortMessage = Extract<HostToThread, { readonly type: "link" }>;
type BrokenLink = Extract<HostToThread, { readonly type: "link-broken" }>;

export class Links {
  readonly #options: LinksOptions;
  /** Live or being made, by service; replaced as a whole when it is stale. */
  readonly #links: Map<string, Link | Promise<Link>> = new Map();
  readonly #requests: Map<number, { readonly service: string; readonly link: Deferred<Link> }> =
    new Map();
  #lastRequest = 0;
  #selfLink: Link | undefined;
  /** Another generation runs the Durable Objects of this Worker. */
  #hasLeftObjects = false;
  #server: PipeServer | undefined;
  #isLeaving = false;
  #socketPath: string | undefined;
  /** Links that other processes opened. */
  readonly #accepted: Map<Link, ByteSocket> = new Map();
  /** Ports to other threads, by the host's number. */
  readonly #numbered: Map<number, Link> = new Map();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** A way to reach `target`; nothing is connected before the first session. */
  channel(target: ServiceTarget): ServiceChannel {
    const isObject = target.durableObject !== undefined;
    return {
      token: target,
      connect: () => this.#connect(target.service, isObject),
      ...(storageGroupOf(target.service) !== undefined && { isResource: true }),
      ...(isDynamicService(target.service) && { cloneRefusal: dynamicNotSendable }),
    };
  }

  onMessage(message: LinkAnswer): void {
    switch (message.type) {
      case "link":
        this.#onPort(message);
        break;
      case "link-socket":
        this.#onSocketPath(message.path, message.peer, message.request);
        break;
      case "link-refused":
        if (message.detail !== undefined) {
          const text = `${message.message}\n${message.detail}`;
          logRuntime("warn", text, text);
        }
        this.#refuse(message.request, message.message);
        break;
      case "link-broken":
        this.#onBroken(message);
        break;
      case "link-ending":
        noteEnding(message.link, message.ending);
        this.#options.post({ type: "link-stale-seen", notice: message.notice });
        break;
      case "link-stale":
        // Sessions that are open go on; the thread at the other end closes the link when it ends.
        this.#retire(message.service);
        this.#options.post({ type: "link-stale-seen", notice: message.notice });
        break;
    }
  }

  /** Where Workers of other processes reach it, if they do. */
  get socketPath(): string | undefined {
    return this.#socketPath;
  }

  /** Accept Workers of other processes on a unix socket or named pipe. */
  listen(path: string): void {
    const { post, openLink } = this.#options;
    let server: PipeServer;
    try {
      server = listenPipe(path, (socket) => {
        const transport = createSocketTransport(socket, { answers: () => !this.#isLeaving });
        const link = openLink(transport, "another process", { number: OTHER_PROCESS });
        this.#accepted.set(link, socket);
        void link.closed.then(() => this.#accepted.delete(link));
      });
    } catch (error) {
      post({ type: "listen-failed", path, message: messageOf(error) });
      return;
    }
    post({ type: "listening", path });
    this.#socketPath = path;
    this.#server?.close();
    this.#server = server;
  }

  /**
   * Accept nobody any more. Resolves when the Workers of other processes have heard of it and left,
   * or have been given enough time: what they call meanwhile is served.
   */
  async stopListening(): Promise<void> {
    this.#server?.close();
    // Whoever has connected and says hello from now on would not be waited for.
    this.#isLeaving = true;
    // Who never said a word is no Worker: the registry watches sockets for their end.
    const callers = [...this.#accepted].filter(([, socket]) => socket.bytesRead > 0);
    if (callers.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LAST_CALLS_MS);
      void Promise.all(callers.map(([link]) => link.closed)).then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Resolves when Workers of other processes have been sent what they were answered; undefined: they have. */
  whenSent(): Promise<unknown> | undefined {
    const waiting = [...this.#accepted.values()].filter(({ bufferedBytes }) => bufferedBytes > 0);
    if (waiting.length === 0) return undefined;
    return Promise.all(
      waiting.map((socket) => new Promise<void>((resolve) => socket.whenSent(resolve))),
    );
  }

  /** Nobody opens another session on it; a link to another process is given up once it is idle. */
  #retire(service: string): void {
    const link = this.#links.get(service);
    this.#links.delete(service);
    if (link !== undefined && !(link instanceof Promise)) link.closeWhenIdle();
  }

  /** From now on calls to own Durable Objects go to the generation that runs them. */
  leaveObjects(): void {
    this.#hasLeftObjects = true;
  }

  #connect(service: string, isObject: boolean): Link | Promise<Link> {
    const isSelf = service === this.#options.self;
    if (isSelf && !(isObject && this.#hasLeftObjects)) {
      if (this.#selfLink?.open !== true) this.#selfLink = this.#options.createSelfLink();
      return this.#selfLink;
    }
    const known = this.#links.get(service);
    if (known !== undefined && (known instanceof Promise || known.open)) return known;
    const request = ++this.#lastRequest;
    const link = createDeferred<Link>();
    this.#requests.set(request, { service, link });
    this.#links.set(service, link.promise);
    // Callers get the rejection; the cache entry itself is nobody's promise.
    link.promise.catch(() => {});
    this.#options.post({ type: "link-request", request, service });
    return link.promise;
  }

  /** The thread at the other end will be ended, and this is why. */
  #onBroken({ link, session, message, notice }: BrokenLink): void {
    this.#numbered.get(link)?.breakSession(session, limitError(message));
    this.#options.post({ type: "link-stale-seen", notice });
  }

  #onPort({ port, peer, request, link: number }: PortMessage): void {
    // Outside of any invocation: frames of all sessions arrive here.
    const link = runOutside(() =>
      this.#options.openLink(createPortTransport(port), peer.service, {
        number,
        toStore: storageGroupOf(this.#requests.get(request ?? -1)?.service ?? "") !== undefined,
      }),
    );
    if (number !== undefined) {
      this.#numbered.set(number, link);
      void link.closed.then(() => this.#numbered.delete(number));
    }
    if (request !== undefined) this.#resolve(request, link);
  }

  #onSocketPath(path: string, peer: LinkPeer, request: number): void {
    runOutside(() => {
      connectTransport(path, (outcome) => {
        if (!(outcome instanceof Error)) {
          const transport = withLastWords(outcome, path, (words) =>
            link.breakSession(words.session, limitError(words.message)),
          );
          const link: Link = this.#options.openLink(transport, peer.service);
          this.#resolve(request, link);
          return;
        }
        // The Worker is gone or listens elsewhere by now: the session knows better in a moment.
        const { service } = peer;
        this.#options.post({ type: "link-request", request, service, unreachable: path });
      });
    });
  }

  #resolve(request: number, link: Link): void {
    const waiting = this.#requests.get(request);
    if (waiting === undefined) return;
    this.#requests.delete(request);
    const { service, link: deferred } = waiting;
    deferred.resolve(link);
    if (this.#links.get(service) === deferred.promise) this.#links.set(service, link);
    // Stale meanwhile: good for those who wait, whose sessions are on it by then.
    else setImmediate(() => link.closeWhenIdle());
  }

  #refuse(request: number, text: string): void {
    const waiting = this.#requests.get(request);
    if (waiting === undefined) return;
    this.#requests.delete(request);
    // Asked anew with the next call: the target may be there by then.
    if (this.#links.get(waiting.service) === waiting.link.promise) {
      this.#links.delete(waiting.service);
    }
    const error = new Error(text);
    refusals.add(error);
    waiting.link.reject(error);
  }
}
