/**
 * One dynamic Worker and its thread, which starts once, serves, and ends for good: if it is needed again
 * its loader hands the code over again. Main thread of the host; made by dynamic-workers.ts. Its loader
 * is the thread that loaded it, and the only one that has a link to it.
 */
import { type SerializedError, serializeError } from "../../protocol/errors.ts";
import type { LogEntry, ThreadToHost } from "../../protocol/thread.ts";
import { type Breach, breachLog, STARTUP_LIMIT } from "../breach.ts";
import { Breaches } from "../breaches.ts";
import { crashed, type Refusal } from "../refusals.ts";
import { stuckText } from "../slow-texts.ts";
import type { Spares, Taker } from "../spares.ts";
import type { LinkWaiter } from "../waiting-room.ts";
import type { Watched } from "../watched.ts";
import type { LoadSettings, ThreadOwner, Version, WorkerThread } from "../worker-thread.ts";
import type { DynamicTarget, LinkTarget } from "./contract.ts";

export interface DynamicContext {
  readonly spares: Spares;
  readonly settings: () => LoadSettings;
  readonly log: (worker: string, entry: LogEntry) => void;
  readonly onWork: (worker: string) => void;
  readonly onLinkRequest: (
    from: string,
    thread: WorkerThread,
    message: Extract<ThreadToHost, { readonly type: "link-request" }>,
  ) => void;
  readonly onStaleSeen: (thread: WorkerThread, notice: number) => void;
  readonly onBreach: (thread: WorkerThread, breach: Breach) => Promise<void>;
  /** Its loader opens no more sessions to it. Resolves when that has heard of it. */
  readonly markStale: (loader: WorkerThread, service: string) => Promise<void>;
}

/** What it is called, and where. */
export interface DynamicNames {
  /** That loads it. */
  readonly worker: string;
  readonly loader: WorkerThread;
  /** In that thread. */
  readonly service: string;
  /** For debuggers. */
  readonly target: string;
}

/** Top-level code that has not come to its end by then does not. */
const START_LIMIT_MS = 10_000;
/** When a loop is worth a line in the log. */
const STUCK_MS = 5000;

export class DynamicWorker implements ThreadOwner, Taker, Watched, LinkTarget, DynamicTarget {
  /** Of its loader's Worker: what people know. */
  readonly name: string;
  readonly target: string;
  readonly service: string;
  readonly loader: WorkerThread;
  readonly isUrgent = true;
  /** When it was seen at work last, by performance.now(). */
  usedAt: number = performance.now();
  readonly #context: DynamicContext;
  readonly #onGone: (worker: DynamicWorker) => void;
  readonly #breaches: Breaches = new Breaches();
  #thread: WorkerThread | undefined;
  #state: "starting" | "live" | "leaving" | "gone" = "starting";
  #startTimer: NodeJS.Timeout | undefined;
  #changes = 0;

  constructor(
    { worker, target, loader, service }: DynamicNames,
    context: DynamicContext,
    onGone: (worker: DynamicWorker) => void,
  ) {
    this.name = worker;
    this.target = target;
    this.loader = loader;
    this.service = service;
    this.#context = context;
    this.#onGone = onGone;
  }

  get isLive(): boolean {
    return this.#state === "live";
  }

  get isLeaving(): boolean {
    return this.#state === "leaving";
  }

  get debugged(): WorkerThread | undefined {
    return this.isLive ? this.#thread : undefined;
  }

  threads(): WorkerThread[] {
    return this.#thread === undefined ? [] : [this.#thread];
  }

  owns(thread: WorkerThread): boolean {
    return thread === this.#thread;
  }

