/**
 * Owns the host process: forks it, talks to it, forks another when it dies, ends it. Runs in the
 * session process; used by DevSession alone.
 *
 * Forked before any config is read, so that it boots meanwhile. Messages may be sent at once: the
 * channel keeps them until the child reads. A new child knows nothing; `onStart` asks the owner to
 * send settings, sockets and bundles again.
 */
import type { ChildProcess, SendHandle } from "node:child_process";
import type { HostToSession, SessionToHost } from "../protocol/host.ts";
import { createDeferred } from "../util/deferred.ts";
import { forkHost } from "./fork-host.ts";
import type { TcpHandle } from "./sockets.ts";

export interface HostDeath {
  /** One clause: "killed by SIGABRT", "exited with code 1". */
  readonly reason: string;
  /** Workers that were inside a turn when it happened; empty if not known. */
  readonly blamed: readonly string[];
  /** Last lines that the process wrote to stderr; "" for none. */
  readonly detail: string;
  readonly restartInMs: number;
}

export interface HostEvents {
  onMessage(message: HostToSession): void;
  onDeath(death: HostDeath): void;
  /** Another child was forked after a death. */
  onRestart(): void;
  /** It cannot be started at all: dies again and again before it has booted. */
  onGiveUp(error: Error): void;
  /** Stray output of the process; Workers' output comes as messages. */
  onOutput(text: string): void;
}

/** Deaths closer together than this are one series, and make the next restart wait longer. */
const SERIES_MS = 10_000;
const LONGEST_WAIT_MS = 5000;
const DEATHS_BEFORE_BOOT = 3;
/** The session promises to be gone within 2 s; draining gets most of it. */
const STOP_MS = 1000;
const STDERR_KEPT = 8 * 1024;

export interface HostProcessOptions {
  /** The program to run in place of the host, for tests. */
  readonly entry?: URL;
  /** Forked in this turn by cli/start.ts. */
  readonly child?: ChildProcess;
}

export class HostProcess {
  readonly #entry: URL | undefined;
  #events: HostEvents | undefined;
  #child: ChildProcess;
  #early: HostToSession[] = [];
  /** As the watchdog said last. */
  #busy: readonly string[] = [];
  readonly #questions: Map<number, (isComputing: boolean) => void> = new Map();
  #lastQuestion = 0;
  #stderr = "";
  /** Why the child says that it ends. */
  #lastWords: string | undefined;
  #booted = false;
  #deaths: number[] = [];
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  /** `replace` ends the child and forks the next. */
  #isReplaced = false;
  readonly #onProcessExit = () => this.#child.kill("SIGKILL");

  constructor({ entry, child }: HostProcessOptions = {}) {
    this.#entry = entry;
    this.#child = this.#adopt(child ?? forkHost(entry));
    // Whatever path this process ends on: no orphan.
    process.on("exit", this.#onProcessExit);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the Worker computes at this moment, as the host finds out; false if there is no host. */
  isComputing(worker: string): Promise<boolean> {
    if (!this.#child.connected) return Promise.resolve(false);
    const request = ++this.#lastQuestion;
    const { promise, resolve } = createDeferred<boolean>();
    this.#questions.set(request, resolve);
    this.send({ type: "is-computing", request, worker });
    return promise;
  }

  /** Connects the owner; events until now were kept. Call once. */
  attach(events: HostEvents): void {
    this.#events = events;
    for (const message of this.#early.splice(0)) events.onMessage(message);
  }

  /** Dropped when no child is there: the owner sends everything again on `onRestart`. */
  send(message: SessionToHost, handle?: TcpHandle): void {
    const child = this.#child;
    if (!child.connected) return;
    // `handle` is a native TCP handle, which send() takes although its type does not say so.
    child.send(message, handle as SendHandle | undefined, {}, () => {
      // A failure means that the channel is closing: the exit event follows and is acted on.
    });
  }

  /**
   * Drains the child, has `between` done while none is there, and forks another, which knows nothing:
   * `onRestart` follows.
   */
  async replace(between: () => Promise<void>): Promise<void> {
    const isWanted = (): boolean => !this.#stopping && this.#child === child;
    const child = this.#child;
    this.#isReplaced = true;
    try {
      await this.#end(child);
      if (isWanted()) await between();
    } finally {
      this.#isReplaced = false;
      if (isWanted()) {
        this.#child = this.#adopt(forkHost(this.#entry));
        this.#events?.onRestart();
      }
    }
  }

  /** Drains the host and ends it, by force if it takes too long. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    await this.#end(this.#child);
    process.off("exit", this.#onProcessExit);
  }

  async #end(child: ChildProcess): Promise<void> {
    if (hasEnded(child)) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const deadline = setTimeout(() => child.kill("SIGKILL"), this.#booted ? STOP_MS : 0);
    this.send({ type: "stop" });
    await gone;
    clearTimeout(deadline);
  }

  #adopt(child: ChildProcess): ChildProcess {
    this.#busy = [];
    this.#stderr = "";
    this.#lastWords = undefined;
    this.#booted = false;
    child.on("message", (message) => this.#onMessage(message as HostToSession));
    child.once("error", (error) => this.#onExit(child, error.message));
    child.once("disconnect", () => {
      for (const request of this.#questions.keys()) this.#answer(request, false);
    });
    child.once("exit", (code, signal) =>
      this.#onExit(child, signal === null ? `exited with code ${code}` : `killed by ${signal}`),
    );
    child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#events?.onOutput(text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
      this.#events?.onOutput(text);
    });
    return child;
  }

  #onMessage(message: HostToSession): void {
    if (message.type === "booted") this.#booted = true;
    if (message.type === "ending") this.#lastWords = message.reason;
    if (message.type === "busy") this.#busy = message.workers;
    if (message.type === "computing") this.#answer(message.request, message.answer);
    if (this.#events === undefined) this.#early.push(message);
    else this.#events.onMessage(message);
  }

  #answer(request: number, isComputing: boolean): void {
    this.#questions.get(request)?.(isComputing);
    this.#questions.delete(request);
  }

  #onExit(child: ChildProcess, reason: string): void {
    if (this.#stopping || this.#isReplaced || child !== this.#child) return;
    if (this.#restart !== undefined) return;
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((time) => now - time < SERIES_MS), now];
    if (!this.#booted && this.#deaths.length >= DEATHS_BEFORE_BOOT) {
      this.#events?.onGiveUp(
        new Error(`The host process cannot start: it ${reason}.\n${this.#stderr}`),
      );
      return;
    }
    // The first restart is immediate; then 100, 200, 400 ms ... so that a crash loop stays cheap.
    const restartInMs =
      this.#deaths.length === 1
        ? 0
        : Math.min(LONGEST_WAIT_MS, 50 * 2 ** (this.#deaths.length - 1));
    const death: HostDeath = {
      reason: this.#lastWords ?? reason,
      blamed: this.#busy,
      detail: this.#stderr,
      restartInMs,
    };
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#child = this.#adopt(forkHost(this.#entry));
      this.#events?.onRestart();
    }, restartInMs);
    this.#events?.onDeath(death);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
