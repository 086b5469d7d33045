/**
 * The daemon itself: who runs which Worker, where. Runs in a process of its own (daemon-main.ts);
 * tests run it in theirs.
 */
import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import net from "node:net";
import {
  type ClientMessage,
  type DaemonInfo,
  type ForeignWorker,
  type HelloMessage,
  type NameHolder,
  REGISTRY_PROTOCOL,
  type RegisteredWorker,
  type WorkerAnnouncement,
  type WorkerKey,
} from "../protocol/registry.ts";
import { createDeferred } from "../util/deferred.ts";
import { assertNever } from "../util/errors.ts";
import { DaemonPeer, type PeerRecord } from "./daemon-peer.ts";
import { electAndListen } from "./election.ts";
import { MessageError } from "./messages.ts";
import { NameTable } from "./name-table.ts";
import type { RegistryPaths } from "./paths.ts";
import { removeAbandonedFiles, removeSocketsOf } from "./socket-files.ts";

export interface DaemonSettings {
  readonly paths: RegistryPaths;
  /** Version of the drover that starts it. */
  readonly version: string;
  /** Milliseconds without a session after which the daemon ends. */
  readonly idleMs: number;
  /** REGISTRY_PROTOCOL unless a test plays another version. */
  readonly protocol?: number;
}

/** A connection that does not say who it is within this time is closed. */
const HELLO_MS = 10_000;

/** Returns undefined if another daemon already serves these paths. */
export async function startDaemon(settings: DaemonSettings): Promise<RegistryDaemon | undefined> {
  const server = net.createServer();
  // Accepts only after the daemon has its handlers: connections of the same turn are not lost.
  const daemon = new RegistryDaemon(server, settings);
  if (!(await electAndListen(server, settings.paths))) return undefined;
  await daemon.open();
  return daemon;
}

/**
 * Who runs which Worker, where: the one process per user that all sessions are connected to. Keeps
 * everything in memory; a connection's end takes all that came over it. No timer runs while a
 * session is connected.
 */
export class RegistryDaemon {
  readonly #server: net.Server;
  readonly #settings: DaemonSettings;
  readonly #info: DaemonInfo;
  readonly #peers = new Set<DaemonPeer>();
  /** Names of compatible sessions' Workers. */
  readonly #names = new NameTable<DaemonPeer>();
  /** What sessions see: holders of names, and incompatible sessions' Workers. */
  readonly #workers = new Map<WorkerKey, RegisteredWorker>();
  readonly #closed = createDeferred();
  #idleTimer: NodeJS.Timeout | undefined;
  #hasServed = false;
  #flushing = false;
  #closing = false;
  #watcher: FSWatcher | undefined;
  #inode = 0;

  constructor(server: net.Server, settings: DaemonSettings) {
    this.#server = server;
    this.#settings = settings;
    this.#info = {
      pid: process.pid,
      protocol: settings.protocol ?? REGISTRY_PROTOCOL,
      version: settings.version,
      startedAt: Date.now(),
    };
    server.on("connection", (socket) => this.#accept(socket));
  }

  /** Resolves when the daemon has ended, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Called once, when the server listens. */
  async open(): Promise<void> {
    const { directory, socket } = this.#settings.paths;
    this.#armIdleTimer();
    if (directory === null) return;
    this.#inode = await inodeOf(socket);
    this.#watch(directory);
    await removeAbandonedFiles(directory, socket);
    await this.#checkSocketFile();
  }

  /**
   * Ends all connections and removes the socket file. Does not wait for the other sides: one of
   * them may be suspended.
   */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    clearTimeout(this.#idleTimer);
    this.#watcher?.close();
    this.#server.close();
    for (const peer of this.#peers) peer.end();
    setImmediate(() => this.#closed.resolve());
  }

  #watch(directory: string): void {
    try {
      this.#watcher = watch(directory, () => void this.#checkSocketFile());
      this.#watcher.on("error", () => void this.#checkSocketFile());
    } catch {
      // The user's watches are used up: serving without one beats not serving.
    }
  }

  #accept(socket: net.Socket): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const helloTimer = setTimeout(() => socket.destroy(), HELLO_MS);
    const peer = new DaemonPeer(socket, {
      onMessage: (message) => {
        if (message.type === "hello") clearTimeout(helloTimer);
        this.#onMessage(peer, message);
      },
      onGone: () => {
        clearTimeout(helloTimer);
        this.#drop(peer);
      },
      onDrain: () => this.#flush(peer),
    });
    this.#peers.add(peer);
  }

