/**
 * One dev session: from configs to Workers that answer, and on through every reload until the end.
 * Owns the host process, the sockets, the watcher and one WorkerSession per Worker. Driven by cli/
 * and index.ts; runs in the session process.
 *
 *     fork the host | read configs -> bind -> build each Worker -> load -> settled -> ready
 *                   | warm esbuild up
 */
import type { ResolvedConfig } from "../config/types.ts";
import type { SessionToHost } from "../protocol/host.ts";
import { stateRoot } from "../storage/state-folder.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { assertNever } from "../util/errors.ts";
import { Announcer } from "./announcer.ts";
import { SessionAssets } from "./assets.ts";
import { buildOrder } from "./build-order.ts";
import { BuildTurns } from "./build-turns.ts";
import { Connections } from "./connections.ts";
import { type Cause, isLastWord, isReport, type ReadyInfo, type SessionEvent } from "./events.ts";
import { Front } from "./front.ts";
import { FrontSockets } from "./front-sockets.ts";
import { hostEvents } from "./host-messages.ts";
import { HostProcess } from "./host-process.ts";
import { hostSettingsOf } from "./host-settings.ts";
import { InspectorDoor, type InspectorInfo } from "./inspector-door.ts";
import { MailFolder } from "./mail-folder.ts";
import { peerEvents } from "./peer-events.ts";
import { noPeers, type PeerDirectory } from "./peers.ts";
import { Progress } from "./progress.ts";
import { SessionQueues } from "./queues.ts";
import { reloadsFor } from "./reload.ts";
import { readConfigs } from "./session-configs.ts";
import type { DevSessionOptions } from "./session-options.ts";
import { SourceWatch } from "./source-watch.ts";
import { stateWarnings } from "./state-warnings.ts";
import type { ConnectionRow } from "./status.ts";
import { Traces } from "./traces.ts";
import { workerBus } from "./worker-bus.ts";
import { assertKnownWorkers } from "./worker-ports.ts";
import { WorkerSession } from "./worker-session.ts";

export class DevSession implements AsyncDisposable {
  readonly #options: DevSessionOptions;
  readonly #startedAt = performance.now();
  readonly #peers: PeerDirectory;
  readonly #host: HostProcess;
  readonly #sockets: FrontSockets;
  readonly #inspector: InspectorDoor;
  readonly #announcer: Announcer;
  readonly #connections: Connections;
  readonly #assets: SessionAssets;
  readonly #queues: SessionQueues;
  readonly #mail: MailFolder = new MailFolder();
  readonly #buildTurns = new BuildTurns(() => this.#workers.length);
  readonly #traces: Traces;
  readonly #front: Front;
  readonly #progress: Progress;
  readonly #ended: Deferred<void> = createDeferred();
  #workers: readonly WorkerSession[] = [];
  #watch: SourceWatch | undefined;
  #arePeersKnown = false;
  #closing: Promise<void> | undefined;

