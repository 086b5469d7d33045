/**
 * What `startDev` gives: a running session as an object. Owns the session, the HTTP client, the
 * caller of RPC and the folder of data that is its own; all of them end with `stop`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RequestInit, Response } from "undici";
import { RpcClient } from "../client/rpc-client.ts";
import type { ConfigFlags, ConfigSource } from "../config/flags.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { MailDecision } from "../protocol/mail.ts";
import { type PlayedBatch, type PlayedMessage, QUEUE_PATH } from "../protocol/queue-path.ts";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import { DevSession } from "../session/dev-session.ts";
import type { ReadyInfo } from "../session/events.ts";
import { createWorkerClient, type WorkerClient } from "../session/fetch-worker.ts";
import type { InspectorInfo, InspectorOptions } from "../session/inspector-door.ts";
import { createOwnSockets } from "../session/own-sockets.ts";
import type { PeerDirectory } from "../session/peers.ts";
import type { BindingOverride } from "../session/worker-spec.ts";
import { ExitCode, UserError } from "../util/errors.ts";
import { overridesOf, playedBindings } from "./binding-overrides.ts";
import { createClock, type TestClock } from "./clock.ts";
import { type StartDevOptions, sourcesOf } from "./options.ts";
import { OutboundServer } from "./outbound.ts";
import { Reloads } from "./reloads.ts";
import type { AnyMethods, RpcStub } from "./rpc-types.ts";
import { WorkerEnv } from "./worker-env.ts";
import { type WorkerObjects, workerObjects } from "./worker-objects.ts";

export interface ScheduledOptions {
  /** Of the trigger; default "". */
  readonly cron?: string;
  /** Default: now. */
  readonly scheduledTime?: Date | number;
}

export interface ScheduledResult {
  readonly outcome: "ok" | "exception" | "exceededCpu" | "exceededMemory";
  readonly noRetry: boolean;
}

export interface EmailMessage {
  /** Of the envelope. */
  readonly from: string;
  readonly to: string;
  /** The whole message, headers first. */
  readonly raw: string | Uint8Array;
}

/** What the handler did with it. */
export interface EmailResult extends MailDecision {
  readonly outcome: ScheduledResult["outcome"];
}

/** `timestamp` in milliseconds since the epoch; default: now. */
export type QueueMessage = PlayedMessage;
export type QueueResult = PlayedBatch;