  #onMessage(peer: DaemonPeer, message: ClientMessage): void {
    if (message.type === "hello") {
      if (peer.hello !== undefined) throw new MessageError("second hello");
      this.#greet(peer, message);
      return;
    }
    if (peer.hello === undefined) throw new MessageError("no hello");
    switch (message.type) {
      case "announce":
        if (!peer.compatible) throw new MessageError("incompatible");
        this.#announce(peer, message);
        break;
      case "withdraw":
        this.#withdraw(peer, message.name);
        break;
      case "names":
        this.#nameForeign(peer, message.workers);
        break;
      case "stop":
        for (const other of this.#peers) other.send({ type: "stopping" });
        this.close();
        break;
      default:
        assertNever(message);
    }
  }

  #greet(peer: DaemonPeer, hello: HelloMessage): void {
    // The same session over a new connection: the old one is dead, whatever its socket says.
    for (const other of this.#peers) if (other.hello?.id === hello.id) other.destroy();
    peer.hello = hello;
    peer.compatible = hello.protocol === this.#info.protocol;
    if (peer.compatible) {
      this.#disarmIdleTimer(peer);
      peer.send({ type: "welcome", daemon: this.#info, workers: [...this.#workers.values()] });
    } else if (hello.role === "session" && this.#hasServed && !this.#isServing()) {
      // An update of drover: the old daemon only waited for its time to be up. The new session
      // finds the connection closed and starts a daemon of its own version.
      this.close();
    } else {
      peer.send({ type: "incompatible", daemon: this.#info, workers: this.#foreignView() });
    }
  }

  /** True while there is a session to serve; incompatible ones only learn names. */
  #isServing(): boolean {
    for (const { compatible, hello } of this.#peers) {
      if (compatible && hello?.role === "session") return true;
    }
    return false;
  }

  #announce(peer: DaemonPeer, message: Extract<ClientMessage, { type: "announce" }>): void {
    const { worker, request, heldBefore } = message;
    const registered = toRegistered(peer, worker, message.since);
    const previous = peer.records.get(worker.name);
    if (previous !== undefined && previous.worker.workspace.root !== registered.workspace.root) {
      this.#withdraw(peer, worker.name);
    }
    const record = peer.records.get(worker.name) ?? {
      worker: registered,
      held: false,
      heldBefore,
      unanswered: 0,
    };
    record.worker = registered;
    record.unanswered += 1;
    peer.records.set(worker.name, record);

    // After a daemon's death the session that waits for a name may be the first to come back.
    const holder = this.#names.holder(registered.workspace.root, worker.name);
    const isOlderClaim = heldBefore && holder?.records.get(worker.name)?.heldBefore === false;
    const takeover = message.takeover || isOlderClaim;
    const claim = this.#names.claim(registered.workspace.root, worker.name, peer, takeover);
    if (claim.type === "taken") this.#lose(claim.from, worker.name, holderOf(registered));
    if (claim.type !== "queued") this.#publish(peer, record);
    // The holder may have ended before this session began, with that news still unread: one turn
    // of the event loop brings it.
    if (claim.type === "queued") setImmediate(() => this.#answer(peer, record, request));
    else this.#answer(peer, record, request);
  }

  #answer(peer: DaemonPeer, record: PeerRecord, request: number): void {
    record.unanswered -= 1;
    const { name, workspace } = record.worker;
    const holder = this.#names.holder(workspace.root, name)?.records.get(name);
    if (record.held || holder === undefined) peer.send({ type: "registered", request, name });
    else peer.send({ type: "conflict", request, name, holder: holderOf(holder.worker) });
  }

  #publish(peer: DaemonPeer, record: PeerRecord): void {
    record.held = true;
    const key = keyOf(peer, record.worker.name);
    this.#workers.set(key, record.worker);
    this.#changed(key);
  }

  #unpublish(peer: DaemonPeer, name: string): void {
    const key = keyOf(peer, name);
    if (this.#workers.delete(key)) this.#changed(key);
  }

  #lose(peer: DaemonPeer, name: string, holder: NameHolder): void {
    const record = peer.records.get(name);
    if (record === undefined) return;
    record.held = false;
    this.#unpublish(peer, name);
    peer.send({ type: "lost", name, holder });
  }