  constructor(options: DevSessionOptions) {
    this.#options = options;
    const { peers = noPeers } = options;
    this.#peers = peers;
    this.#host = options.host ?? new HostProcess();
    this.#sockets = new FrontSockets(this.#host);
    const send = (message: SessionToHost) => this.#host.send(message);
    const workers = () => this.#workers;
    const urlOf = (name: string) => this.address?.workers.find((it) => it.name === name)?.url;
    const dispatch = (event: SessionEvent) => this.#dispatch(event);
    this.#inspector = new InspectorDoor(this.#host, options.inspector, dispatch);
    this.#queues = new SessionQueues({
      peers,
      workers,
      send,
      dispatch,
      onChange: () => {
        this.#announcer.update();
        this.#connections.update();
      },
    });
    const queues = this.#queues;
    const stateRoot = () => this.stateRoot;
    this.#announcer = new Announcer({ peers, send, dispatch, workers, urlOf, queues, stateRoot });
    this.#assets = new SessionAssets({
      send,
      dispatch,
      watch: (owner, places) => this.#watch?.watch(owner, places),
      watches: options.watch,
      cwd: options.flags.cwd ?? process.cwd(),
    });
    this.#traces = new Traces({
      peerUrl: (name, from) => (this.#worker(name) ? undefined : peers.urlOf(name, from)),
      tell: (tree) => dispatch({ type: "trace", tree }),
    });
    this.#connections = new Connections({
      status: () => ({ workers: this.#workers, peers, strict: options.strict, queues }),
      send,
      dispatch,
    });
    this.#front = new Front(this.#sockets, options, dispatch);
    this.#progress = new Progress({
      onSettled: (waiting) => {
        this.#connections.follow();
        this.#queues.follow();
        dispatch({ type: "settled", ...(waiting && { waiting }) });
      },
      onReady: (ready) => dispatch({ type: "ready", ready }),
    });
    this.#start().catch((error: unknown) => this.#dispatch({ type: "fatal", error }));
  }

  /** Resolves when the primary answers for the first time; rejects when the session ends before. */
  get ready(): Promise<ReadyInfo> {
    return this.#progress.ready;
  }

  /** Resolves when every Worker has been loaded or has failed, and the port is open. */
  get settled(): Promise<void> {
    return this.#progress.settled;
  }

  /** Resolves when everything that the session owned is gone. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get workers(): readonly WorkerSession[] {
    return this.#workers;
  }

  get hostPid(): number | undefined {
    return this.#host.pid;
  }

  connectionsOf(worker: WorkerSession): readonly ConnectionRow[] {
    return this.#connections.of(worker);
  }

  /** Where the session is reached; undefined until its port is open. */
  get address(): ReadyInfo | undefined {
    return this.#front.addressOf(this.#configs);
  }

  /** Where a Worker's newest thread takes RPC, if the session's peers have sockets for it. */
  rpcAddressOf(worker: string): string | Promise<string> {
    return this.#announcer.addressOf(worker);
  }

  /** Its queues, for a test's clock. */
  get queues(): Pick<SessionQueues, "advance"> {
    return this.#queues;
  }

  /** Builds a Worker, or all, anew and replaces its thread, whether anything has changed or not. */
  reload(name?: string): void {
    for (const worker of this.#workers) {
      if (name === undefined || worker.name === name) worker.reload();
    }
  }

  /** All Workers begin anew, after `between`, which may do as it likes with their local data. */
  async restart(between: () => Promise<void>): Promise<void> {
    this.#announcer.onGone(undefined);
    await this.#host.replace(between);
  }

  /** Ends everything; at most two seconds. Safe to call twice. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  /** Where debuggers connect; undefined until that is open. */
  get inspector(): InspectorInfo | undefined {
    return this.#inspector.info;
  }

  get #configs(): readonly ResolvedConfig[] {
    return this.#workers.map(({ config }) => config);
  }

  async #start(): Promise<void> {
    const readFrom = Date.now();
    this.#host.attach(
      hostEvents({
        worker: (name) => this.#worker(name),
        sockets: [this.#sockets, this.#inspector.sockets],
        announcer: this.#announcer,
        queues: this.#queues,
        buildTurns: this.#buildTurns,
        traces: this.#traces,
        dispatch: (event) => this.#dispatch(event),
      }),
    );
    // esbuild and its helper process load while the configs are read.
    const bundling = import("./builder.ts");
    bundling.then(({ warmUp }) => warmUp()).catch(() => {});
    const { flags, workerPorts = {} } = this.#options;
    const configs = readConfigs(this.#options);
    assertKnownWorkers(workerPorts, configs);
    const { createBundler, createWatcher } = await bundling;
    if (this.#closing !== undefined) return;

    const bus = workerBus({
      options: this.#options,
      startedAt: this.#startedAt,
      host: this.#host,
      buildTurns: this.#buildTurns,
      workers: () => this.#workers,
      stateRoot: () => this.stateRoot,
      createBundler,
      dispatch: (event) => this.#dispatch(event),
    });
    this.#workers = configs.map((config) => new WorkerSession(config, bus));
    this.#dispatch({ type: "configured", workers: configs });
    const { persistTo } = this.#options;
    const stateFolder = { root: this.stateRoot, persistTo, cwd: flags.cwd ?? process.cwd() };
    for (const warning of stateWarnings(configs, stateFolder)) {
      this.#dispatch({ type: "build-warning", ...warning });
    }
    this.#front.secure(configs);
    this.#sendSettings();
    if (this.#options.watch) {
      const watcher = createWatcher((files) => this.#onFilesChanged(files));
      this.#watch = new SourceWatch(watcher, this.#workers, readFrom);
    }
    const assets = this.#updateAssets("start");
    for (const worker of buildOrder(this.#workers)) worker.start();
    await assets;
    if (this.#closing !== undefined) return;
    this.#connectPeers();
    await this.#front.open(configs, () => this.#inspector.open(configs));
    this.#announcer.update();
    this.#checkProgress();
  }

  async #stop(): Promise<void> {
    this.#dispatch({ type: "stopping" });
    this.#progress.fail(new Error("The session was closed."));
    this.#assets[Symbol.dispose]();
    this.#queues.close();
    this.#buildTurns[Symbol.dispose]();
    await Promise.allSettled([
      this.#watch?.[Symbol.asyncDispose](),
      ...this.#workers.map((worker) => worker[Symbol.asyncDispose]()),
      // The registry's daemon looks after the sockets of sessions that left it, with a connection
      // that a draining Worker would wait for: the host first.
      this.#host.stop().then(() => this.#peers[Symbol.asyncDispose]()),
    ]);
    this.#traces.flush();
    await this.#mail.remove();
    this.#sockets[Symbol.dispose]();
    this.#inspector.sockets[Symbol.dispose]();
    this.#ended.resolve();
  }

  /**
   * The routing table of the session: who acts on which event. Then the listener hears it.
   *
   *     WorkerSession  config-reloaded                 -> settings, assets, registry
   *                    build-failed, unchanged, loaded,
   *                    load-failed                     -> watcher, registry, settled/ready, connections
   *     HostProcess    crashed, host-died              -> registry
   *                    host-restarted                  -> settings, sockets, assets, bundles again
   *     anyone         fatal                           -> the session ends
   */
  #dispatch(event: SessionEvent): void {
    if (this.#closing !== undefined && event.type !== "stopping") {
      if (isLastWord(event)) this.#options.listener(event);
      return;
    }
    this.#options.listener(event);
    if (isReport(event)) return;
    switch (event.type) {
      case "config-reloaded":
        this.#sendSettings();
        this.#queues.update();
        this.#updateAssets("change").catch((error: unknown) =>
          this.#dispatch({ type: "fatal", error }),
        );
        this.#announcer.update();
        return;
      case "build-failed":
      case "unchanged":
      case "loaded":
      case "load-failed":
        this.#onBuilt(event.worker);
        if (event.type === "loaded") this.#announcer.onLoaded(event.worker);
        this.#announcer.update();
        this.#checkProgress();
        return;
      case "crashed":
        this.#announcer.onGone(event.worker);
        return;
      case "host-died":
        this.#announcer.onGone(undefined);
        return;
      case "host-restarted":
        this.#sendSettings();
        this.#sockets.reopen();
        this.#inspector.sockets.reopen();
        this.#queues.restore();
        this.#connections.restore();
        this.#assets.restore();
        for (const worker of this.#workers) worker.restore();
        return;
      case "fatal":
        this.#progress.fail(event.error);
        void this[Symbol.asyncDispose]();
        return;
      default:
        assertNever(event);
    }
  }

  /** All Workers of the session share the primary's folder, as wrangler's do. */
  get stateRoot(): string {
    const { flags, persistTo } = this.#options;
    const cwd = flags.cwd ?? process.cwd();
    return stateRoot({ configFolder: this.#primary.config.userRoot, cwd, persistTo });
  }

  get #primary(): WorkerSession {
    return this.#workers[0] as WorkerSession;
  }

  #worker(name: string): WorkerSession | undefined {
    return this.#workers.find((worker) => worker.name === name);
  }

  #sendSettings(): void {
    const settings = hostSettingsOf({
      ...this.#options,
      stateRoot: this.stateRoot,
      mailFolder: this.#mail.pathIn(this.#primary.config.userRoot),
      primary: this.#primary.config,
      workers: this.#configs,
      registry: this.#peers.enabled,
      tls: this.#front.tls,
      inspector: this.#inspector.settings(this.#configs),
      queueConsumers: this.#queues.consumers(),
      hasQueueBacklog: this.#queues.hasBacklog(this.stateRoot),
    });
    this.#host.send({ type: "settings", settings });
  }

  #onBuilt(name: string): void {
    const worker = this.#worker(name);
    if (worker !== undefined) this.#watch?.update(worker);
  }

  #updateAssets(cause: Cause): Promise<void> {
    return this.#assets.update(this.#configs, cause);
  }

  #onFilesChanged(files: ReadonlySet<string>): void {
    this.#assets.onFilesChanged(files);
    for (const [name, reload] of reloadsFor([...files], this.#workers)) {
      this.#worker(name)?.update(reload);
    }
  }

  #connectPeers(): void {
    this.#arePeersKnown = !this.#connections.leadOutside;
    const events = peerEvents({
      send: (message) => this.#host.send(message),
      dispatch: (event) => this.#dispatch(event),
      announcer: this.#announcer,
      queues: this.#queues,
      connections: this.#connections,
      strict: this.#options.strict,
    });
    this.#queues.update();
    this.#announcer.update();
    this.#peers.connect(this.#primary.config.root, events, this.#progress.settled);
    void this.#peers.known.then(() => {
      this.#arePeersKnown = true;
      this.#queues.update();
      this.#checkProgress();
    });
  }

  #checkProgress(): void {
    this.#connections.update();
    const address = this.address;
    if (address === undefined) return;
    const isLoaded = this.#workers.every(({ state }) => state !== "starting");
    this.#progress.update(address, {
      isComplete: isLoaded && this.#arePeersKnown,
      isPrimaryReady: this.#primary.state === "ready",
    });
  }
}
