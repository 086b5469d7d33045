/**
 * A process that runs no Worker as a caller of Workers: what `drover call` and the test API stand on.
 * It takes the part of another session's Worker: an RPC engine of its own, a socket to the thread of
 * each Worker that it calls (docs/protocol.md), and one invocation, which lasts until `close`. Values
 * of the platform are Node's own here. Runs in the process of the command, or of the test.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { RpcContext } from "../rpc/context.ts";
import type {
  AcceptedSession,
  Context,
  Link,
  RpcHost,
  ServiceChannel,
  SessionOpen,
} from "../rpc/contract.ts";
import { RpcEngine } from "../rpc/engine.ts";
import { withLastWords } from "../rpc/transports/last-words.ts";
import { listenPipe, type PipeServer } from "../rpc/transports/pipe.ts";
import { connectTransport, createSocketTransport } from "../rpc/transports/socket.ts";
import { workerNotFound } from "../util/worker-not-found.ts";
import { nativeStreams } from "./native-streams.ts";
import { nativeValues } from "./native-values.ts";

export interface RpcClientOptions {
  /**
   * Where a Worker's newest thread listens: a unix socket or named pipe. Asked for every call; may
   * reject with what the call is to fail with.
   */
  readonly addressOf: (worker: string) => string | Promise<string>;
  /** What the Workers' logs call this caller's work; "": nothing. */
  readonly requestId?: string;
  /** What is sent is plain data, functions, targets and streams, no Response; default false. */
  readonly sendsData?: boolean;
  /** Workers that this process plays, once it listens. */
  readonly fakes?: Fakes;
}

/** Objects by Worker and entrypoint; `fetch` of one gets a Request, everything else is RPC. */
export type Fakes = Readonly<Record<string, Readonly<Record<string, object>>>>;

interface OpenLink {
  readonly path: string;
  readonly link: Promise<Link>;
  /** Once it is there. */
  ready: Link | undefined;
}

export class RpcClient {
  readonly #options: RpcClientOptions;
  readonly #context: RpcContext;
  readonly #engine: RpcEngine;
  /** By Worker: the one that new calls take. */
  readonly #links: Map<string, OpenLink> = new Map();
  /** Calls that are under way on a link to an earlier generation keep it. */
  readonly #all: Set<Link> = new Set();
  /** Whose code runs: that of a call that came in, else the process's own. */
  readonly #current: AsyncLocalStorage<Context> = new AsyncLocalStorage();
  #server: PipeServer | undefined;
  #isClosed = false;

  constructor(options: RpcClientOptions) {
    this.#options = options;
    const trace = { requestId: options.requestId ?? "", depth: 0 };
    this.#context = new RpcContext({ trace, kind: "request" });
    this.#engine = new RpcEngine(this.#createHost());
  }

  /** `RpcTarget` and `RpcStub` as this process may use them: classes of "cloudflare:workers". */
  get classes(): Pick<RpcEngine, "RpcTarget" | "RpcStub"> {
    return this.#engine;
  }

  /** A stub of an entrypoint, as a service binding is one. Nothing is connected before its first call. */
  stub(worker: string, entrypoint?: string): object {
    const isDefault = entrypoint === undefined || entrypoint === "default";
    const target = { service: worker, ...(isDefault ? {} : { entrypoint }) };
    return this.#engine.createServiceStub(this.#channel(target), { bindingName: worker });
  }

