/**
 * One Worker of the session: which thread serves it, what is being loaded, what waits. Main thread
 * of the host; made by host.ts, which passes on the session's messages. No state is shared with
 * other slots: one broken Worker never stops the others.
 *
 * A thread is evaluating (#loading), serving (#live) or draining; only #live takes new work, and
 * while there is none requests and links wait unless a refusal says why they cannot be served.
 *
 * Among many Workers one that nobody has called yet sleeps: it was evaluated once, for its errors and
 * exports, and has nothing that its next thread would not have. Whoever has been called stays awake.
 */
import type { SerializedError } from "../protocol/errors.ts";
import type { WorkerStatus } from "../protocol/status-page.ts";
import type { LogEntry, ThreadToHost } from "../protocol/thread.ts";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import { type Breach, breachLog } from "./breach.ts";
import { Breaches } from "./breaches.ts";
import type { Delivery } from "./delivery.ts";
import { DrainingThreads } from "./draining-threads.ts";
import { Exposure } from "./exposure.ts";
import { Loading, type LoadingOwner } from "./loading.ts";
import { ObjectOwners } from "./object-owners.ts";
import { Reception, type ReceptionOwner } from "./reception.ts";
import { buildFailed, crashed, failureOf, loadFailed, RESTARTED, stopped } from "./refusals.ts";
import { Restarts } from "./restarts.ts";
import type { SlotContext } from "./slot-context.ts";
import { slotState } from "./slot-state.ts";
import { slowStartText, stuckText } from "./slow-texts.ts";
import { passOn } from "./thread-requests.ts";
import type { LinkWaiter } from "./waiting-room.ts";
import type { Watched } from "./watched.ts";
import { SESSION_ENDED, WORKER_RESTARTED } from "./web-socket-ends.ts";
import type { Version, WorkerThread } from "./worker-thread.ts";

/** When a loop in the serving thread is worth a line in the log. */
const SLOW_MS = 5000;
/** A replaced thread in an endless loop will not finish what it began. */
const STUCK_DRAIN_MS = 2000;
/** At the end of a session nobody waits longer: it promises to be gone within 2 s. */
const CLOSE_DRAIN_MS = 1000;

