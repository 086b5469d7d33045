/**
 * Two Workers without Workers: two engines joined by a transport, an AsyncLocalStorage for contexts
 * and a table of entrypoints. `run` is one invocation of the caller. Closing the harness asserts
 * that nothing is left in any table.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { MessageChannel } from "node:worker_threads";
import { expect } from "vitest";
import { RpcContext } from "../../../src/rpc/context.ts";
import type {
  AcceptedSession,
  Context,
  Gates,
  Link,
  RpcFlags,
  RpcHost,
  RpcReport,
  ServiceChannel,
  SessionOpen,
  Transport,
  ValueType,
} from "../../../src/rpc/contract.ts";
import { RpcEngine } from "../../../src/rpc/engine.ts";
import { createMemoryTransportPair } from "../../../src/rpc/transports/memory.ts";
import { createPortTransport } from "../../../src/rpc/transports/message-port.ts";
import { createSocketTransport } from "../../../src/rpc/transports/socket.ts";
import { streamPlatform } from "../../../src/web/streams/platform.ts";
import { createPipePair } from "./pipes.ts";

export type TransportName = "memory" | "message-port" | "socket";
export const transportNames: readonly TransportName[] = ["memory", "message-port", "socket"];

export async function createTransportPair(name: TransportName): Promise<[Transport, Transport]> {
  if (name === "memory") return createMemoryTransportPair();
  if (name === "message-port") {
    const { port1, port2 } = new MessageChannel();
    return [createPortTransport(port1), createPortTransport(port2)];
  }
  const [near, far] = await createPipePair();
  return [createSocketTransport(near, { opens: true }), createSocketTransport(far)];
}

export const defaultFlags: RpcFlags = {
  rpc: true,
  rpcParamsDupStubs: true,
  enhancedErrorSerialization: true,
  abortSignalRpc: true,
  fetcherHasGetPutDelete: false,
  serviceBindingExtraHandlers: false,
};

export type EntrypointClass = new (ctx: Context, env: never) => object;

export interface WorkerSetup {
  readonly flags?: Partial<RpcFlags>;
  readonly limits?: "off" | "warn" | "enforce";
  readonly strict?: boolean;
  readonly valueTypes?: readonly ValueType[];
  readonly gates?: Gates;
  readonly kind?: "request" | "durable-object";
}

/** One Worker: an engine, its host, its entrypoints. */
export class FakeWorker {
  readonly name: string;
  readonly engine: RpcEngine;
  readonly reports: RpcReport[] = [];
  readonly contexts: RpcContext[] = [];
  readonly finished: unknown[] = [];
  readonly als: AsyncLocalStorage<Context> = new AsyncLocalStorage();
  /** Entrypoints by name; classes are constructed with (ctx, env). */
  entrypoints: Record<string, unknown> = {};
  env: Record<string, unknown> = {};
  readonly links: Map<string, Link> = new Map();
  readonly setup: WorkerSetup;

  constructor(name: string, setup: WorkerSetup = {}) {
    this.name = name;
    this.setup = setup;
    const host: RpcHost = {
      currentContext: () => this.als.getStore(),
      runInContext: (context, fn) => this.als.run(context, fn),
      accept: (open) => this.#accept(open),
      channelFor: (token) => this.channel(token),
      streams: streamPlatform,
      valueTypes: setup.valueTypes ?? [],
      flags: { ...defaultFlags, ...setup.flags },
      limits: setup.limits ?? "off",
      strict: setup.strict ?? false,
      report: (report) => this.reports.push(report),
    };
    this.engine = new RpcEngine(host);
  }

