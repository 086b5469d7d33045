/**
 * The public face of the registry for a session: options, events, names and their resolution. Made by
 * session/registry-peers.ts; runs in the session process.
 */
import { randomBytes } from "node:crypto";
import {
  type DaemonInfo,
  type DaemonMessage,
  type ForeignWorker,
  type NameHolder,
  REGISTRY_PROTOCOL,
  type RegisteredWorker,
  type WorkerAnnouncement,
  type WorkspaceInfo,
} from "../protocol/registry.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { devCommand } from "../util/dev-command.ts";
import { assertNever } from "../util/errors.ts";
import type { AnnounceResult, RegistryOptions } from "./client-types.ts";
import type { DaemonConnection } from "./connection.ts";
import { DaemonLine } from "./line.ts";
import { createWorkerSocketPath, type RegistryPaths, resolveRegistryPaths } from "./paths.ts";
import { type Resolution, resolveService } from "./resolve.ts";
import { Snapshot } from "./snapshot.ts";

interface Announced {
  worker: WorkerAnnouncement;
  readonly since: number;
  standing: "pending" | "registered" | "conflict";
  takeover: boolean;
  heldBefore: boolean;
  /** "announce" calls that wait for an answer, by request number. */
  readonly waiting: Map<number, Deferred<AnnounceResult>>;
}

/**
 * One session's end of the registry: announces its Workers, knows all others', resolves names from
 * its own copy without asking anybody. Owned by the session. A dead daemon is replaced behind the
 * scenes and everything is announced again; links between Workers have nothing to do with it.
 */
export class RegistryClient {
  readonly #options: RegistryOptions;
  readonly #id: string;
  readonly #paths: RegistryPaths;
  readonly #line: DaemonLine;
  readonly #snapshot: Snapshot;
  readonly #announced = new Map<string, Announced>();
  /** Folders and configs of Workers seen before, for the command that starts them again. */
  readonly #remembered = new Map<string, RegisteredWorker>();
  /** Names that we wait for, not announced to a new daemon before their holders are. */
  readonly #heldBack = new Set<Announced>();
  /** A connection whose daemon has not said yet who it is: nothing is announced over it. */
  #greeting: DaemonConnection | undefined;
  #connection: DaemonConnection | undefined;
  #daemon: DaemonInfo | undefined;
  #foreign: readonly ForeignWorker[] = [];
  #nextRequest = 1;
  #closed = false;