export interface DevWorker extends WorkerObjects {
  readonly name: string;
  /** Origin at which this Worker answers. */
  readonly url: string;
  /** What it exports, as of its last reload. */
  readonly entrypoints: readonly EntrypointInfo[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Fires a cron trigger; resolves when the handler and its waitUntil work are done. */
  scheduled(options?: ScheduledOptions): Promise<ScheduledResult>;
  /**
   * Hands a batch of messages to the handler `queue`, past the queue itself: what the handler said of
   * them is told, and nothing comes again. Bodies are JSON.
   */
  queue(queue: string, messages: readonly QueueMessage[]): Promise<QueueResult>;
  /**
   * Hands a message to the handler `email`.
   *
   * @throws TypeError for what is no message, in wrangler's words
   */
  email(message: EmailMessage): Promise<EmailResult>;
  /**
   * A stub of an entrypoint, as a service binding of another Worker is one: functions, `RpcTarget`s
   * and streams travel, results can be disposed with `using`. Default: the default export.
   */
  rpc<T extends object = AnyMethods>(entrypoint?: string): RpcStub<T>;
  /**
   * Its variables, secrets and bindings, used as the Worker uses them: `await env.KV.put("a", "1")`,
   * `await env.DB.prepare(sql).bind(1).all()`, `await env.ROOM.getByName("a").count()`. Whatever a binding
   * gives is known when it is awaited, and may be given on before.
   */
  getEnv<Env extends object = Record<string, unknown>>(): Promise<Env>;
}

export interface DevServer extends AsyncDisposable {
  /** Origin of the primary Worker. */
  readonly url: string;
  readonly port: number;
  /** In the order of `configs`. */
  readonly workers: readonly DevWorker[];
  /** @throws RangeError if the session has no Worker of this name */
  worker(name: string): DevWorker;
  /** A request to the primary; a path or a whole URL. One with this port goes to the session, whatever its host. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * Resolves when the next change of a file is served, by this Worker or, without a name, by the first
   * that reloads; rejects if it does not build or start. Call it before or right after the change.
   *
   * @throws Error without `watch`
   */
  waitForReload(worker?: string): Promise<void>;
  /**
   * Empties all local data and starts every Worker anew: storage and memory are as at the start. Calls
   * that are open fail.
   *
   * @throws Error without `persist: false`: it does not empty a project's own data
   */
  reset(): Promise<void>;
  /** Alarms, cron triggers and messages of queues that would come later. */
  readonly clock: TestClock;
  /** Base class of objects whose methods Workers may call when they get one. */
  readonly RpcTarget: abstract new () => object;
  /** Ends everything; at most two seconds. Safe to call twice; `await using` does it too. */
  stop(): Promise<void>;
}

/**
 * Starts a session and resolves when every Worker is loaded and the port is open.
 *
 * @throws UserError for a mistake in configs or code (`code`, `exitCode` as in docs/errors.md),
 * after everything has been taken down again
 */
export async function startDev(options: StartDevOptions): Promise<DevServer> {
  const ownData = options.persist === false ? await createDataFolder() : undefined;
  return await startWithData(options, ownData, ownData !== undefined);
}

/** A folder for local data that is a test's own. */
export function createDataFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "drover-data-"));
}

/** Of what stands on `startDev`, beside its options. */
export interface SpecialOptions {
  /** Instead of `configs`. */
  readonly sources?: readonly ConfigSource[];
  readonly flags?: Partial<ConfigFlags>;
  /** Instead of being found by nobody. */
  readonly peers?: PeerDirectory;
  /** Beside what `bindings` says. */
  readonly overrides?: readonly BindingOverride[];
  /** Debuggers are listened for. */
  readonly inspector?: InspectorOptions;
}

export interface ServerForPrograms extends DevServer {
  /** To the primary, which sees that URL. */
  fetchAs(url: URL, init: RequestInit): Promise<Response>;
  /** As the last reload has them. */
  readonly configs: readonly ResolvedConfig[];
  readonly inspector: InspectorInfo | undefined;
}

/** `ownData`: of the test alone, so that it can be emptied; removed at the end if the session `owns` it. */
export async function startWithData(
  options: StartDevOptions,
  ownData: string | undefined,
  owns: boolean,
  special: SpecialOptions = {},
): Promise<ServerForPrograms> {
  const reloads = new Reloads();
  const cwd = options.cwd ?? process.cwd();
  const sources = special.sources ?? sourcesOf(options.configs, cwd);
  const fakes = { ...options.fakes, ...playedBindings(options.bindings ?? {}) };
  const isPlayed = Object.keys(fakes).length > 0;
  const sockets = createOwnSockets(process.env, cwd, fakes);
  const outbound =
    options.outbound === undefined ? undefined : new OutboundServer(options.outbound);
  const outboundPath = outbound === undefined ? undefined : sockets.create();
  if (outboundPath !== undefined) await outbound?.listen(outboundPath);
  const session = new DevSession({
    sources,
    flags: { ...flagsOf(options, cwd), ...special.flags },
    watch: options.watch ?? false,
    strict: options.strict ?? false,
    limits: options.limits ?? "warn",
    keepAwake: options.keepAwake ?? false,
    colors: false,
    persistTo: ownData ?? options.persistTo,
    peers: special.peers ?? sockets.peers,
    showsEnv: true,
    overrides: [
      ...overridesOf(options.bindings ?? {}, options.configs, cwd),
      ...(special.overrides ?? []),
    ],
    ...(special.inspector === undefined ? {} : { inspector: special.inspector }),
    routesDispatch: options.routesDispatch ?? false,
    ...(outboundPath === undefined ? {} : { outbound: outboundPath }),
    listener: (event) => {
      reloads.onEvent(event);
      options.onEvent?.(event);
    },
  });
  const rpc = new RpcClient({
    addressOf: (worker) => session.rpcAddressOf(worker),
    ...(isPlayed ? { fakes } : {}),
  });
  const owned: Owned = { session, rpc, reloads, ownData, owns, outbound, client: undefined };
  try {
    if (isPlayed) rpc.listen(sockets.fakesPath());
    await session.settled;
    assertAllReady(session);
    return new Server(owned, await session.ready, options.watch === true);
  } catch (error) {
    await endAll(owned);
    throw error;
  }
}