  channel(token: ServiceChannel["token"]): ServiceChannel {
    return {
      token,
      connect: () => {
        const link = this.links.get(token.service);
        if (link === undefined) throw new Error(`Worker "${token.service}" not found.`);
        return link;
      },
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
  binding(service: string, entrypoint?: string, props?: Record<string, unknown>): any {
    const token = { service, ...(entrypoint && { entrypoint }), ...(props && { props }) };
    return this.engine.createServiceStub(this.channel(token), {
      bindingName: service.toUpperCase(),
    });
  }

  newContext(trace = { requestId: "", depth: 0 }): RpcContext {
    const { gates, kind = "request" } = this.setup;
    const context = new RpcContext({ trace, kind, ...(gates && { gates }) });
    this.contexts.push(context);
    return context;
  }

  #accept(open: SessionOpen): AcceptedSession {
    const context = this.newContext(open.trace as never);
    const name = open.target.entrypoint ?? "default";
    const entrypoint = this.entrypoints[name];
    const isClass = typeof entrypoint === "function";
    let instance: object | undefined;
    const target = (): object => {
      if (entrypoint === undefined) throw new Error(`no entrypoint ${name}`);
      if (!isClass) return entrypoint as object;
      Object.assign(context, { props: open.target.props ?? {} });
      instance ??= new (entrypoint as EntrypointClass)(context, this.env as never);
      return instance;
    };
    return {
      context,
      target,
      lookup: isClass ? "class" : "handler",
      handlerArgs: [this.env, context],
      event: (event, args) => {
        const object = target() as Record<string, (...args: unknown[]) => unknown>;
        return object[event]?.(...args);
      },
      finished: (reason) => {
        this.finished.push(reason);
        context.end();
      },
    };
  }

  /** One invocation; ends its context afterwards. */
  async run<T>(fn: (env: Record<string, unknown>) => T | Promise<T>): Promise<T> {
    const context = this.newContext();
    try {
      return await this.als.run(context, async () => await fn(this.env));
    } finally {
      context.end();
    }
  }

  ofType<T extends RpcReport["type"]>(type: T): Extract<RpcReport, { type: T }>[] {
    return this.reports.filter((r): r is Extract<RpcReport, { type: T }> => r.type === type);
  }
}

export class Harness implements AsyncDisposable {
  readonly client: FakeWorker;
  readonly server: FakeWorker;
  readonly transports: [Transport, Transport];
  readonly near: Link;
  readonly far: Link;
  /** Sessions that are meant to be open still when the harness is closed. */
  expectSessions = 0;

  constructor(client: FakeWorker, server: FakeWorker, transports: [Transport, Transport]) {
    this.client = client;
    this.server = server;
    this.transports = transports;
    this.near = client.engine.openLink(transports[0], "server");
    this.far = server.engine.openLink(transports[1], "client");
    client.links.set("server", this.near);
    server.links.set("client", this.far);
    server.links.set("server", server.engine.createSelfLink("server"));
    client.env.SERVER = client.binding("server");
    server.env.CLIENT = server.binding("client");
  }

  // biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
  run<T>(fn: (server: any, env: Record<string, any>) => T | Promise<T>): Promise<T> {
    return this.client.run((env) => fn(env.SERVER, env));
  }

  async settle(turns = 6): Promise<void> {
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.near.open && this.far.open) {
      for (let i = 0; i < 50 && (this.near.sessions > 0 || this.far.sessions > 0); i++) {
        await this.settle();
      }
      expect({ near: this.near.sessions, far: this.far.sessions }).toEqual({ near: 0, far: 0 });
    }
    await this.settle();
    for (const worker of [this.client, this.server]) {
      expect(worker.contexts.map((context) => context.pending)).toEqual(
        worker.contexts.map(() => 0),
      );
    }
    this.near.close();
    this.far.close();
    await Promise.all([this.near.closed, this.far.closed]);
    // The tests of a process would pay for those of all others with every promise.
    for (const worker of [this.client, this.server]) worker.als.disable();
  }
}

export interface HarnessOptions {
  readonly transport?: TransportName;
  readonly client?: WorkerSetup;
  readonly server?: WorkerSetup;
  readonly flags?: Partial<RpcFlags>;
}

/** `entrypoints` gets the server's engine classes; its result is what the server exports. */
export async function createHarness(
  entrypoints: (server: FakeWorker) => Record<string, unknown>,
  options: HarnessOptions = {},
): Promise<Harness> {
  const { flags, transport = "memory" } = options;
  const client = new FakeWorker("client", { ...options.client, ...(flags && { flags }) });
  const server = new FakeWorker("server", { ...options.server, ...(flags && { flags }) });
  server.entrypoints = entrypoints(server);
  return new Harness(client, server, await createTransportPair(transport));
}