  constructor(options: RegistryOptions) {
    const { session, env } = options;
    this.#options = options;
    this.#id = `${session.pid}-${session.startedAt}-${randomBytes(4).toString("hex")}`;
    this.#paths = resolveRegistryPaths(env, session.cwd);
    this.#snapshot = new Snapshot((changed) => this.#onDifferences(changed));
    this.#line = new DaemonLine({
      paths: this.#paths,
      // Somebody may have removed the directory since.
      prepare: () => void resolveRegistryPaths(env, session.cwd),
      ...(options.beforeStart === undefined ? {} : { beforeStart: options.beforeStart }),
      env,
      version: session.version,
      protocol: this.#protocol,
      onOpen: (connection) => this.#onOpen(connection),
      onMessage: (message) => this.#onMessage(message),
      onState: (state) => options.onState?.(state),
    });
  }

  /**
   * Connects to the user's daemon, starting it if there is none. Resolves with the first snapshot,
   * or after three seconds without one (a suspended daemon): the client then goes on trying by
   * itself. Call once. Throws a UserError (errors.ts) if there can be no registry at all.
   */
  open(): Promise<void> {
    return this.#line.open();
  }

  /** The daemon that this session is registered with; undefined while there is none. */
  get daemon(): DaemonInfo | undefined {
    return this.#connection === undefined ? undefined : this.#daemon;
  }

  /** A fresh path in the runtime directory for a Worker's thread to listen on. */
  createSocketPath(): string {
    return createWorkerSocketPath(this.#paths);
  }

  /**
   * Says what a Worker is like now; again whenever that changes. Resolves when the daemon has
   * answered, which may be after a reconnection; never rejects. With `takeover` the name is taken
   * from its holder.
   */
  announce(
    worker: WorkerAnnouncement,
    options: { readonly takeover?: boolean } = {},
  ): Promise<AnnounceResult> {
    if (this.#closed) return Promise.resolve({ type: "unregistered" });
    const known = this.#announced.get(worker.name);
    const announced: Announced = known ?? {
      worker,
      since: Date.now(),
      standing: "pending",
      takeover: false,
      heldBefore: false,
      waiting: new Map(),
    };
    announced.worker = worker;
    // Wanted until the daemon has given the name, also if the Worker changes before that.
    announced.takeover ||= options.takeover === true;
    this.#announced.set(worker.name, announced);
    const answer = createDeferred<AnnounceResult>();
    const request = this.#nextRequest++;
    announced.waiting.set(request, answer);
    this.#sendAnnounce(announced, request);
    return answer.promise;
  }

  /** The Worker is no longer part of this session; whoever waits for the name gets it. */
  withdraw(name: string): void {
    const announced = this.#announced.get(name);
    if (announced === undefined) return;
    this.#announced.delete(name);
    this.#heldBack.delete(announced);
    settle(announced, { type: "unregistered" });
    if (this.#isForeign) this.#sendNames();
    else this.#connection?.send({ type: "withdraw", name });
  }

  /**
   * What `service` means for a Worker of `from` (the session's workspace) right now, among other
   * sessions' Workers: the session looks among its own first.
   */
  resolve(service: string, from: WorkspaceInfo = this.#options.workspace): Resolution {
    return resolveService({
      service,
      from,
      workers: this.#listWithOwn(),
      self: this.#id,
      foreign: this.#foreign,
      version: this.#options.session.version,
      command: this.#options.commandFor?.(service) ?? this.#rememberedCommand(service, from),
    });
  }

  /** All Workers of all sessions, this one's included. */
  list(): readonly RegisteredWorker[] {
    return this.#snapshot.workers;
  }

  /** Our own count as soon as they are announced, whatever the daemon knows. */
  #listWithOwn(): readonly RegisteredWorker[] {
    const { session, workspace } = this.#options;
    const own = [...this.#announced.values()].map(({ worker, since }) => ({
      ...worker,
      workspace: worker.workspace ?? workspace,
      session: { ...session, id: this.#id },
      since,
      compatible: true,
    }));
    return [...own, ...this.list().filter((worker) => !this.isOwn(worker))];
  }

  /** True if the Worker is one of this session's own. */
  isOwn(worker: RegisteredWorker): boolean {
    return worker.session.id === this.#id;
  }

  /** Leaves the registry: peers see this session's Workers go at once. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#snapshot.close();
    await this.#line.close();
    for (const announced of this.#announced.values()) settle(announced, { type: "unregistered" });
    this.#announced.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #protocol(): number {
    return this.#options.protocol ?? REGISTRY_PROTOCOL;
  }

  get #isForeign(): boolean {
    return this.#daemon !== undefined && this.#daemon.protocol !== this.#protocol;
  }

  #onOpen(connection: DaemonConnection): void {
    const { session, workspace } = this.#options;
    const hello = { id: this.#id, protocol: this.#protocol, session, workspace };
    connection.send({ type: "hello", role: "session", ...hello });
    this.#greeting = connection;
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
  }

  #onMessage(message: DaemonMessage): void {
    if (this.#closed) return;
    switch (message.type) {
      case "welcome":
        this.#onWelcome(message.daemon, message.workers);
        break;
      case "incompatible":
        this.#onIncompatible(message.daemon, message.workers);
        break;
      case "registered":
        this.#onRegistered(message.name, message.request);
        break;
      case "conflict":
        this.#onConflict(message.name, message.holder, message.request);
        break;
      case "promoted":
        this.#onPromoted(message.name);
        break;
      case "lost":
        this.#onLost(message.name, message.holder);
        break;
      case "update":
        this.#snapshot.update(message.changed, message.gone);
        // Also without a difference: a holder may just have been confirmed.
        this.#announcePending();
        break;
      case "stopping":
        this.#line.rest();
        // Nobody will tell us who ends from now on: their sockets do.
        this.#snapshot.replace([], this.#id);
        break;
      default:
        assertNever(message);
    }
  }

  #onWelcome(daemon: DaemonInfo, workers: readonly RegisteredWorker[]): void {
    const isOther = !isSameDaemon(this.#daemon, daemon);
    this.#daemon = daemon;
    this.#connection = this.#greeting;
    this.#foreign = [];
    this.#snapshot.replace(workers, this.#id);
    for (const announced of this.#announced.values()) {
      // A name that was ours is claimed at once. One that we wait for is left to its holder, who
      // may be slower than we are in finding the new daemon.
      const { worker, standing } = announced;
      announced.heldBefore = isOther && standing === "registered";
      const root = (worker.workspace ?? this.#options.workspace).root;
      const isAwaited = this.#snapshot.unconfirmedHolder(root, worker.name) !== undefined;
      if (standing === "conflict" && isAwaited) this.#heldBack.add(announced);
      else this.#reannounce(announced);
    }
    if (this.#announced.size === 0) this.#line.proven();
    this.#options.onState?.({ type: "connected", daemon });
  }

  #onIncompatible(daemon: DaemonInfo, workers: readonly ForeignWorker[]): void {
    const isFirst = !isSameDaemon(this.#daemon, daemon);
    const before = this.#foreign;
    this.#daemon = daemon;
    this.#connection = this.#greeting;
    this.#foreign = workers;
    if (isFirst) {
      this.#snapshot.replace([], this.#id);
      this.#options.onState?.({ type: "incompatible", daemon });
    }
    for (const announced of this.#announced.values()) settle(announced, { type: "unregistered" });
    this.#sendNames();
    const names = new Set([...before, ...workers].map((worker) => worker.name));
    if (names.size > 0) this.#options.onChange?.([...names]);
  }

  #onRegistered(name: string, request: number): void {
    const announced = this.#announced.get(name);
    if (announced === undefined) return;
    this.#line.proven();
    const wasWaiting = announced.standing === "conflict";
    announced.standing = "registered";
    announced.takeover = false;
    answer(announced, request, { type: "registered" });
    if (wasWaiting) this.#options.onTakeover?.(name);
  }

  #onConflict(name: string, holder: NameHolder, request: number): void {
    const announced = this.#announced.get(name);
    if (announced === undefined) return;
    this.#line.proven();
    const standing = announced.standing;
    announced.standing = "conflict";
    answer(announced, request, { type: "conflict", holder });
    if (standing === "pending") this.#options.onConflict?.(name, holder);
    // Registered with the old daemon, but another session was there first at the new one.
    else if (standing === "registered") this.#options.onLost?.(name, holder);
  }

  #onPromoted(name: string): void {
    const announced = this.#announced.get(name);
    if (announced === undefined || announced.standing === "registered") return;
    announced.standing = "registered";
    this.#options.onTakeover?.(name);
  }

  #onLost(name: string, holder: NameHolder): void {
    const announced = this.#announced.get(name);
    if (announced === undefined) return;
    announced.standing = "conflict";
    this.#options.onLost?.(name, holder);
  }

  /** Announces what was held back and has nothing to wait for any more. */
  #announcePending(): void {
    for (const announced of this.#heldBack) {
      const { worker } = announced;
      const root = (worker.workspace ?? this.#options.workspace).root;
      if (this.#snapshot.unconfirmedHolder(root, worker.name) === undefined) {
        this.#reannounce(announced);
      }
    }
  }

  #reannounce(announced: Announced): void {
    const requests = [...announced.waiting.keys()];
    if (requests.length === 0) requests.push(this.#nextRequest++);
    // Answers come in order: the last one sent carries the truth for all.
    for (const request of requests) this.#sendAnnounce(announced, request);
  }

  #sendAnnounce(announced: Announced, request: number): void {
    if (this.#connection === undefined) return;
    if (this.#isForeign) {
      settle(announced, { type: "unregistered" });
      this.#sendNames();
      return;
    }
    this.#heldBack.delete(announced);
    const { worker, since, takeover, heldBefore } = announced;
    this.#connection.send({ type: "announce", request, worker, since, heldBefore, takeover });
  }

  #sendNames(): void {
    this.#connection?.send({ type: "names", workers: [...this.#announced.keys()] });
  }

  #onDifferences(changed: readonly RegisteredWorker[]): void {
    const services = new Set<string>();
    for (const worker of changed) {
      if (this.isOwn(worker)) continue;
      services.add(worker.name);
      if (worker.configPath !== undefined) this.#remembered.set(worker.name, worker);
    }
    if (this.#closed) return;
    if (services.size > 0) this.#options.onChange?.([...services]);
    this.#announcePending();
  }

  #rememberedCommand(service: string, from: WorkspaceInfo): string | undefined {
    const worker = this.#remembered.get(service);
    if (worker?.configPath === undefined || worker.workspace.root !== from.root) return undefined;
    return devCommand(worker.configPath, worker.environment, this.#options.session.cwd);
  }
}

function isSameDaemon(a: DaemonInfo | undefined, b: DaemonInfo): boolean {
  return a?.pid === b.pid && a.startedAt === b.startedAt;
}

function answer(announced: Announced, request: number, result: AnnounceResult): void {
  announced.waiting.get(request)?.resolve(result);
  announced.waiting.delete(request);
}

function settle(announced: Announced, result: AnnounceResult): void {
  for (const deferred of announced.waiting.values()) deferred.resolve(result);
  announced.waiting.clear();
}