  /** Workers may call the fakes there, at a unix socket or named pipe. Throws if it is not free. */
  listen(path: string): void {
    this.#server = listenPipe(path, (socket) => {
      this.#track(this.#engine.openLink(createSocketTransport(socket), "a Worker"));
    });
  }

  /** Calls that are open fail, as all later ones do, and Workers see their stubs disposed. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server?.close();
    await this.disconnect();
    // Up to Node 22 every promise of the process carries it from its first use on.
    this.#current.disable();
  }

  /** The same, but later calls connect anew. */
  async disconnect(): Promise<void> {
    await Promise.allSettled([...this.#links.values()].map(({ link }) => link));
    const links = [...this.#all];
    // The invocation itself has no end: it would leave open calls without an answer.
    for (const link of links) link.close();
    await Promise.all(links.map((link) => link.closed));
  }

  #createHost(): RpcHost {
    return {
      currentContext: () => this.#current.getStore() ?? this.#context,
      // Where nothing else runs the own one needs no mark, which costs every promise a little.
      runInContext: (context, fn) =>
        context === this.#context && this.#current.getStore() === undefined
          ? fn()
          : this.#current.run(context, fn),
      accept: (open) => acceptFake(open, this.#options.fakes ?? {}),
      channelFor: (token) => this.#channel(token),
      valueTypes: nativeValues(this.#options.sendsData !== true),
      streams: nativeStreams,
      flags: {
        rpc: true,
        rpcParamsDupStubs: true,
        enhancedErrorSerialization: true,
        abortSignalRpc: true,
        fetcherHasGetPutDelete: false,
        serviceBindingExtraHandlers: false,
      },
      // Said by the Workers themselves, or thrown to whoever calls.
      report: () => {},
    };
  }

  #channel(token: ServiceChannel["token"]): ServiceChannel {
    return { token, connect: () => this.#connect(token.service) };
  }

  #connect(worker: string): Link | Promise<Link> {
    if (this.#isClosed) return Promise.reject(new Error(`Worker "${worker}" has been stopped.`));
    const path = this.#options.addressOf(worker);
    return typeof path === "string"
      ? this.#linkTo(worker, path)
      : path.then((found) => this.#linkTo(worker, found));
  }

  #linkTo(worker: string, path: string): Link | Promise<Link> {
    const known = this.#links.get(worker);
    if (known !== undefined) {
      if (known.path === path && known.ready?.open !== false) return known.ready ?? known.link;
      known.ready?.closeWhenIdle();
    }
    const opened: OpenLink = { path, link: this.#open(worker, path), ready: undefined };
    this.#links.set(worker, opened);
    opened.link.then(
      (link) => {
        opened.ready = link;
      },
      () => {
        if (this.#links.get(worker) === opened) this.#links.delete(worker);
      },
    );
    return opened.link;
  }

  async #open(worker: string, path: string): Promise<Link> {
    try {
      return await this.#openAt(worker, path);
    } catch (error) {
      // A thread that has just been replaced: the next one listens elsewhere.
      const newest = await this.#options.addressOf(worker);
      if (newest !== path) return await this.#open(worker, newest);
      throw new Error(workerNotFound(worker), { cause: error });
    }
  }

  #openAt(worker: string, path: string): Promise<Link> {
    return new Promise((resolve, reject) => {
      connectTransport(path, (outcome) => {
        if (outcome instanceof Error) {
          reject(outcome);
          return;
        }
        const transport = withLastWords(outcome, path, (words) =>
          link.breakSession(words.session, () => new Error(words.message)),
        );
        const link: Link = this.#engine.openLink(transport, worker);
        resolve(this.#track(link));
      });
    });
  }

  #track(link: Link): Link {
    this.#all.add(link);
    void link.closed.then(() => this.#all.delete(link));
    return link;
  }
}

/** The callee's side of a call to a Worker that this process plays. */
function acceptFake({ trace, target }: SessionOpen, fakes: Fakes): AcceptedSession {
  const { service, entrypoint = "default" } = target;
  const context = new RpcContext({ trace, kind: "request" });
  const find = (): object => {
    const found = Object.hasOwn(fakes, service) ? fakes[service] : undefined;
    if (found === undefined) throw new Error(workerNotFound(service));
    const object = Object.hasOwn(found, entrypoint) ? found[entrypoint] : undefined;
    if (object === undefined) {
      throw new Error(`Worker "${service}" does not export an entrypoint named "${entrypoint}".`);
    }
    // What a plain object has of its own is meant to be called: it is the prototype of what RPC sees.
    const isPlain = Object.getPrototypeOf(object) === Object.prototype;
    return isPlain ? (Object.create(object) as object) : object;
  };
  return {
    context,
    lookup: "class",
    entrypoint,
    target: find,
    event(name, args) {
      const object = find();
      const handler: unknown = Reflect.get(object, name);
      if (typeof handler === "function") return handler.apply(object, args);
      throw new Error(`Handler does not export a ${name}() function.`);
    },
    finished: () => context.end(),
  };
}