  /** Says "dynamic-loaded" or "dynamic-failed" to its loader. */
  async start(version: Version): Promise<void> {
    const { spares, settings, onWork } = this.#context;
    let thread: WorkerThread;
    try {
      thread = await spares.take(this);
    } catch (error) {
      this.fail(serializeError(error));
      return;
    }
    if (this.#state !== "starting") {
      spares.giveBack(thread);
      return;
    }
    this.#thread = thread;
    thread.owner = this;
    onWork(this.name);
    thread.load(version, settings());
    this.#startTimer = setTimeout(() => {
      this.fail({ name: "Error", message: STARTUP_LIMIT, stack: `Error: ${STARTUP_LIMIT}` });
    }, START_LIMIT_MS).unref();
  }

  /** It will not start. */
  fail(error: SerializedError): void {
    if (this.#state !== "starting") return;
    this.loader.post({ type: "dynamic-failed", service: this.service, error });
    this.end();
  }

  /** Whether it was at work since the look before; remembered in `usedAt`. */
  look(now: number): void {
    const changes = this.#thread?.running().changes ?? 0;
    if (changes !== this.#changes) this.usedAt = now;
    this.#changes = changes;
  }

  /** Nothing is under way in it, as far as it says, and nobody debugs it. */
  async isIdle(): Promise<boolean> {
    if (this.#thread?.isDebugged === true) return false;
    const counts = await this.#thread?.count();
    return this.isLive && counts?.rpc.sessions === 0 && !counts.keepsSockets;
  }

  /**
   * Finishes what it does, and ends. `reason`: one clause, for those who look closely; `isKnown`: its
   * loader knows that it is not needed any more.
   */
  async leave(reason: string, isKnown: boolean): Promise<void> {
    const thread = this.#thread;
    if (this.#state !== "live" || thread === undefined) {
      if (this.#state === "starting") this.end();
      return;
    }
    this.#state = "leaving";
    this.#say("debug", `Dynamic Worker "${thread.workerName}" ends: ${reason}.`);
    if (!isKnown) await this.#context.markStale(this.loader, this.service);
    if (this.owns(thread)) thread.post({ type: "drain" });
  }

  /** Ends it now, whatever it does. */
  end(): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    clearTimeout(this.#startTimer);
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread !== undefined) {
      thread.http?.close();
      thread.terminate();
      this.#context.spares.settled(thread);
    }
    this.#onGone(this);
  }

  whenLinkable(waiter: LinkWaiter): void {
    this.usedAt = performance.now();
    waiter(this.isLive && this.#thread !== undefined ? this.#thread : this.#refusal);
  }

  kill(thread: WorkerThread, reason: string): void {
    if (this.owns(thread)) this.onThreadExit(thread, reason);
  }

  endStart(thread: WorkerThread, error: SerializedError): void {
    if (thread === this.#thread) this.fail(error);
  }

  /** What waits for an answer of a thread that is asked to end something is not kept here. */
  onThreadHears(): void {}

  endInvocation(thread: WorkerThread, breach: Breach): void {
    this.#tell(thread, breach);
    thread.endInvocation(breach);
  }

  async endForBreach(thread: WorkerThread, breach: Breach): Promise<void> {
    if (!this.owns(thread) || !this.#breaches.beginEnd(thread)) return;
    this.#tell(thread, breach);
    // Before its callers hear of it: what they call next must not come here.
    if (this.#state === "live") {
      this.#state = "leaving";
      await this.#context.markStale(this.loader, this.service);
    }
    await this.#context.onBreach(thread, breach);
    if (this.owns(thread)) this.end();
  }

  onStuck(thread: WorkerThread, ms: number): void {
    if (ms !== STUCK_MS || !this.isLive) return;
    const { workerName, cpuLimitMs } = thread;
    this.#say("warn", stuckText(workerName, STUCK_MS, cpuLimitMs));
  }

  onThreadMessage(thread: WorkerThread, message: ThreadToHost): void {
    if (!this.owns(thread)) return;
    switch (message.type) {
      case "loaded": {
        clearTimeout(this.#startTimer);
        this.#state = "live";
        const entrypoints = message.entrypoints.map(({ name }) => name);
        this.loader.post({ type: "dynamic-loaded", service: this.service, entrypoints });
        this.#context.spares.settled(thread);
        break;
      }
      case "load-failed":
        this.fail(message.error);
        break;
      case "link-request":
        this.#context.onLinkRequest(thread.workerName, thread, message);
        break;
      case "link-stale-seen":
        this.#context.onStaleSeen(thread, message.notice);
        break;
      case "log":
        this.#context.log(this.name, message.entry);
        break;
      case "drained":
        if (this.#state === "leaving") this.end();
        break;
    }
  }

  onThreadExit(thread: WorkerThread, reason: string): void {
    if (!this.owns(thread)) return;
    const text = `Dynamic Worker "${thread.workerName}" ended: ${reason}`;
    if (this.#state === "starting") {
      this.fail({ name: "Error", message: text, stack: text });
      return;
    }
    this.#say("error", text);
    this.#lose();
  }

  /** It served, and does no longer: the next use starts another. */
  #lose(): void {
    if (this.#state === "live") void this.#context.markStale(this.loader, this.service);
    this.end();
  }

  #tell(thread: WorkerThread, breach: Breach): void {
    if (this.#breaches.tell(thread, breach)) this.#context.log(this.name, breachLog(breach));
  }

  #say(level: "debug" | "warn" | "error", text: string): void {
    this.#context.log(this.name, { kind: "runtime", level, text, time: Date.now() });
  }

  get #refusal(): Refusal {
    return crashed(this.name, "this dynamic Worker has ended");
  }
}