interface Owned {
  readonly session: DevSession;
  readonly rpc: RpcClient;
  readonly reloads: Reloads;
  readonly ownData: string | undefined;
  readonly owns: boolean;
  readonly outbound: OutboundServer | undefined;
  client: WorkerClient | undefined;
}

async function endAll({ session, rpc, ownData, owns, outbound, client }: Owned): Promise<void> {
  await rpc.close();
  await client?.[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  await outbound?.[Symbol.asyncDispose]();
  if (ownData !== undefined && owns) await rm(ownData, { recursive: true, force: true });
}

function flagsOf(options: StartDevOptions, cwd: string): ConfigFlags {
  return {
    cwd,
    env: options.env,
    envFiles: options.envFiles,
    vars: Object.entries(options.vars ?? {}).map(([name, value]) =>
      name.includes(":") ? `${name}=${value}` : `${name}:${value}`,
    ),
    port: options.port ?? 0,
    ip: options.ip,
  };
}

/** A test wants to know at once, not at the first request to the broken Worker. */
function assertAllReady(session: DevSession): void {
  const failed = session.workers.find(({ state }) => state === "failed");
  if (failed === undefined) return;
  const isBuild = failed.failedStage === "build";
  throw new UserError(
    isBuild ? "BUILD_FAILED" : "WORKER_FAILED",
    `Worker "${failed.name}" ${isBuild ? "does not build" : "failed to start"}:\n${failed.failure ?? ""}`,
    { exitCode: isBuild ? ExitCode.build : ExitCode.notReady },
  );
}

class Server implements ServerForPrograms {
  readonly url: string;
  readonly port: number;
  readonly workers: readonly DevWorker[];
  readonly RpcTarget: DevServer["RpcTarget"];
  readonly clock: TestClock;
  readonly #owned: Owned;
  readonly #client: WorkerClient;
  readonly #watches: boolean;
  readonly #envs: Map<string, WorkerEnv> = new Map();
  #ending: Promise<void> | undefined;

  constructor(owned: Owned, address: ReadyInfo, watches: boolean) {
    this.url = address.url;
    this.port = address.port;
    this.#owned = owned;
    this.#watches = watches;
    this.#client = createWorkerClient(address);
    owned.client = this.#client;
    this.RpcTarget = owned.rpc.classes.RpcTarget;
    this.workers = owned.session.workers.map((worker, index) => ({
      name: worker.name,
      url: address.workers[index]?.url ?? address.url,
      get entrypoints() {
        return worker.entrypoints;
      },
      fetch: (path, init) => this.#client.fetch(path, init, worker.name),
      scheduled: (options) => this.#scheduled(worker.name, options),
      queue: (queue, messages) => this.#queue(worker.name, queue, messages),
      email: (message) => this.#email(worker.name, message),
      rpc: <T extends object>(entrypoint?: string) =>
        owned.rpc.stub(worker.name, entrypoint) as RpcStub<T>,
      getEnv: <Env extends object>() => this.#envOf(worker.name).get() as Promise<Env>,
      ...workerObjects(
        () => worker.config,
        () => this.#envOf(worker.name),
      ),
    }));
    this.clock = createClock(
      () =>
        owned.session.workers.map(({ name, config }) => ({
          name,
          crons: config.crons,
          hasObjects: config.durableObjects.length > 0,
          alarms: () => this.#envOf(name).access(),
          scheduled: (cron, scheduledTime) => this.#scheduled(name, { cron, scheduledTime }),
        })),
      () => {
        const { workers, queues } = owned.session;
        const consumes = workers.some(({ config }) => config.queueConsumers.length > 0);
        return consumes ? (ms) => queues.advance(ms) : undefined;
      },
    );
  }

  #envOf(worker: string): WorkerEnv {
    const { session, rpc } = this.#owned;
    const env =
      this.#envs.get(worker) ?? new WorkerEnv(worker, rpc, (name) => session.rpcAddressOf(name));
    this.#envs.set(worker, env);
    return env;
  }

  worker(name: string): DevWorker {
    const found = this.workers.find((worker) => worker.name === name);
    if (found !== undefined) return found;
    const names = this.workers.map((worker) => worker.name).join(", ");
    throw new RangeError(`No Worker "${name}" in this session; there are: ${names}`);
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.#client.fetch(path, init);
  }

  fetchAs(url: URL, init: RequestInit): Promise<Response> {
    return this.#client.fetchAs(url, init);
  }

  get configs(): readonly ResolvedConfig[] {
    return this.#owned.session.workers.map(({ config }) => config);
  }

  get inspector(): InspectorInfo | undefined {
    return this.#owned.session.inspector;
  }

  waitForReload(worker?: string): Promise<void> {
    if (!this.#watches) throw new Error("waitForReload() needs startDev({ watch: true }).");
    if (worker !== undefined) this.worker(worker);
    return this.#owned.reloads.next(worker);
  }

  async reset(): Promise<void> {
    const { session, rpc, reloads, ownData } = this.#owned;
    if (ownData === undefined) throw new Error("reset() needs startDev({ persist: false }).");
    const serving = session.workers.filter(({ state }) => state === "ready");
    const all = serving.map(({ name }) => reloads.next(name));
    // Heard of below, unless the restart itself fails before.
    for (const one of all) one.catch(() => {});
    // Workers that end would wait for a caller that stays.
    await rpc.disconnect();
    await session.restart(() => rm(ownData, { recursive: true, force: true }));
    await Promise.all(all);
  }

  stop(): Promise<void> {
    this.#ending ??= endAll(this.#owned);
    return this.#ending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #scheduled(worker: string, options: ScheduledOptions = {}): Promise<ScheduledResult> {
    const { cron = "", scheduledTime = Date.now() } = options;
    const query = new URLSearchParams({
      format: "json",
      cron,
      time: String(Number(scheduledTime)),
    });
    const path = `/cdn-cgi/local/scheduled?${query}`;
    const response = await this.#client.fetch(path, {}, worker);
    const text = await response.text();
    if (!text.startsWith("{")) throw new RangeError(text);
    return JSON.parse(text) as ScheduledResult;
  }

  async #queue(
    worker: string,
    queue: string,
    messages: readonly QueueMessage[],
  ): Promise<QueueResult> {
    const path = `${QUEUE_PATH}?${new URLSearchParams({ queue })}`;
    const init = { method: "POST", body: JSON.stringify(messages) };
    const response = await this.#client.fetch(path, init, worker);
    const text = await response.text();
    if (response.status !== 200) throw new TypeError(text);
    return JSON.parse(text) as QueueResult;
  }

  async #email(worker: string, { from, to, raw }: EmailMessage): Promise<EmailResult> {
    const path = `/cdn-cgi/local/email?${new URLSearchParams({ from, to, format: "json" })}`;
    const response = await this.#client.fetch(path, { method: "POST", body: raw }, worker);
    const text = await response.text();
    if (!text.startsWith("{")) throw new TypeError(text);
    return JSON.parse(text) as EmailResult;
  }
}
