/**
 * One client of the inspector and the Worker that it debugs, for as long as its socket is open,
 * whatever threads the Worker has meanwhile (spec/devtools-types.md 4). Main thread of the host; made
 * by server.ts for each connection.
 *
 * Messages go through as they are but for what the client must not see of the thread: script maps that
 * lie in memory, frames of the runtime, and the names that breakpoints have after a reload.
 */
import type { WebSocket } from "ws";
import { RUNTIME_SCRIPT } from "../../protocol/runtime-script.ts";
import type { WorkerThread } from "../worker-thread.ts";
import { ClientMemory, type Command } from "./memory.ts";
import { ScriptMaps } from "./source-maps.ts";
import type { ThreadDebugger } from "./thread-debugger.ts";
import { idOf, ThreadSession } from "./thread-session.ts";
import { ClientView } from "./view.ts";

/** Steps pass over these, and a pause waits until they are left. */
const OWN_SCRIPTS: readonly string[] = [`^${RUNTIME_SCRIPT}$`, "^node:"];
/** How much a client may say while its Worker has no thread. */
const MOST_EARLY = 10_000;
const WEB_SOCKET_OPEN = 1;

interface Request extends Command {
  readonly id: number;
}

export interface RelayEvents {
  /** The thread has stopped at a breakpoint. */
  onPaused(thread: WorkerThread): void;
  /** The client has set up what it wants and lets a Worker start that waits for it. */
  onRun(relay: Relay): void;
}

export class Relay implements ThreadDebugger {
  readonly worker: string;
  readonly #socket: WebSocket;
  readonly #events: RelayEvents;
  readonly #memory: ClientMemory = new ClientMemory();
  readonly #view: ClientView;
  /** Said while there was no thread to say it to. */
  #early: Request[] = [];
  /** Not answered yet. */
  readonly #open: Map<number, Command> = new Map();
  #session: ThreadSession | undefined;
  /** Everything is set up in it: what the client says goes there. */
  #isReady = false;
  #maps: ScriptMaps | undefined;
  /** Of the thread before, while there is none. */
  #mapsBefore: ScriptMaps | undefined;
  /** Counts moves: one that is overtaken gives up. */
  #move = 0;
  #isPaused = false;
  #isClosed = false;
  #settled: Promise<void> = Promise.resolve();