  #withdraw(peer: DaemonPeer, name: string): void {
    const record = peer.records.get(name);
    if (record === undefined) return;
    peer.records.delete(name);
    record.held = false;
    this.#unpublish(peer, name);
    const heir = this.#names.release(record.worker.workspace.root, name, peer);
    const inherited = heir?.records.get(name);
    if (heir === undefined || inherited === undefined) return;
    this.#publish(heir, inherited);
    if (inherited.unanswered === 0) heir.send({ type: "promoted", name });
  }

  #nameForeign(peer: DaemonPeer, names: readonly string[]): void {
    if (peer.compatible) throw new MessageError("compatible");
    for (const name of peer.records.keys())
      if (!names.includes(name)) this.#dropForeign(peer, name);
    for (const name of names) {
      if (peer.records.has(name)) continue;
      const nothing = { entrypoints: [], durableObjectClasses: [], generation: 0, ready: false };
      const worker = toRegistered(peer, { name, address: null, ...nothing }, Date.now());
      const record = { worker, held: true, heldBefore: false, unanswered: 0 };
      peer.records.set(name, record);
      this.#publish(peer, record);
    }
  }

  #dropForeign(peer: DaemonPeer, name: string): void {
    peer.records.delete(name);
    this.#unpublish(peer, name);
  }

  #drop(peer: DaemonPeer): void {
    this.#peers.delete(peer);
    for (const name of [...peer.records.keys()]) {
      if (peer.compatible) this.#withdraw(peer, name);
      else this.#dropForeign(peer, name);
    }
    const { directory } = this.#settings.paths;
    // Without the directory there is nothing to remove, and #checkSocketFile ends the daemon.
    if (directory !== null && peer.hello?.role === "session") {
      removeSocketsOf(directory, peer.hello.session.pid).catch(() => {});
    }
    if (!this.#isServing()) this.#armIdleTimer();
  }

  #changed(key: WorkerKey): void {
    for (const peer of this.#peers) if (peer.hello !== undefined) peer.markDirty(key);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      for (const peer of this.#peers) this.#flush(peer);
    });
  }

  #flush(peer: DaemonPeer): void {
    if (this.#closing) return;
    const keys = peer.takeDirty();
    if (keys.length === 0) return;
    if (!peer.compatible) {
      peer.send({ type: "incompatible", daemon: this.#info, workers: this.#foreignView() });
      return;
    }
    const changed: RegisteredWorker[] = [];
    const gone: WorkerKey[] = [];
    for (const key of keys) {
      const worker = this.#workers.get(key);
      if (worker === undefined) gone.push(key);
      else changed.push(worker);
    }
    peer.send({ type: "update", changed, gone });
  }

  #foreignView(): ForeignWorker[] {
    return [...this.#workers.values()].map(({ name, session }) => ({
      name,
      pid: session.pid,
      folder: session.cwd,
      version: session.version,
    }));
  }

  #armIdleTimer(): void {
    if (this.#idleTimer !== undefined || this.#closing) return;
    this.#idleTimer = setTimeout(() => this.close(), this.#settings.idleMs);
  }

  #disarmIdleTimer(peer: DaemonPeer): void {
    if (peer.hello?.role !== "session") return;
    this.#hasServed = true;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  /**
   * Somebody removed the runtime directory, or another daemon won an election that this one had
   * won: sessions that start now cannot find this daemon. It ends, and they all meet again.
   */
  async #checkSocketFile(): Promise<void> {
    const found = await inodeOf(this.#settings.paths.socket);
    if ((found === this.#inode && found !== 0) || this.#closing) return;
    // Not close(): it would unlink the successor's socket file.
    this.#closing = true;
    this.#closed.resolve();
  }
}

/** 0 if there is no such file. */
function inodeOf(file: string): Promise<number> {
  return stat(file).then(
    (stats) => stats.ino,
    () => 0,
  );
}

function keyOf(peer: DaemonPeer, name: string): WorkerKey {
  return `${peer.hello?.id ?? ""}:${name}`;
}

function toRegistered(
  peer: DaemonPeer,
  worker: WorkerAnnouncement,
  since: number,
): RegisteredWorker {
  const hello = peer.hello as HelloMessage;
  return {
    ...worker,
    workspace: worker.workspace ?? hello.workspace,
    session: { ...hello.session, id: hello.id },
    since,
    compatible: peer.compatible,
  };
}

function holderOf(worker: RegisteredWorker): NameHolder {
  const { pid, cwd, version } = worker.session;
  return { pid, folder: cwd, since: worker.since, version };
}