export class WorkerSlot implements LoadingOwner, ReceptionOwner, Watched {
  readonly name: string;
  readonly #context: SlotContext;
  readonly #restarts: Restarts = new Restarts();
  readonly #reception: Reception = new Reception(this);
  readonly #breaches: Breaches = new Breaches();
  readonly #draining: DrainingThreads = new DrainingThreads((thread, left) =>
    this.#onEnded(thread, left),
  );
  readonly #objects: ObjectOwners = new ObjectOwners();
  #newest = 0;
  readonly #loading: Loading;
  #live: WorkerThread | undefined;
  /** The last version that evaluated: what a restart runs. */
  #good: Version | undefined;
  #entrypoints: readonly EntrypointInfo[] = [];
  #lastError: string | undefined;
  readonly #exposure: Exposure;
  /** It has been called, if only in vain. */
  #isWanted = false;
  /** #good was evaluated and has no thread. */
  #isAsleep = false;
  /** What is being loaded is what slept: no news for anybody but those who wait. */
  #isWaking = false;
  #isClosed = false;

  constructor(name: string, context: SlotContext) {
    this.name = name;
    this.#context = context;
    this.#loading = new Loading(this, context);
    this.#exposure = new Exposure(name, context.session, {
      sleeping: () => this.#good?.generation ?? 0,
      onCaller: () => this.wake(),
    });
  }

  get isUrgent(): boolean {
    return this.#isWanted || this.name === this.#context.settings().primary;
  }

  /** The serving thread. */
  get live(): WorkerThread | undefined {
    return this.#live;
  }

  /** The newest thread: what a debugger, and who saves a file, is interested in. */
  get debugged(): WorkerThread | undefined {
    return this.#loading.thread ?? this.#live;
  }

  /** All threads that run this Worker's code, draining ones included. */
  threads(): WorkerThread[] {
    const threads = this.linkedThreads();
    if (this.#loading.thread !== undefined) threads.push(this.#loading.thread);
    return threads;
  }

  /** Those that may have links: a thread that is still being loaded has none. */
  linkedThreads(): WorkerThread[] {
    const threads = this.#draining.list();
    if (this.#live !== undefined) threads.push(this.#live);
    return threads;
  }

  describe(url: string): WorkerStatus {
    const isAsleep = this.#isAsleep || this.#isWaking;
    const serving = this.#live ?? (this.#isAsleep ? this.#good : undefined);
    return {
      name: this.name,
      status: slotState(this.#live, isAsleep, this.#loading.version, this.#reception.refusal),
      generation: serving?.generation ?? 0,
      url,
      entrypoints: this.#entrypoints,
      ...(this.#lastError === undefined ? {} : { error: this.#lastError }),
    };
  }

  dispatch(delivery: Delivery): void {
    this.#reception.dispatch(delivery);
  }

  whenLinkable(waiter: LinkWaiter): void {
    this.#reception.whenLinkable(waiter);
  }

  onServed(): void {
    this.#context.onWork(this.name);
  }

  load(version: Version): void {
    if (version.generation <= this.#newest || this.#isClosed) return;
    this.#newest = version.generation;
    this.#restarts.reset();
    // New requests wait for the new code instead of getting the old error.
    this.#reception.open();
    this.#start(version);
  }

  onBuildFailed(text: string): void {
    this.#lastError = text;
    // A version serves, or is about to.
    if (this.#isAsleep || this.#restarts.isDue || (this.#live ?? this.#loading.version)) return;
    this.#reception.refuse(buildFailed(this.name, text));
  }

  /** Listens for other processes, now or when there is a thread. */
  expose(path: string): void {
    this.#exposure.set(path, this.#live);
    if (this.#isAsleep) this.#exposure.sleep();
  }

  /** Ends the live thread for a reason of the host's own (limits); it is restarted as after a crash. */
  kill(thread: WorkerThread, reason: string): void {
    if (!this.owns(thread)) return;
    thread.terminate();
    this.onThreadExit(thread, reason);
  }

  owns(thread: WorkerThread): boolean {
    return thread === this.#live || thread === this.#loading.thread || this.#draining.has(thread);
  }

  /** One invocation went over a limit: it alone ends, if its thread still hears. */
  endInvocation(thread: WorkerThread, breach: Breach): void {
    this.#tell(thread, breach);
    thread.endInvocation(breach);
  }

  onThreadHears(thread: WorkerThread): void {
    if (thread === this.#live) this.#reception.settle();
  }

  /** Its top-level code went over a limit: it has not started. */
  endStart(thread: WorkerThread, error: SerializedError): void {
    if (thread === this.#loading.thread) this.#onLoadFailed(thread, error);
  }

  /** Nothing less than its thread can be ended. The Worker is started again at once. */
  async endForBreach(thread: WorkerThread, breach: Breach): Promise<void> {
    if (!this.owns(thread) || !this.#breaches.beginEnd(thread)) return;
    this.#tell(thread, breach);
    this.#exposure.leaveWord(thread, breach);
    await this.#context.onBreach(thread, breach);
    if (!this.owns(thread) || thread.isGone) return;
    thread.terminate();
    this.#breaches.orphans.take(thread, breach);
    if (thread !== this.#live) {
      this.onThreadExit(thread, breach.reason);
      return;
    }
    this.#live = undefined;
    this.#objects.onEnded(thread);
    const left = thread.http?.close() ?? [];
    // Before anything ran in it: it would go over the limit again, and again.
    this.#onCrash(thread.generation, breach.reason, breach.invocation === 0);
    for (const delivery of left) {
      if (this.#breaches.mayAskAgain(delivery) && !this.#isClosed) this.dispatch(delivery);
      else delivery.fail(RESTARTED);
    }
  }

  #tell(thread: WorkerThread, breach: Breach): void {
    if (!this.#breaches.tell(thread, breach)) return;
    this.#context.session.queue({ type: "log", worker: this.name, entry: breachLog(breach) });
  }

  /** The watchdog's count of how long a thread of this Worker has not reached its event loop. */
  onStuck(thread: WorkerThread, ms: number): void {
    if (ms >= STUCK_DRAIN_MS && this.#draining.has(thread)) this.#draining.end(thread);
    else if (ms === SLOW_MS && thread === this.#live) {
      this.#warn(stuckText(this.name, SLOW_MS, thread.cpuLimitMs));
    }
  }

  /** Finishes what runs, within `drainMs`, and ends all threads. Nothing new is served. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#restarts.cancel();
    this.#loading.cancel();
    this.#exposure.end();
    this.#reception.refuse(stopped(this.name));
    const live = this.#live;
    this.#live = undefined;
    if (live !== undefined) this.#drain(live, Promise.resolve());
    await this.#draining.allEnded();
  }

  onThreadMessage(thread: WorkerThread, message: ThreadToHost): void {
    if (passOn(this.name, thread, message, this.#context)) return;
    const isPending = thread === this.#loading.thread;
    switch (message.type) {
      case "loaded":
        if (isPending) this.#switchTo(thread, message.entrypoints);
        break;
      case "load-failed":
        if (isPending) this.#onLoadFailed(thread, message.error);
        break;
      case "log":
        // What its top-level code says was told when it was evaluated for the first time.
        if (this.#isWaking && isPending) break;
        this.#context.session.queue({ type: "log", worker: this.name, entry: message.entry });
        break;
      case "listening":
        this.#exposure.onListening(message.path, thread.generation);
        break;
      case "listen-failed":
        this.#exposure.onFailed(message.path, message.message);
        break;
      case "objects-released":
        this.#objects.onReleased(thread, message.isElsewhere);
        break;
      case "drained":
        this.#draining.onDrained(thread);
        break;
    }
  }

  onThreadExit(thread: WorkerThread, reason: string): void {
    if (thread === this.#loading.thread) {
      const message = `Worker "${this.name}" ended while it was starting: ${reason}`;
      this.#onLoadFailed(thread, { name: "Error", message, stack: message });
    } else if (thread === this.#live) {
      this.#live = undefined;
      this.#breaches.orphans.take(thread);
      this.#objects.onEnded(thread);
      const failure = failureOf(crashed(this.name, reason));
      for (const delivery of thread.http?.close() ?? []) delivery.fail(failure);
      this.#onCrash(thread.generation, reason);
    } else {
      this.#draining.end(thread);
    }
  }

  /** Somebody waits for it, or wants it to have a thread. */
  wake(): void {
    const { spares, session } = this.#context;
    // Where it is built already, the session holds the builds of others back.
    if (!this.#isWanted) session.send({ type: "wanted", worker: this.name });
    this.#isWanted = true;
    if (this.#loading.version !== undefined) spares.hurry();
    else if (this.#isAsleep && this.#good !== undefined) this.#start(this.#good);
  }

  #start(version: Version): void {
    this.#isWaking = this.#isAsleep && version === this.#good;
    if (this.#isWaking) this.#isAsleep = false;
    void this.#loading.begin(version);
  }

  onNoThread(error: SerializedError): void {
    this.#onLoadFailed(undefined, error);
  }

  onSlowStart(ms: number): void {
    this.#warn(slowStartText(this.name, ms, this.#live !== undefined));
  }

  #warn(text: string): void {
    const entry: LogEntry = { kind: "runtime", level: "warn", text, time: Date.now() };
    this.#context.session.queue({ type: "log", worker: this.name, entry });
  }

  #switchTo(thread: WorkerThread, entrypoints: readonly EntrypointInfo[]): void {
    const previous = this.#live;
    const { generation } = thread;
    const worker = this.name;
    const wasAsleep = this.#isWaking;
    this.#isWaking = false;
    this.#isAsleep = false;
    this.#good = this.#loading.finish();
    this.#entrypoints = entrypoints;
    this.#reception.open();
    this.#lastError = undefined;
    const { session, spares, onSwitched, maySleep, debuggers } = this.#context;
    // Alarms and hibernating sockets need a thread.
    const canSleep = previous === undefined && !this.isUrgent && !thread.hasObjects;
    if (canSleep && maySleep() && !debuggers.isWatched(worker)) {
      this.#isAsleep = true;
      this.#loading.discard(thread);
      this.#exposure.sleep();
      session.send({ type: "loaded", worker, generation, entrypoints, asleep: true });
      return;
    }
    this.#live = thread;
    this.#breaches.orphans.giveTo(thread);
    this.#objects.switchTo(thread, previous);
    // First of all: what it tells to other processes names its socket.
    if (previous === undefined) this.#exposure.wake(thread);
    this.#reception.settle();
    const callers = onSwitched(this.name);
    if (wasAsleep) session.send({ type: "woken", worker });
    else {
      void callers.soon.then(() =>
        session.send({ type: "loaded", worker, generation, entrypoints }),
      );
    }
    // One in a long turn calls the old one at its end.
    if (previous !== undefined) this.#drain(previous, this.#isClosed ? callers.soon : callers.all);
    spares.settled(thread);
  }

  #onLoadFailed(thread: WorkerThread | undefined, error: SerializedError): void {
    const version = this.#loading.finish();
    const { session } = this.#context;
    if (thread !== undefined) this.#loading.discard(thread);
    this.#context.debuggers.onLoadFailed(this.name);
    if (version === undefined) return;
    // It did evaluate before: what ended it the last time does so again.
    if (version === this.#good) {
      this.#onCrash(version.generation, error.message);
      return;
    }
    this.#lastError = error.stack;
    const { generation } = version;
    session.send({ type: "load-failed", worker: this.name, generation, error });
    if (this.#live !== undefined || (this.#isAsleep && !this.#isWanted)) return;
    if (this.#good !== undefined) {
      // The last good one crashed meanwhile, and was not restarted for the sake of this one.
      this.#start(this.#good);
      return;
    }
    this.#reception.refuse(loadFailed(error));
  }

  /** `counts`: it goes on the account of crashes; else it is started again at once. */
  #onCrash(generation: number, reason: string, counts = true): void {
    const { session, onSwitched } = this.#context;
    session.send({ type: "crashed", worker: this.name, generation, reason });
    onSwitched(this.name);
    this.#lastError = reason;
    const version = this.#good;
    // A newer version is on its way already.
    if (this.#isClosed || version === undefined || this.#loading.version !== undefined) return;
    const start = (): void => this.#start(version);
    if (!counts) start();
    else if (!this.#restarts.schedule(start)) {
      this.#reception.refuse(crashed(this.name, `${reason} (not restarted: it keeps crashing)`));
    }
  }

  #drain(thread: WorkerThread, callersKnow: Promise<void>): void {
    if (this.#isClosed) this.#objects.release(thread, CLOSE_DRAIN_MS / 2);
    const { drainMs } = this.#context.settings();
    if (!this.#isClosed) this.#draining.add(thread, drainMs, WORKER_RESTARTED, callersKnow);
    else this.#draining.add(thread, Math.min(CLOSE_DRAIN_MS, drainMs), SESSION_ENDED, callersKnow);
  }

  /** A drained thread is gone; `left` are the requests that it did not finish in its time. */
  #onEnded(thread: WorkerThread, left: readonly Delivery[]): void {
    this.#breaches.orphans.pass(thread, this.#live);
    this.#objects.onEnded(thread);
    for (const delivery of left) {
      if (delivery.isReplayable && !this.#isClosed) this.dispatch(delivery);
      else delivery.fail(RESTARTED);
    }
  }
}
