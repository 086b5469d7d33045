/**
 * Everything in one host process: the front door, a slot per Worker, the spare threads, the links.
 * Owned by main.ts, driven by the session's messages (protocol/host.ts) in the order they arrive.
 */
import type { HostSettings, SessionToHost } from "../protocol/host.ts";
import { messageOf } from "../util/errors.ts";
import { AssetHost } from "./assets/asset-host.ts";
import { isComputing } from "./computing.ts";
import { CronTriggers } from "./cron-triggers.ts";
import { DynamicWorkers } from "./dynamic/dynamic-workers.ts";
import { FrontDoor } from "./front-door.ts";
import { Inspector } from "./inspector/inspector.ts";
import { Links } from "./links.ts";
import { LiveReload } from "./live-reload.ts";
import { Mail } from "./mail.ts";
import { hookable } from "./outbound/hook.ts";
import { PublicObjects } from "./public-objects.ts";
import { Queues } from "./queues.ts";
import { type IpcSender, SessionLink } from "./session-link.ts";
import { shareSourceMaps } from "./share-bundle.ts";
import { Spares } from "./spares.ts";
import { StorageThreads } from "./storage-threads.ts";
import { TcpDoor } from "./tcp-door.ts";
import { Watchdog } from "./watchdog.ts";
import { WorkerSlot } from "./worker-slot.ts";
import type { ThreadSource } from "./worker-thread.ts";

/** A dynamic Worker that nobody has used for so long ends. */
const DYNAMIC_IDLE_MS = 60_000;

/** So many Workers have a thread each, called or not. */
const ALL_AWAKE = 8;

