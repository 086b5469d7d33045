/**
 * The PeerDirectory of an ordinary session: a client of the user's dev registry. Knows all Workers
 * of other sessions from its own copy, so that look-ups ask nobody. Made by cli/, owned by
 * DevSession; runs in the session process.
 *
 * Nobody waits for it without need: its code is loaded and the daemon is reached while bundles are
 * built, and a daemon is started only when the session has settled.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { WorkerAnnouncement, WorkspaceInfo } from "../protocol/registry.ts";
import {
  type Arrival,
  announceArrival,
  arrivingSessions,
  nextArrival,
} from "../registry/arrival.ts";
import type { RegistryClient } from "../registry/client.ts";
import type { AnnounceResult } from "../registry/client-types.ts";
import {
  createWorkerSocketPath,
  type Environment,
  isRegistryOff,
  resolveRegistryPaths,
} from "../registry/paths.ts";
import type { Resolution } from "../registry/resolve.ts";
import { areSiblingCheckouts, findWorkspace } from "../registry/workspace.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { messageOf } from "../util/errors.ts";
import { workerNotFound } from "../util/worker-not-found.ts";
import type {
  AnnouncedWorker,
  Peer,
  PeerDirectory,
  PeerEvents,
  PeerMissing,
  PeerState,
} from "./peers.ts";
import { describeHolder, hintOf, onState } from "./registry-words.ts";
import { findStartCommand } from "./start-command.ts";

export interface RegistryPeersOptions {
  readonly env: Environment;
  /** Folder that the session was started in. */
  readonly cwd: string;
  /** Version of drover. */
  readonly version: string;
  /** `--takeover`: names that other sessions hold are taken from them. */
  readonly takeover: boolean;
  /** False: it looks for others and cannot be found; default true. */
  readonly announces?: boolean;
  /** `--wait-for-peers`: how long calls wait for a Worker that is not there, milliseconds. */
  readonly waitMs: number;
}

/** Longest wait of a start for the registry's word: it may be suspended. */
const KNOWN_MS = 1_000;
/** Longest time that a session which is busy with its own start leaves others without a daemon. */
const QUIET_MS = 5_000;
/** The first requests of a session come as it settles, and a daemon that boots would take a processor from them. */
const FIRST_REQUESTS_MS = 200;
/** Longest wait of a call for sessions that run and that the registry does not know yet. */
const ARRIVING_MS = 2_000;
/** Longest time between the registry's word to a session that arrives and its word to this one. */
const TOLD_MS = 250;
/** A Worker that has been starting for longer is in trouble of its own. */
const STARTING_MS = 30_000;
/** How long the registry may take to notice that nobody listens at an address any more. */
const UNREACHABLE_MS = 2_000;

export class RegistryPeers implements PeerDirectory {
  readonly enabled = true;
  readonly #options: RegistryPeersOptions;
  readonly #known: Deferred<void> = createDeferred();
  readonly #opened: Deferred<void> = createDeferred();
  readonly #closed: Deferred<void> = createDeferred();
  /** A call waits for another session: it is not too early for a daemon any more. */
  readonly #wanted: Deferred<void> = createDeferred();
  #arrival: Arrival | undefined;
  #isClosed = false;
  #client: RegistryClient | undefined;
  /** Why there is no client. */
  #problem: string | undefined;
  #workers: readonly AnnouncedWorker[] = [];
  /** What was last announced, as text, by name. */
  readonly #announced: Map<string, string> = new Map();
  readonly #workspaces: Map<string, WorkspaceInfo> = new Map();
  #folder = "";
  /** Of the registry to what is announced, until it knows the session. */
  #answers: Promise<AnnounceResult>[] | undefined = [];
  /** Addresses that `resolve` gave out, by workspace and service. */
  readonly #given: Map<string, { service: string; from: string; path: string }> = new Map();
  readonly #watchers: Set<() => void> = new Set();

  constructor(options: RegistryPeersOptions) {
    this.#options = options;
  }

  get known(): Promise<void> {
    return this.#known.promise;
  }

