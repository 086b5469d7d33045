/**
 * The inspector of a session: listens on the socket that the session has bound, and keeps clients on
 * the threads of their Workers. Main thread of the host; owned by host.ts, asked by the slots
 * (debuggers.ts). Nothing of the rest is loaded, and nothing attached, until somebody connects.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { HostSettings } from "../../protocol/host.ts";
import type { LogEntry } from "../../protocol/thread.ts";
import type { DynamicTarget } from "../dynamic/contract.ts";
import { serveHandle } from "../serve-handle.ts";
import type { SessionLink } from "../session-link.ts";
import type { WorkerSlot } from "../worker-slot.ts";
import type { Version, WorkerThread } from "../worker-thread.ts";
import type { Debuggers } from "./debuggers.ts";
import type { Relay } from "./relay.ts";
import type { InspectorView } from "./server.ts";

export interface InspectorContext {
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  readonly slots: ReadonlyMap<string, WorkerSlot>;
  /** Dynamic Workers that serve. */
  readonly dynamic: () => readonly DynamicTarget[];
}

/** A reload does not wait longer for clients that cannot be moved. */
const MOVE_MS = 3000;
const PAUSED = "Paused in the debugger: what runs in this thread waits until it is resumed.";
const DYNAMIC_ENDED = "The dynamic Worker has ended.";
/** Of RFC 6455. */
const GOING_AWAY = 1001;
const LOOPBACK = ["127.0.0.1", "::1"];

export class Inspector implements Debuggers {
  readonly #context: InspectorContext;
  readonly #servers: Set<Server> = new Set();
  readonly #relays: Set<Relay> = new Set();
  /** Threads whose stop has been told of. */
  readonly #told: WeakSet<WorkerThread> = new WeakSet();
  /** Workers that were let go by a client (`--inspect-brk`). */
  readonly #running: Set<string> = new Set();
  /** Those that wait for that. */
  readonly #held: Map<string, (relay: Relay) => void> = new Map();

  constructor(context: InspectorContext) {
    this.#context = context;
  }

  /** Serves on a bound TCP handle and reports "listening" or "listen-failed". */
  listen(id: number, handle: unknown): void {
    const { session } = this.#context;
    const server = createServer((request, response) => void this.#onRequest(request, response));
    server.on(
      "upgrade",
      (request: IncomingMessage, socket: Socket, head: Buffer) =>
        void this.#onUpgrade(request, socket, head),
    );
    serveHandle(server, handle, { id, session, onListening: () => this.#servers.add(server) });
  }

  beforeLoad(worker: string, thread: WorkerThread, version: Version): Promise<void> | undefined {
    thread.bundle = version.bundle;
    const clients = this.#clientsOf(worker);
    const isHeld = this.#waitsFor(worker);
    if (clients.length === 0 && !isHeld) return undefined;
    thread.watch = { isWatched: true };
    return isHeld ? this.#hold(worker, thread) : this.#move(clients, thread);
  }

  onLoadFailed(worker: string): void {
    const thread = this.#context.slots.get(worker)?.debugged;
    if (thread !== undefined) void this.#move(this.#clientsOf(worker), thread);
  }

  /** The session has no such Worker any more. */
  async onRemoved(worker: string): Promise<void> {
    await Promise.all(
      this.#clientsOf(worker).map((relay) => relay.close(GOING_AWAY, "No such Worker.")),
    );
  }

  isWatched(worker: string): boolean {
    return this.#waitsFor(worker) || this.#clientsOf(worker).length > 0;
  }

  /** Lets every thread go on, and closes all connections. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    const relays = [...this.#relays];
    await Promise.all(relays.map((relay) => relay.close(GOING_AWAY, "The session has ended.")));
    for (const server of this.#servers) server.closeAllConnections();
  }

  #clientsOf(worker: string): Relay[] {
    return [...this.#relays].filter((relay) => relay.worker === worker);
  }

  #waitsFor(worker: string): boolean {
    const breaks = this.#context.settings().inspector?.breaks ?? [];
    return breaks.includes(worker) && !this.#running.has(worker);
  }

  /** Until a client says `Runtime.runIfWaitingForDebugger`; then it is stopped at its first line. */
  async #hold(worker: string, thread: WorkerThread): Promise<void> {
    const released = new Promise<Relay>((resolve) => this.#held.set(worker, resolve));
    await this.#move(this.#clientsOf(worker), thread);
    const relay = await released;
    await relay.settled;
    thread.watch = { isWatched: true, breaksAtStart: true };
  }

  async #move(clients: readonly Relay[], thread: WorkerThread): Promise<void> {
    const moved = Promise.all(clients.map((relay) => relay.moveTo(thread)));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MOVE_MS);
    });
    await Promise.race([moved, late]);
    clearTimeout(timer);
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { answerRequest } = await import("./server.ts");
    answerRequest(request, response, this.#view());
  }

  async #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    // Before anything is awaited: what has no listener for it ends the process.
    socket.on("error", () => {});
    const { acceptClient } = await import("./server.ts");
    const relay = await acceptClient(request, socket, head, this.#view(), {
      onPaused: (thread) => this.#onPaused(thread),
      onRun: (from) => this.#onRun(from),
    });
    if (typeof relay === "string") {
      this.#log("warn", this.#context.settings().primary, relay);
      return;
    }
    if (relay === undefined) return;
    this.#relays.add(relay);
    relay.onGone(() => {
      this.#relays.delete(relay);
    });
    const slot = this.#context.slots.get(relay.worker);
    if (slot === undefined) return this.#debugDynamic(relay);
    const thread = slot.debugged;
    if (thread !== undefined) await relay.moveTo(thread);
    else slot.wake();
  }

  /** It has one thread, and its clients leave with that. */
  async #debugDynamic(relay: Relay): Promise<void> {
    const leave = (): void => void relay.close(GOING_AWAY, DYNAMIC_ENDED);
    const thread = this.#context.dynamic().find(({ target }) => target === relay.worker)?.debugged;
    if (thread === undefined) return leave();
    thread.whenLeaving(leave);
    await relay.moveTo(thread);
  }

  #onPaused(thread: WorkerThread): void {
    if (this.#told.has(thread)) return;
    this.#told.add(thread);
    const dynamic = this.#context.dynamic().find(({ debugged }) => debugged === thread);
    if (dynamic === undefined) this.#log("info", thread.workerName, PAUSED);
    else this.#log("info", dynamic.name, `Dynamic Worker "${dynamic.target}": ${PAUSED}`);
  }

  #onRun(relay: Relay): void {
    const { worker } = relay;
    if (!this.#waitsFor(worker)) return;
    this.#running.add(worker);
    this.#held.get(worker)?.(relay);
    this.#held.delete(worker);
  }

  #log(level: LogEntry["level"], worker: string, text: string): void {
    const entry: LogEntry = { kind: "runtime", level, text, time: Date.now() };
    this.#context.session.queue({ type: "log", worker, entry });
  }

  /** What a client may see. */
  #view(): InspectorView {
    const { workers, inspector, primary } = this.#context.settings();
    const first = inspector?.first ?? primary;
    return {
      workers: [first, ...workers.filter((name) => name !== first)],
      dynamic: this.#context.dynamic().map(({ target }) => target),
      version: inspector?.version ?? "",
      isOpen: [...this.#servers].some((server) => !isLocal(server)),
    };
  }
}

function isLocal(server: Server): boolean {
  return LOOPBACK.includes((server.address() as AddressInfo | null)?.address ?? "127.0.0.1");
}