export class Host {
  readonly #session: SessionLink;
  readonly #spares: Spares;
  readonly #slots: Map<string, WorkerSlot> = new Map();
  readonly #storage: StorageThreads;
  readonly #assets: AssetHost = new AssetHost();
  readonly #liveReload: LiveReload = new LiveReload();
  readonly #publicObjects: PublicObjects;
  readonly #queues: Queues;
  readonly #mail: Mail;
  readonly #cron: CronTriggers;
  readonly #links: Links;
  readonly #dynamic: DynamicWorkers;
  readonly #frontDoor: FrontDoor;
  readonly #tcpDoor: TcpDoor;
  readonly #watchdog: Watchdog;
  readonly #inspector: Inspector;
  #settings: HostSettings = {
    primary: "",
    workers: [],
    registry: false,
    upstreamProtocol: "http",
    drainMs: 5000,
    colors: false,
    stateRoot: "",
    mailFolder: "",
  };

  /** Boots the first spare at once: the session is still reading configs then. */
  constructor(ipc: IpcSender, threads: ThreadSource) {
    this.#session = new SessionLink(ipc);
    const loadHttpClient = hookable(threads.loadHttpClient, () => this.#settings.outbound);
    const onSpans: ThreadSource["onSpans"] = (worker, message) => {
      const add = (): void => this.#session.addSpans(worker, message, this.#settings);
      // What others did for a request, and posted before, may still be in the queues of their ports: one turn of the
      // loop takes it in.
      const hasEnded = message.spans.some(({ parent }) => parent === "");
      if (hasEnded) setImmediate(() => setImmediate(add));
      else add();
    };
    this.#spares = new Spares({ ...threads, loadHttpClient, onSpans });
    const shared = {
      session: this.#session,
      settings: () => this.#settings,
      slots: this.#slots,
      assets: this.#assets,
      liveReload: this.#liveReload,
    };
    this.#storage = new StorageThreads({
      root: () => this.#settings.stateRoot,
      mailFolder: () => this.#settings.mailFolder,
      onDeath: (text, group) => {
        this.#log("error", text);
        if (group === "queues") this.#queues.onDeath();
      },
      onStart: (group) => {
        if (group === "queues") this.#queues.onStart();
      },
      onMessage: (message) => {
        if (message.type === "mail-remark") this.#mail.onRemark(message);
        else this.#queues.onMessage(message);
      },
    });
    this.#queues = new Queues({ ...shared, storage: () => this.#storage });
    this.#mail = new Mail({ session: this.#session, storage: this.#storage });
    this.#cron = new CronTriggers(shared);
    this.#dynamic = new DynamicWorkers({
      spares: this.#spares,
      settings: () => this.#settings,
      idleMs: () => this.#settings.dynamicIdleMs ?? DYNAMIC_IDLE_MS,
      log: (worker, entry) => this.#session.queue({ type: "log", worker, entry }),
      onWork: (worker) => this.#watchdog.onWork(worker),
      onLinkRequest: (from, thread, message) => this.#links.onRequest(from, thread, message),
      onStaleSeen: (thread, notice) => this.#links.onStaleSeen(thread, notice),
      onBreach: (thread, breach) => this.#links.onBreach(thread, breach),
      markStale: (loader, service) => this.#links.markStaleFor([loader], service).soon,
    });
    this.#links = new Links({ ...shared, storage: this.#storage, dynamic: this.#dynamic });
    this.#publicObjects = new PublicObjects(this.#storage);
    this.#frontDoor = new FrontDoor({
      ...shared,
      publicObjects: this.#publicObjects,
      mail: this.#mail,
      status: {
        usageOf: (thread, collect) => this.#watchdog.usageOf(thread, collect),
        dynamicWorkers: () => this.#dynamic.watched(),
      },
    });
    this.#tcpDoor = new TcpDoor(shared);
    this.#watchdog = new Watchdog({
      ...shared,
      watched: () => [...this.#slots.values(), ...this.#dynamic.watched()],
      leftovers: () => this.#spares.leftovers(),
    });
    this.#inspector = new Inspector({ ...shared, dynamic: () => this.#dynamic.targets() });
    this.#spares.fill(1);
    this.#session.send({ type: "booted" });
  }

  /** `handle` comes with "listen" only. Resolves true when the process may exit. */
  async onMessage(message: SessionToHost, handle?: unknown): Promise<boolean> {
    switch (message.type) {
      case "listen":
        if (message.purpose === "inspector") this.#inspector.listen(message.id, handle);
        else if (message.tcp === undefined) this.#frontDoor.listen(message, handle);
        else this.#tcpDoor.listen(message.id, handle, message.tcp.worker);
        break;
      case "settings":
        this.#applySettings(message.settings);
        break;
      case "load": {
        const { generation, spec, bundle } = message;
        this.#publicObjects.update(spec.name, spec.bindings);
        this.#slot(spec.name).load({ generation, spec, bundle: shareSourceMaps(bundle) });
        break;
      }
      case "load-expected":
        this.#spares.fill(1);
        break;
      case "build-failed":
        this.#slot(message.worker).onBuildFailed(message.text);
        break;
      case "assets":
        this.#assets.update(message);
        this.#liveReload.reload();
        break;
      case "remove":
        this.#publicObjects.update(message.worker, undefined);
        await this.#remove(message.worker);
        break;
      case "service-found":
        this.#links.onServiceFound(message.request, message.path, message.generation);
        break;
      case "service-missing":
        this.#links.onServiceMissing(message.request, message.message, message.detail);
        break;
      case "service-changed":
        this.#links.markStale(message.service);
        break;
      case "connections":
        this.#frontDoor.setConnections(message.connections);
        break;
      case "expose":
        this.#slot(message.worker).expose(message.path);
        break;
      case "is-computing": {
        const { request, worker } = message;
        void isComputing(this.#slots.get(worker)?.debugged).then((answer) =>
          this.#session.send({ type: "computing", request, answer }),
        );
        break;
      }
      case "queue-routes":
        this.#queues.setRoutes(message.routes);
        break;
      case "queue-advance":
        this.#queues.advance(message);
        break;
      case "queue-listen":
        this.#queues.listen(message.path);
        break;
      case "stop":
        await this.#stop();
        return true;
    }
    return false;
  }

  /** An error that no request, Worker or message accounts for: told, never fatal. */
  onUnexpected(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    this.#log("error", `drover (host): ${text}`);
  }

  #log(level: "error" | "warn", text: string): void {
    this.#session.queue({
      type: "log",
      worker: this.#settings.primary,
      entry: { kind: "runtime", level, text, time: Date.now() },
    });
  }

  #applySettings(settings: HostSettings): void {
    this.#settings = settings;
    for (const name of settings.workers) this.#slot(name);
    this.#frontDoor.forgetRoutes();
    this.#spares.fill(settings.workers.length > 1 ? 2 : 1);
    this.#spares.reserve = this.#mayWorkersSleep ? 1 : 0;
    this.#watchdog.start();
    this.#queues.update();
    this.#cron.update();
  }

  get #mayWorkersSleep(): boolean {
    const { keepAwake = false, workers } = this.#settings;
    return !keepAwake && workers.length > ALL_AWAKE;
  }

  #slot(name: string): WorkerSlot {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = new WorkerSlot(name, {
        spares: this.#spares,
        session: this.#session,
        settings: () => this.#settings,
        debuggers: this.#inspector,
        maySleep: () => this.#mayWorkersSleep,
        onWork: (worker) => this.#watchdog.onWork(worker),
        onSwitched: (worker) => {
          this.#liveReload.reload();
          this.#queues.onLoaded(worker);
          return this.#links.markStale(worker);
        },
        onStaleSeen: (thread, notice) => this.#links.onStaleSeen(thread, notice),
        onBreach: (thread, breach) => this.#links.onBreach(thread, breach),
        onAssetRequest: (asked, thread, message) =>
          void this.#assets.onRequest(asked, thread, message),
        onLinkRequest: (from, thread, message) => this.#links.onRequest(from, thread, message),
        onDynamic: (from, thread, message) => this.#dynamic.onMessage(from, thread, message),
      });
      this.#slots.set(name, slot);
      this.#frontDoor.forgetRoutes();
    }
    return slot;
  }

  async #remove(name: string): Promise<void> {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#slots.delete(name);
    this.#assets.remove(name);
    this.#frontDoor.forgetRoutes();
    this.#links.markStale(name);
    await this.#inspector.onRemoved(name);
    await slot.close();
  }

  async #stop(): Promise<void> {
    this.#watchdog.stop();
    this.#cron.close();
    this.#frontDoor.close();
    this.#tcpDoor.close();
    this.#liveReload.close();
    // Before anything drains: what a debugger has stopped would not.
    await this.#inspector.close();
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()));
    this.#dynamic.close();
    this.#spares.close();
    await this.#storage.close();
    await this.#session.flush();
    this.#frontDoor.closeAllConnections();
    this.#tcpDoor.closeAllConnections();
  }
}
