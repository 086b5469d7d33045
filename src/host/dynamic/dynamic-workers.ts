/**
 * The dynamic Workers of this host, by the thread that loaded them (protocol/dynamic.ts), and how many
 * threads they may have: those that nobody uses for a while end, the longest unused first where others
 * need room, and where too many are at work the next ones wait. Main thread of the host; owned by host.ts.
 */
import type { WorkerThread } from "../worker-thread.ts";
import type { DynamicTarget, DynamicThreads, LinkTarget, LoaderMessage } from "./contract.ts";
import { type DynamicContext, DynamicWorker } from "./dynamic-worker.ts";

type LoadMessage = Extract<LoaderMessage, { readonly type: "dynamic-load" }>;

export interface DynamicWorkersContext extends DynamicContext {
  /** ms without use after which a dynamic Worker ends. */
  readonly idleMs: () => number;
}

/** More do not stay without work. */
const KEPT = 16;
/** More are not at work at once. */
const MAX_AT_WORK = 64;
/** How long the next one waits for one of them to end. */
const WAIT_MS = 10_000;
const TOO_MANY = `${MAX_AT_WORK} dynamic Workers are at work, and none of them has ended for ${WAIT_MS / 1000} s.`;

interface Waiting {
  readonly start: () => void;
  readonly worker: DynamicWorker;
}

export class DynamicWorkers implements DynamicThreads {
  readonly #context: DynamicWorkersContext;
  readonly #byLoader: Map<WorkerThread, Map<string, DynamicWorker>> = new Map();
  readonly #all: Set<DynamicWorker> = new Set();
  readonly #waiting: Set<Waiting> = new Set();
  #sweep: NodeJS.Timeout | undefined;
  #isMakingRoom = false;

  constructor(context: DynamicWorkersContext) {
    this.#context = context;
  }

  /** A Worker's thread loads one, or gives one up. */
  onMessage(from: string, loader: WorkerThread, message: LoaderMessage): void {
    if (message.type === "dynamic-load") this.#load(from, loader, message);
    else
      void this.#byLoader.get(loader)?.get(message.service)?.leave("its invocation is over", true);
  }

  find(loader: WorkerThread, service: string): LinkTarget | undefined {
    const worker = this.#byLoader.get(loader)?.get(service);
    return worker?.isLive === true ? worker : undefined;
  }

  linkedThreads(): WorkerThread[] {
    return [...this.#all].flatMap((worker) => worker.threads());
  }

  watched(): Iterable<DynamicWorker> {
    return this.#all;
  }

  /** Those that a debugger can be attached to. */
  targets(): DynamicTarget[] {
    return [...this.#all].filter(({ debugged }) => debugged !== undefined);
  }

  close(): void {
    for (const worker of [...this.#all]) worker.end();
  }

  #load(from: string, loader: WorkerThread, { spec, bundle }: LoadMessage): void {
    const service = spec.dynamic?.service;
    if (service === undefined || loader.isEnding) return;
    let siblings = this.#byLoader.get(loader);
    if (siblings === undefined) {
      siblings = new Map();
      this.#byLoader.set(loader, siblings);
      loader.whenLeaving(() => this.#onLoaderGone(loader));
    }
    const names = { worker: from, loader, service, target: this.#freeTarget(spec.name) };
    const worker = new DynamicWorker(names, this.#context, (gone) => this.#onGone(gone));
    siblings.set(service, worker);
    const version = { generation: 1, spec, bundle };
    const start = (): void => {
      this.#all.add(worker);
      void worker.start(version);
    };
    if (this.#all.size < MAX_AT_WORK) start();
    else this.#wait({ start, worker });
    if (this.#staying() > KEPT) void this.#makeRoom();
    this.#sweep ??= setInterval(() => this.#endIdle(), this.#context.idleMs() / 4).unref();
  }

  /** Codes without an id share their name, and so do the ids of two generations of a loader. */
  #freeTarget(name: string): string {
    const taken = new Set([...this.#all].map(({ target }) => target));
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`;
    return free;
  }

  #wait(waiting: Waiting): void {
    this.#waiting.add(waiting);
    setTimeout(() => {
      if (!this.#waiting.delete(waiting)) return;
      waiting.worker.fail({ name: "Error", message: TOO_MANY, stack: `Error: ${TOO_MANY}` });
    }, WAIT_MS).unref();
  }

  #onLoaderGone(loader: WorkerThread): void {
    const workers = this.#byLoader.get(loader)?.values() ?? [];
    for (const worker of [...workers]) worker.end();
    this.#byLoader.delete(loader);
  }

  #onGone(worker: DynamicWorker): void {
    this.#all.delete(worker);
    this.#byLoader.get(worker.loader)?.delete(worker.service);
    for (const waiting of this.#waiting) {
      if (waiting.worker === worker) this.#waiting.delete(waiting);
    }
    const [next] = this.#waiting;
    if (next !== undefined && this.#all.size < MAX_AT_WORK) {
      this.#waiting.delete(next);
      next.start();
    }
    if (this.#all.size > 0 || this.#sweep === undefined) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #live(): DynamicWorker[] {
    const now = performance.now();
    const live = [...this.#all].filter(({ isLive }) => isLive);
    for (const worker of live) worker.look(now);
    return live;
  }

  #endIdle(): void {
    const before = performance.now() - this.#context.idleMs();
    for (const worker of this.#live()) {
      if (worker.usedAt < before) void this.#endIfIdle(worker, "nobody uses it");
    }
    if (this.#staying() > KEPT) void this.#makeRoom();
  }

  /** The longest unused go, as far as they are without work. One round at a time. */
  async #makeRoom(): Promise<void> {
    if (this.#isMakingRoom) return;
    this.#isMakingRoom = true;
    for (const worker of this.#live().sort((a, b) => a.usedAt - b.usedAt)) {
      // Others may have come and gone meanwhile.
      if (this.#staying() <= KEPT) break;
      await this.#endIfIdle(worker, "others need the room");
    }
    this.#isMakingRoom = false;
  }

  /** How many are not about to end. */
  #staying(): number {
    return [...this.#all].filter(({ isLeaving }) => !isLeaving).length;
  }

  async #endIfIdle(worker: DynamicWorker, reason: string): Promise<void> {
    if (await worker.isIdle()) void worker.leave(reason, false);
  }
}