  connect(folder: string, events: PeerEvents, quiet: Promise<unknown>): void {
    this.#folder = folder;
    setTimeout(() => this.#known.resolve(), KNOWN_MS).unref();
    const arrival = this.#arrive();
    this.#arrival = arrival;
    const calm = quiet
      .catch(() => {})
      .then(() => delay(FIRST_REQUESTS_MS, undefined, { ref: false }));
    const canStart = Promise.race([calm, this.#wanted.promise, arrival?.awaited ?? calm]);
    this.#open(events, canStart)
      .catch((error: unknown) => {
        if (this.#isClosed) return;
        this.#problem = messageOf(error);
        const consequence =
          "Workers of other sessions are not reachable, and theirs cannot call these.";
        events.onTrouble(`${this.#problem}\n${hintOf(error)}\n${consequence}`);
      })
      .finally(() => {
        this.#known.resolve();
        this.#opened.resolve();
        arrival?.close();
      });
  }

  /** `canStart`: resolves when there is time to start a daemon. */
  async #open(events: PeerEvents, canStart: Promise<unknown>): Promise<void> {
    const { env, cwd, version } = this.#options;
    const { RegistryClient } = await import("../registry/client.ts");
    if (this.#isClosed) return;
    const client = new RegistryClient({
      env,
      workspace: this.#workspaceOf(undefined),
      session: { pid: process.pid, cwd, version, startedAt: Date.now() },
      beforeStart: async () => {
        // Nobody is there: that is knowledge, too.
        this.#known.resolve();
        const longest = delay(QUIET_MS, undefined, { ref: false });
        await Promise.race([canStart, this.#closed.promise, longest]);
      },
      onChange: (services) => this.#onChange(services, events),
      onConflict: (worker, holder) =>
        events.onName({ type: "taken", worker, holder: describeHolder(holder) }),
      onLost: (worker, holder) =>
        events.onName({ type: "lost", worker, holder: describeHolder(holder) }),
      onTakeover: (worker) => events.onName({ type: "ours", worker }),
      onState: (state) => onState(state, version, events),
    });
    this.#client = client;
    this.#announceAll();
    await client.open();
    // Whoever waits for this session finds its Workers.
    await Promise.race([Promise.all(this.#answers ?? []), this.#closed.promise]);
    this.#answers = undefined;
  }

  /** Commands that come in the meantime shall wait. Undefined: there is no folder, which is said below. */
  #arrive(): Arrival | undefined {
    try {
      const { env, cwd } = this.#options;
      return announceArrival(resolveRegistryPaths(env, cwd));
    } catch {
      return undefined;
    }
  }

  /** Resolves true when another session that is on its way has arrived; false if there is none, or after `ms`. */
  async #arrivalOfAnother(ms: number): Promise<boolean> {
    if (ms <= 0 || this.#isClosed) return false;
    const { env, cwd } = this.#options;
    const arriving = arrivingSessions(resolveRegistryPaths(env, cwd));
    const others = arriving.filter((path) => path !== this.#arrival?.path);
    return nextArrival(others, ms);
  }

  urlOf(service: string, from: string): string | undefined {
    const resolution = this.#client?.resolve(service, this.#workspaceOf(from));
    return resolution?.type === "found" ? resolution.worker.url : undefined;
  }

  lookup(service: string, from: string): PeerState | undefined {
    const client = this.#client;
    if (client === undefined) {
      return this.#problem === undefined
        ? undefined
        : { state: "absent", reason: "the dev registry cannot be used" };
    }
    const workspace = this.#workspaceOf(from);
    const resolution = client.resolve(service, workspace);
    switch (resolution.type) {
      case "found":
        return { state: "ready", entrypoints: resolution.worker.entrypoints };
      case "starting":
        return { state: resolution.worker.failure === undefined ? "starting" : "failed" };
      case "ambiguous": {
        const places = resolution.candidates.map((worker) => worker.workspace.root);
        return {
          state: "absent",
          reason: `${service} runs in several workspaces: ${places.join(", ")}`,
        };
      }
      case "incompatible": {
        const { version } = resolution.worker;
        const ours = this.#options.version;
        const reason = `${service} runs with the incompatible drover ${version}, this is ${ours}`;
        return { state: "absent", reason };
      }
      case "missing": {
        const other = client
          .list()
          .find(
            (worker) => worker.name === service && areSiblingCheckouts(worker.workspace, workspace),
          );
        if (other === undefined || client.isOwn(other)) return undefined;
        const reason = `${service} runs in another checkout only: ${other.workspace.root}`;
        return { state: "absent", reason };
      }
    }
  }

  queueBroker(queue: string, from: string): string | undefined {
    const client = this.#client;
    if (client === undefined) return undefined;
    const workspace = this.#workspaceOf(from);
    const consumers = client
      .list()
      .filter(({ compatible, queues }) => compatible && queues?.names.includes(queue) === true)
      .filter((worker) => !client.isOwn(worker));
    // As Workers are found: the own workspace first, then the only other one.
    const near = consumers.find((worker) => worker.workspace.root === workspace.root);
    if (near !== undefined) return near.queues?.address;
    const others = consumers.filter((worker) => !areSiblingCheckouts(worker.workspace, workspace));
    return others.length === 1 ? others[0]?.queues?.address : undefined;
  }

  async resolve(service: string, from: string, unreachable?: string): Promise<Peer | PeerMissing> {
    // A call in the first moments: the registry's first word is on the way. Where there was nobody to say
    // it, another session may have started one since.
    this.#wanted.resolve();
    await this.#opened.promise;
    const client = this.#client;
    if (client === undefined) {
      const detail = this.#problem ?? "The session is ending.";
      return { message: workerNotFound(service), detail };
    }
    const startedAt = performance.now();
    for (;;) {
      const change = this.#nextChange();
      const resolution = client.resolve(service, this.#workspaceOf(from));
      const isFound = resolution.type === "found" && resolution.worker.address !== unreachable;
      if (isFound) {
        change.forget();
        const { address, generation } = resolution.worker;
        this.#given.set(`${from}\0${service}`, { service, from, path: address });
        return { path: address, generation };
      }
      const waited = performance.now() - startedAt;
      if (resolution.type === "missing" && (await this.#arrivalOfAnother(ARRIVING_MS - waited))) {
        await change.within(TOLD_MS);
        continue;
      }
      const left = this.#patience(resolution) - (performance.now() - startedAt);
      if (left <= 0 || this.#isClosed || !(await change.within(left))) {
        change.forget();
        return this.#missing(resolution, service, from);
      }
    }
  }

  announce(workers: readonly AnnouncedWorker[]): void {
    this.#workers = workers;
    this.#announceAll();
  }

  createSocketPath(): string | undefined {
    if (this.#problem !== undefined) return undefined;
    try {
      const { env, cwd } = this.#options;
      return createWorkerSocketPath(resolveRegistryPaths(env, cwd));
    } catch {
      // No usable directory: said once, by `connect`.
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#closed.resolve();
    for (const wake of [...this.#watchers]) wake();
    await this.#client?.close();
  }

  #onChange(services: readonly string[], events: PeerEvents): void {
    const stale = new Set<string>();
    for (const [key, { service, from, path: given }] of this.#given) {
      if (!services.includes(service)) continue;
      const resolution = this.#client?.resolve(service, this.#workspaceOf(from));
      if (resolution?.type === "found" && resolution.worker.address === given) continue;
      this.#given.delete(key);
      stale.add(service);
    }
    events.onChange(services, [...stale]);
    for (const wake of [...this.#watchers]) wake();
  }

  #announceAll(): void {
    const client = this.#client;
    if (client === undefined || this.#isClosed || this.#options.announces === false) return;
    const names = new Set(this.#workers.map(({ name }) => name));
    for (const name of [...this.#announced.keys()]) {
      if (names.has(name)) continue;
      this.#announced.delete(name);
      client.withdraw(name);
    }
    for (const worker of this.#workers) {
      const announcement = this.#announcementOf(worker);
      const text = JSON.stringify(announcement);
      const before = this.#announced.get(worker.name);
      if (before === text) continue;
      this.#announced.set(worker.name, text);
      // Taken once: whoever takes it back later keeps it.
      const takeover = this.#options.takeover && before === undefined;
      const answer = client.announce(announcement, { takeover });
      this.#answers?.push(answer);
    }
  }

  #announcementOf(worker: AnnouncedWorker): WorkerAnnouncement {
    const { name, root, entrypoints, path: address, generation } = worker;
    const { failure, url, configPath, environment, queues, queueAddress, localData } = worker;
    return {
      name,
      entrypoints,
      durableObjectClasses: entrypoints
        .filter(({ kind }) => kind === "durable-object" || kind === "legacy-durable-object")
        .map((entrypoint) => entrypoint.name),
      address: address ?? null,
      generation,
      ready: address !== undefined,
      workspace: this.#workspaceAt(root),
      localData,
      ...(failure === undefined ? {} : { failure }),
      ...(url === undefined ? {} : { url }),
      ...(queueAddress === undefined || queues.length === 0
        ? {}
        : { queues: { names: queues, address: queueAddress } }),
      ...(configPath === undefined ? {} : { configPath }),
      ...(environment === undefined ? {} : { environment }),
    };
  }

  /** Of the Worker of that name, else the session's own. */
  #workspaceOf(worker: string | undefined): WorkspaceInfo {
    const root = this.#workers.find(({ name }) => name === worker)?.root;
    return this.#workspaceAt(root ?? this.#folder);
  }

  #workspaceAt(folder: string): WorkspaceInfo {
    let workspace = this.#workspaces.get(folder);
    if (workspace === undefined) {
      workspace = findWorkspace(folder);
      this.#workspaces.set(folder, workspace);
    }
    return workspace;
  }

  /** How long a call waits for this to change, milliseconds. */
  #patience(resolution: Resolution): number {
    const { waitMs } = this.#options;
    if (resolution.type === "found") return Math.max(UNREACHABLE_MS, waitMs);
    if (resolution.type !== "starting" || resolution.worker.failure !== undefined) return waitMs;
    return Math.max(STARTING_MS, waitMs);
  }

  #missing(resolution: Resolution, service: string, from: string): PeerMissing {
    if (resolution.type === "found") {
      const { name, session } = resolution.worker;
      const detail = `"${name}" (process ${session.pid}) does not accept connections.`;
      return { message: workerNotFound(service), detail };
    }
    const { message, detail } = resolution;
    if (resolution.type === "starting") {
      const { failure } = resolution.worker;
      if (failure === undefined) return { message, detail };
      return { message: `Worker "${service}" failed to start: ${failure}`, detail };
    }
    if (resolution.type !== "missing" || detail.includes("Start it with:"))
      return { message, detail };
    const folders = [...new Set(this.#workers.map(({ root }) => root))];
    const { root } = this.#workspaceOf(from);
    const command = findStartCommand(service, folders, root, this.#options.cwd);
    return command === undefined
      ? { message, detail }
      : { message, detail: `${detail}\nStart it with: ${command}` };
  }

  /** `within` resolves true when anything changes, false when the time is over. Call one of the two. */
  #nextChange(): { within(ms: number): Promise<boolean>; forget(): void } {
    const changed = createDeferred<boolean>();
    const wake = (): void => changed.resolve(true);
    this.#watchers.add(wake);
    const forget = (): void => void this.#watchers.delete(wake);
    return {
      forget,
      async within(ms) {
        const timer = setTimeout(() => changed.resolve(false), ms);
        try {
          return await changed.promise;
        } finally {
          clearTimeout(timer);
          forget();
        }
      },
    };
  }
}

/** Of a session that finds others and is found by nobody; undefined: there shall be no registry. */
export function lookingPeers(
  options: Pick<RegistryPeersOptions, "env" | "cwd" | "version">,
): PeerDirectory | undefined {
  if (isRegistryOff(options.env)) return undefined;
  return new RegistryPeers({ ...options, takeover: false, announces: false, waitMs: 0 });
}
