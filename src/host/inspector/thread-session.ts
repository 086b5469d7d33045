/**
 * One `inspector.Session` of the host's main thread, attached to one Worker's thread: protocol
 * messages as text, both ways. Made by relay.ts, one for each thread that its client comes to.
 *
 * A thread that is stopped at a breakpoint and is ended, or left by `disconnect`, never ends: it must
 * go on first (spec/devtools-types.md 3). `close` sees to that.
 */
import { Session } from "node:inspector";
import type { WorkerThread } from "../worker-thread.ts";

/** Ids of our own requests, far from a client's. */
const FIRST_OWN_ID = 1_000_000_000;
/** A thread that has not let itself be attached to, or left, is in native code or gone. */
const ATTACH_MS = 2000;
const LEAVE_MS = 100;

export interface ProtocolAnswer {
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export class ThreadSession {
  readonly thread: WorkerThread;
  readonly #session: Session;
  readonly #sessionId: string;
  readonly #asked: Map<number, (answer: ProtocolAnswer) => void> = new Map();
  #nextId = FIRST_OWN_ID;
  #closing: Promise<void> | undefined;

  private constructor(thread: WorkerThread, session: Session, sessionId: string) {
    this.thread = thread;
    this.#session = session;
    this.#sessionId = sessionId;
  }

  /** `onMessage` gets what is not an answer to `ask`. Undefined: the thread is gone or deaf. */
  static async open(
    thread: WorkerThread,
    onMessage: (text: string) => void,
  ): Promise<ThreadSession | undefined> {
    const session = new Session();
    session.connect();
    const found = await attach(session, thread.worker.threadId);
    if (found === undefined) {
      session.disconnect();
      return undefined;
    }
    const opened = new ThreadSession(thread, session, found);
    session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
      if (params.sessionId === found) opened.#receive(params.message, onMessage);
    });
    return opened;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined || this.thread.isGone;
  }

  send(message: string): void {
    if (this.isClosed) return;
    this.#session.post("NodeWorker.sendMessageToWorker", { sessionId: this.#sessionId, message });
  }

  /** A request of our own. Resolves with nothing if the thread ends before it answers. */
  ask(method: string, params: unknown = {}): Promise<ProtocolAnswer | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    return this.#ask(method, params);
  }

  /** Lets the thread go on if it is stopped, and leaves it. At most 2 * LEAVE_MS. */
  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    if (!this.thread.isGone) {
      await within(LEAVE_MS / 2, this.#ask("Debugger.disable", {}));
      await within(
        LEAVE_MS / 2,
        post(this.#session, "NodeWorker.detach", { sessionId: this.#sessionId }),
      );
    }
    for (const done of this.#asked.values()) done({});
    this.#session.disconnect();
  }

  #ask(method: string, params: unknown): Promise<ProtocolAnswer | undefined> {
    const id = this.#nextId++;
    const message = JSON.stringify({ id, method, params });
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#session.post(
        "NodeWorker.sendMessageToWorker",
        { sessionId: this.#sessionId, message },
        (error) => {
          if (error === null) return;
          this.#asked.delete(id);
          resolve(undefined);
        },
      );
    });
  }

  #receive(text: string, onMessage: (text: string) => void): void {
    const id = idOf(text);
    const done = id === undefined ? undefined : this.#asked.get(id);
    if (id === undefined || done === undefined) {
      if (this.#closing === undefined) onMessage(text);
      return;
    }
    this.#asked.delete(id);
    done(JSON.parse(text) as ProtocolAnswer);
  }
}

/** Of an answer; undefined for events. V8 writes it first, so a heap snapshot is not parsed for it. */
export function idOf(text: string): number | undefined {
  const found = /^\{"id":(\d+)/.exec(text);
  return found === null ? undefined : Number(found[1]);
}

/** The id of this thread's session; every other thread is left again at once. */
async function attach(session: Session, threadId: number): Promise<string | undefined> {
  const attached = new Promise<string>((resolve) => {
    session.on("NodeWorker.attachedToWorker", ({ params }) => {
      const { sessionId, workerInfo } = params;
      if (Number(/^\[worker (\d+)\]/.exec(workerInfo.title)?.[1]) === threadId) resolve(sessionId);
      else session.post("NodeWorker.detach", { sessionId });
    });
  });
  await post(session, "NodeWorker.enable", { waitForDebuggerOnStart: false });
  return await within(ATTACH_MS, attached);
}

/** Never rejects: what fails with a thread fails because it is gone. */
function post(session: Session, method: string, params: object): Promise<void> {
  return new Promise((resolve) => session.post(method, params, () => resolve()));
}

function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