  constructor(worker: string, socket: WebSocket, events: RelayEvents) {
    this.worker = worker;
    this.#socket = socket;
    this.#events = events;
    this.#view = new ClientView(worker, this.#memory, () => this.#maps);
    socket.on("message", (data) => this.#onClient(String(data)));
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get thread(): WorkerThread | undefined {
    return this.#session?.isClosed === false ? this.#session.thread : undefined;
  }

  /** `gone` is called when the client has left, and its thread goes on. */
  onGone(gone: () => void): void {
    const leave = (): void => void this.close().then(gone);
    if (this.#socket.readyState === WEB_SOCKET_OPEN) this.#socket.once("close", leave);
    else leave();
    // Close follows.
    this.#socket.on("error", () => {});
  }

  /** Resolves when the last move is done. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Goes on with this thread, with everything set up as the client wants it. Never rejects. */
  moveTo(thread: WorkerThread): Promise<void> {
    this.#settled = this.#moveTo(thread);
    return this.#settled;
  }

  async #moveTo(thread: WorkerThread): Promise<void> {
    if (this.thread === thread || this.#isClosed) return;
    const move = ++this.#move;
    await this.#leave();
    const bundle = thread.bundle;
    const maps = bundle === undefined ? new ScriptMaps() : await ScriptMaps.of(bundle);
    if (move !== this.#move || thread.isEnding || thread.isGone) return;
    // Before the thread can stop: whoever ends it must hear of us.
    thread.attach(this);
    const session = await ThreadSession.open(thread, (text) => this.#onThread(text));
    if (session === undefined) {
      thread.detach(this);
      return;
    }
    if (move !== this.#move || thread.isEnding) {
      await session.close();
      thread.detach(this);
      return;
    }
    this.#maps = maps;
    this.#session = session;
    await this.#setUp(session, maps);
    if (this.#session !== session) return;
    this.#isReady = true;
    for (const request of this.#early.splice(0)) this.#toThread(session, request);
  }

  /** The thread is about to end. */
  async release(): Promise<void> {
    this.#move += 1;
    await this.#leave();
  }

  /** The socket closes, or has. */
  async close(code?: number, reason?: string): Promise<void> {
    this.#isClosed = true;
    await this.release();
    this.#socket.close(code, reason);
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#isReady = false;
    this.#mapsBefore = this.#maps;
    const wasPaused = this.#isPaused;
    await session.close();
    this.#isPaused = false;
    session.thread.detach(this);
    if (this.#isClosed) return;
    if (wasPaused) this.#event("Debugger.resumed");
    for (const id of this.#open.keys()) this.#fail(id, "The Worker was reloaded.");
    this.#open.clear();
    if (this.#memory.isEnabled("Runtime")) this.#event("Runtime.executionContextsCleared");
  }

  async #setUp(session: ThreadSession, maps: ScriptMaps): Promise<void> {
    const commands = this.#memory.commands();
    const done: Promise<unknown>[] = [];
    for (const { method, params } of commands) {
      done.push(session.ask(method, method === BLACKBOX ? withOwnScripts(params) : params));
      if (method === "Debugger.enable") done.push(this.#hideRuntime(session));
    }
    for (const { command, named } of this.#memory.breakpoints(this.#mapsBefore, maps)) {
      const asked = session.ask(command.method, command.params).then((answer) => {
        const { breakpointId } = (answer?.result ?? {}) as { readonly breakpointId?: string };
        if (breakpointId !== undefined) named(breakpointId);
      });
      done.push(asked);
    }
    await Promise.all(done);
  }

  #hideRuntime(session: ThreadSession): Promise<unknown> {
    return session.ask(BLACKBOX, { patterns: OWN_SCRIPTS });
  }

  #onClient(text: string): void {
    const request = parseRequest(text);
    if (request === undefined) {
      this.#send('{"error":{"code":-32700,"message":"Message must be a valid JSON"}}');
      return;
    }
    if (request.method === "Runtime.runIfWaitingForDebugger") this.#events.onRun(this);
    const session = this.#session;
    if (session !== undefined && this.#isReady) this.#toThread(session, request);
    else if (this.#early.length < MOST_EARLY) this.#early.push(request);
    else this.#fail(request.id, "The Worker has no thread.");
  }

  #toThread(session: ThreadSession, request: Request): void {
    const { id, method, params } = request;
    const occupant = this.#memory.takePlaceOf(request);
    if (occupant !== undefined) {
      void session.ask("Debugger.removeBreakpoint", { breakpointId: occupant });
    }
    this.#open.set(id, request);
    session.send(JSON.stringify({ ...request, params: this.#forThread(method, params) }));
    if (method === "Debugger.enable") void this.#hideRuntime(session);
  }

  #forThread(method: string, params: Command["params"]): object {
    if (method === BLACKBOX) return withOwnScripts(params);
    if (method !== "Debugger.removeBreakpoint") return params;
    return { breakpointId: this.#memory.remove(String(params.breakpointId)) };
  }

  #onThread(text: string): void {
    const id = idOf(text);
    if (id === undefined) {
      this.#onEvent(text);
      return;
    }
    const command = this.#open.get(id);
    this.#open.delete(id);
    if (command !== undefined && this.#memory.isOfUse(command)) {
      const answer = JSON.parse(text) as { readonly result?: unknown };
      if (answer.result !== undefined) this.#memory.onDone(command, answer.result);
    }
    this.#send(text);
  }

  #onEvent(text: string): void {
    if (text.startsWith('{"method":"Debugger.paused"')) this.#onPaused();
    else if (text.startsWith('{"method":"Debugger.resumed"')) this.#isPaused = false;
    const shown = this.#view.show(text);
    if (shown !== undefined) this.#send(shown);
  }

  #onPaused(): void {
    this.#isPaused = true;
    const thread = this.#session?.thread;
    if (thread !== undefined) this.#events.onPaused(thread);
  }

  #fail(id: number, message: string): void {
    this.#send(JSON.stringify({ id, error: { code: -32_000, message } }));
  }

  #event(method: string): void {
    this.#send(JSON.stringify({ method, params: {} }));
  }

  #send(text: string): void {
    if (this.#socket.readyState === WEB_SOCKET_OPEN) this.#socket.send(text);
  }
}

const BLACKBOX = "Debugger.setBlackboxPatterns";

function withOwnScripts(params: Command["params"]): object {
  const patterns = Array.isArray(params.patterns) ? params.patterns : [];
  return { ...params, patterns: [...patterns, ...OWN_SCRIPTS] };
}

function parseRequest(text: string): Request | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== "object") return undefined;
  const { id, method, params } = value as Readonly<Record<string, unknown>>;
  if (typeof id !== "number" || typeof method !== "string") return undefined;
  const isObject = params !== null && typeof params === "object";
  return { ...value, id, method, params: isObject ? (params as Command["params"]) : {} };
}
