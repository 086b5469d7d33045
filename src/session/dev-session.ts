/**
 * One dev session: from configs to Workers that answer, and on through every reload until the end.
 * Owns the host process, the sockets, the watcher and one WorkerSession per Worker. Driven by cli/
 * and index.ts; runs in the session process.
 *
 *     fork the host | read configs -> bind -> build each Worker -> load -> settled -> ready
 *                   | warm esbuild up
 */
import type { HostSettings, SessionToHost } from "../protocol/host.ts";
import { stateRoot } from "../storage/state-folder.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { assertNever } from "../util/errors.ts";
import { addressOf } from "./address.ts";
import { Announcer } from "./announcer.ts";
import { SessionAssets } from "./assets.ts";
import { BuildTurns } from "./build-turns.ts";
import type { createBundler, Watcher } from "./builder.ts";
import { Connections } from "./connections.ts";
import { type Cause, isLastWord, isReport, type ReadyInfo, type SessionEvent } from "./events.ts";
import { FrontSockets } from "./front-sockets.ts";
import { routeHostMessage } from "./host-messages.ts";
import { HostProcess } from "./host-process.ts";
import { hostSettingsOf } from "./host-settings.ts";
import { InspectorDoor, type InspectorInfo } from "./inspector-door.ts";
import { MailFolder } from "./mail-folder.ts";
import { otherStates } from "./other-state.ts";
import { type NameChange, nameTakenError, noPeers, type PeerDirectory } from "./peers.ts";
import { SessionQueues } from "./queues.ts";
import { placesOf, reloadsFor } from "./reload.ts";
import { RememberedPort } from "./remembered-port.ts";
import { readConfigAgain, readConfigs } from "./session-configs.ts";
import type { DevSessionOptions } from "./session-options.ts";
import type { ConnectionRow } from "./status.ts";
import { openTcpListeners } from "./tcp-listeners.ts";
import { loadTls } from "./tls.ts";
import { Traces } from "./traces.ts";
import { assertKnownWorkers, openWorkerPorts, type WorkerPorts } from "./worker-ports.ts";
import { type WorkerBus, WorkerSession } from "./worker-session.ts";
import { workerSpecOf } from "./worker-spec.ts";

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
  readonly #buildTurns = new BuildTurns();
  readonly #traces: Traces;
  readonly #ready: Deferred<ReadyInfo> = createDeferred();
  readonly #settled: Deferred<void> = createDeferred();
  readonly #ended: Deferred<void> = createDeferred();
  #workers: readonly WorkerSession[] = [];
  #watcher: Watcher | undefined;
  #port: number | undefined;
  #workerPorts: WorkerPorts = {};
  #tls: HostSettings["tls"];
  #isSettled = false;
  #isReady = false;
  #arePeersKnown = false;
  #closing: Promise<void> | undefined;

  constructor(options: DevSessionOptions) {
    this.#options = options;
    this.#peers = options.peers ?? noPeers;
    this.#host = options.host ?? new HostProcess();
    this.#sockets = new FrontSockets(this.#host);
    const send = (message: SessionToHost) => this.#host.send(message);
    const workers = () => this.#workers;
    const urlOf = (name: string) => this.address?.workers.find((it) => it.name === name)?.url;
    const dispatch = (event: SessionEvent) => this.#dispatch(event);
    this.#inspector = new InspectorDoor(this.#host, options.inspector, dispatch);
    const peers = this.#peers;
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
    this.#announcer = new Announcer({
      peers,
      send,
      dispatch,
      workers,
      urlOf,
      queues: this.#queues,
      stateRoot: () => this.stateRoot,
    });
    this.#assets = new SessionAssets({
      send,
      dispatch,
      watch: (owner, places) => this.#watcher?.update(owner, places),
      watches: options.watch,
      cwd: options.flags.cwd ?? process.cwd(),
    });
    this.#traces = new Traces({
      peerUrl: (name, from) => (this.#worker(name) ? undefined : peers.urlOf(name, from)),
      tell: (tree) => dispatch({ type: "trace", tree }),
    });
    this.#connections = new Connections({
      status: () => ({
        workers: this.#workers,
        peers,
        strict: options.strict,
        queues: this.#queues,
      }),
      send,
      dispatch,
    });
    for (const promise of [this.#ready.promise, this.#settled.promise]) {
      // Whoever waits hears of it; nobody has to wait.
      promise.catch(() => {});
    }
    this.#start().catch((error: unknown) => this.#dispatch({ type: "fatal", error }));
  }

  /** Resolves when the primary answers for the first time; rejects when the session ends before. */
  get ready(): Promise<ReadyInfo> {
    return this.#ready.promise;
  }

  /** Resolves when every Worker has been loaded or has failed, and the port is open. */
  get settled(): Promise<void> {
    return this.#settled.promise;
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
    const [primary] = this.#workers;
    if (this.#port === undefined || primary === undefined) return undefined;
    const names = this.#workers.map(({ name }) => name);
    const { localProtocol } = primary.config.dev;
    return addressOf(localProtocol, this.#ip, this.#port, names, this.#workerPorts);
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

  get #ip(): string {
    const fallback = process.platform === "win32" ? "127.0.0.1" : "localhost";
    return this.#workers[0]?.config.dev.ip ?? fallback;
  }

  async #start(): Promise<void> {
    const readFrom = Date.now();
    this.#host.attach({
      onMessage: (message) =>
        routeHostMessage(message, {
          worker: (name) => this.#worker(name),
          sockets: [this.#sockets, this.#inspector.sockets],
          announcer: this.#announcer,
          queues: this.#queues,
          buildTurns: this.#buildTurns,
          traces: this.#traces,
          dispatch: (event) => this.#dispatch(event),
        }),
      onDeath: (death) => this.#dispatch({ type: "host-died", death }),
      onRestart: () => this.#dispatch({ type: "host-restarted" }),
      onGiveUp: (error) => this.#dispatch({ type: "fatal", error }),
      onOutput: (text) => this.#dispatch({ type: "host-output", text }),
    });
    // esbuild and its helper process load while the configs are read.
    const bundling = import("./builder.ts");
    bundling.then(({ warmUp }) => warmUp()).catch(() => {});
    const { flags, workerPorts = {} } = this.#options;
    const configs = readConfigs(this.#options);
    assertKnownWorkers(workerPorts, configs);
    const { createBundler, createWatcher } = await bundling;
    if (this.#closing !== undefined) return;

    const bus = this.#createBus(createBundler);
    this.#workers = configs.map((config) => new WorkerSession(config, bus));
    this.#dispatch({ type: "configured", workers: configs });
    if (this.#options.persistTo === undefined) {
      for (const warning of otherStates(configs, this.stateRoot, flags.cwd ?? process.cwd())) {
        this.#dispatch({ type: "build-warning", ...warning });
      }
    }
    const { dev } = this.#primary.config;
    const secure = dev.localProtocol === "https";
    const hosts = ["localhost", ...configs.map(({ name }) => `${name}.localhost`)];
    if (secure) this.#tls = loadTls(this.#options.tls, hosts);
    this.#sendSettings();
    if (this.#options.watch) this.#watcher = createWatcher((files) => this.#onFilesChanged(files));
    const assets = this.#updateAssets("start");
    for (const worker of this.#workers) {
      this.#watcher?.update(worker, placesOf(worker), readFrom);
      worker.start();
    }
    await assets;
    if (this.#closing !== undefined) return;
    this.#connectPeers();
    const sockets = this.#sockets;
    const where = { ip: this.#ip, secure };
    const remembered = new RememberedPort(this.#primary.config.userRoot, this.#primary.name);
    const front = sockets.open({ ...where, port: dev.port, preferred: remembered.port });
    const [port] = await Promise.all([front, this.#inspector.open(configs)]);
    this.#workerPorts = await openWorkerPorts(sockets, workerPorts, where);
    this.#port = port;
    if (dev.port === undefined) remembered.keep(port);
    const dispatch = (event: SessionEvent) => this.#dispatch(event);
    await openTcpListeners(configs, { ip: this.#ip, sockets, dispatch });
    this.#announcer.update();
    this.#checkProgress();
  }

  async #stop(): Promise<void> {
    this.#dispatch({ type: "stopping" });
    const closed = new Error("The session was closed.");
    this.#ready.reject(closed);
    this.#settled.reject(closed);
    this.#assets[Symbol.dispose]();
    this.#queues.close();
    await Promise.allSettled([
      this.#watcher?.[Symbol.asyncDispose](),
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
        this.#watch(event.worker);
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
        this.#ready.reject(event.error);
        this.#settled.reject(event.error);
        void this[Symbol.asyncDispose]();
        return;
      default:
        assertNever(event);
    }
  }

  #createBus(create: typeof createBundler): WorkerBus {
    return {
      dispatch: (event) => this.#dispatch(event),
      send: (message) => this.#host.send(message),
      createBundler: (config) => create(config, (event) => this.#dispatch(event)),
      colors: this.#options.colors,
      resolveConfig: async (worker) => {
        const inForce = this.#workers.map(({ config }) => config);
        return readConfigAgain(this.#options, this.#workers.indexOf(worker), inForce);
      },
      specOf: (config) => workerSpecOf(config, this.#options, this.stateRoot),
      buildTurn: (worker, isUrgent) =>
        // A command of the user's own may wait for anything: it holds up nobody's turn.
        worker.config.build === undefined
          ? this.#buildTurns.take(worker.name, isUrgent || worker === this.#primary)
          : () => {},
      isComputing: (name) => this.#host.isComputing(name),
      now: () => performance.now(),
      startedAt: this.#startedAt,
    };
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
      workers: this.#workers.map(({ config }) => config),
      registry: this.#peers.enabled,
      tls: this.#tls,
      inspector: this.#inspector.settings(this.#workers.map(({ config }) => config)),
      queueConsumers: this.#queues.consumers(),
      hasQueueBacklog: this.#queues.hasBacklog(this.stateRoot),
    });
    this.#host.send({ type: "settings", settings });
  }

  #watch(name: string): void {
    const worker = this.#worker(name);
    if (worker !== undefined) this.#watcher?.update(worker, placesOf(worker), worker.builtFrom);
  }

  #updateAssets(cause: Cause): Promise<void> {
    const configs = this.#workers.map(({ config }) => config);
    return this.#assets.update(configs, cause);
  }

  #onFilesChanged(files: ReadonlySet<string>): void {
    this.#assets.onFilesChanged(files);
    for (const [name, reload] of reloadsFor([...files], this.#workers)) {
      this.#worker(name)?.update(reload);
    }
  }

  #connectPeers(): void {
    const peers = this.#peers;
    this.#arePeersKnown = !this.#connections.leadOutside;
    const events = {
      onChange: (_services: readonly string[], stale: readonly string[]) => {
        for (const service of stale) this.#host.send({ type: "service-changed", service });
        this.#queues.update();
        this.#connections.update();
      },
      onName: (change: NameChange) => this.#onNameChange(change),
      onTrouble: (text: string) => this.#dispatch({ type: "registry-trouble", text }),
    };
    this.#queues.update();
    this.#announcer.update();
    peers.connect(this.#primary.config.root, events, this.#settled.promise);
    void peers.known.then(() => {
      this.#arePeersKnown = true;
      this.#queues.update();
      this.#checkProgress();
    });
  }

  #onNameChange(change: NameChange): void {
    if (change.type === "ours" || !this.#options.strict) {
      this.#dispatch({ type: "name", change });
      return;
    }
    this.#dispatch({ type: "fatal", error: nameTakenError(change) });
  }

  #checkProgress(): void {
    this.#connections.update();
    const address = this.address;
    if (address === undefined) return;
    const isLoaded = this.#workers.every(({ state }) => state !== "starting");
    if (!this.#isSettled && isLoaded && this.#arePeersKnown) {
      this.#isSettled = true;
      this.#connections.follow();
      this.#queues.follow();
      const waiting = this.#primary.state === "ready" ? {} : { waiting: address };
      this.#dispatch({ type: "settled", ...waiting });
      this.#settled.resolve();
    }
    if (this.#isSettled && !this.#isReady && this.#primary.state === "ready") {
      this.#isReady = true;
      this.#dispatch({ type: "ready", ready: address });
      this.#ready.resolve(address);
    }
  }
}
