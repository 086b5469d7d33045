/**
 * Where Workers of other processes reach a Worker: its thread listens there, or a doorman while it
 * sleeps. Main thread of the host; owned by worker-slot.ts.
 */
import { OTHER_PROCESS } from "../protocol/running.ts";
import type { Breach } from "./breach.ts";
import { Doorman } from "./doorman.ts";
import { forgetWords, leaveWord } from "./last-words.ts";
import type { SessionLink } from "./session-link.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface ExposedWorker {
  /** Its generation while it sleeps. */
  sleeping(): number;
  /** Somebody wants to speak to it. */
  onCaller(): void;
}

export class Exposure {
  readonly #name: string;
  readonly #session: SessionLink;
  readonly #worker: ExposedWorker;
  #path: string | undefined;
  #doorman: Doorman | undefined;
  /** Sockets beside which word was left. */
  readonly #words: Set<string> = new Set();

  constructor(name: string, session: SessionLink, worker: ExposedWorker) {
    this.#name = name;
    this.#session = session;
    this.#worker = worker;
  }

  /** Another path from now on. Without `live` the next thread listens, or `sleep` is called. */
  set(path: string, live: WorkerThread | undefined): void {
    this.close();
    this.#path = path;
    if (live !== undefined) listen(live, path);
  }

  /** Nobody but the doorman is there. */
  sleep(): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#doorman?.close();
    this.#doorman = new Doorman(path, {
      onListening: () => this.onListening(path, this.#worker.sleeping()),
      onFailed: (message) => this.onFailed(path, message),
      onCaller: () => this.#worker.onCaller(),
    });
  }

  /** A thread serves where none did. */
  wake(live: WorkerThread): void {
    this.#doorman?.stepAside();
    if (this.#path !== undefined) listen(live, this.#path);
  }

  /** A thread of that generation listens, or the doorman for it. */
  onListening(path: string, generation: number): void {
    if (path === this.#path) this.#doorman?.letIn();
    this.#session.send({ type: "exposed", worker: this.#name, path, generation });
  }

  onFailed(path: string, message: string): void {
    this.#session.send({ type: "expose-failed", worker: this.#name, path, message });
  }

  /**
   * `thread` is about to be ended for the breach: whoever calls it from another process, or
   * hears there what it does, cannot be told otherwise.
   */
  leaveWord({ socketPath, isStreamed, worker }: WorkerThread, breach: Breach): void {
    const isCalled = breach.link === OTHER_PROCESS;
    if (socketPath === undefined || !(isCalled || isStreamed)) return;
    const { id: session, invocation, outcome, message } = breach;
    this.#words.add(socketPath);
    if (isCalled) leaveWord(socketPath, { session, message });
    if (isStreamed) {
      const ending = { invocation, outcome, message };
      leaveWord(socketPath, { thread: worker.threadId, ending });
    }
  }

  /** The Worker is gone for good. */
  end(): void {
    this.close();
    for (const path of this.#words) forgetWords(path);
  }

  close(): void {
    this.#doorman?.close();
    this.#doorman = undefined;
  }
}

function listen(thread: WorkerThread, path: string): void {
  thread.socketPath = path;
  thread.post({ type: "listen", path });
}
