/**
 * One worker_thread: booted as a spare, loaded once, then serving until it is terminated. Owned by
 * spares.ts first and by a worker-slot.ts after that; the owner sets `owner` to hear of it.
 */
import { MessageChannel, type Transferable, Worker } from "node:worker_threads";
import type { Bundle } from "../protocol/bundle.ts";
import type { BreachOutcome } from "../protocol/events.ts";
import type { HostSettings } from "../protocol/host.ts";
import { RUNNING_BYTES, Running } from "../protocol/running.ts";
import type { SpansMessage } from "../protocol/spans.ts";
import type {
  HostToThread,
  MemoryUse,
  ThreadCounts,
  ThreadData,
  ThreadToHost,
} from "../protocol/thread.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { randomHex } from "../util/trace-id.ts";
import { growHeapsForNow } from "./heap-growth.ts";
import { HttpChannel } from "./http-channel.ts";
import type { ThreadDebugger } from "./inspector/thread-debugger.ts";
import { Network } from "./outbound/network.ts";
import type { LoadHttpClient } from "./outbound/request.ts";
import { Questions } from "./questions.ts";

/** What threads are made from; see protocol/runtime-files.ts. */
export interface ThreadSource {
  readonly entry: string | URL;
  readonly execArgv: readonly string[];
  /** Read anew for each thread: the code cache arrives with the first one. */
  readonly data: () => ThreadData;
  readonly onCodeCache: (bytes: Uint8Array) => void;
  /** What a Worker has done for traced requests. */
  readonly onSpans?: (worker: string, message: SpansMessage) => void;
  /** Sends the Workers' outbound requests; asked with the first one. */
  readonly loadHttpClient: LoadHttpClient;
}

/** One build of one Worker, ready to run. */
export interface Version {
  readonly generation: number;
  readonly spec: WorkerSpec;
  readonly bundle: Bundle;
}

/** The invocation that a limit ends, and what is said of it. */
export interface Ending {
  readonly invocation: number;
  readonly message: string;
  readonly outcome: BreachOutcome;
}

export type LoadSettings = Pick<HostSettings, "colors" | "requestIds" | "traces">;

export interface ThreadOwner {
  /** It has ended what it was told to: what waited for that may go to it. */
  onThreadHears(thread: WorkerThread): void;
  onThreadMessage(thread: WorkerThread, message: ThreadToHost): void;
  /** The thread ended without `terminate`. */
  onThreadExit(thread: WorkerThread, reason: string): void;
}

/**
 * Heap limit of a thread in MB. Deliberately far above what a Worker may use: V8 aborts the whole
 * process when a thread runs into a tight limit, so watchdog.ts ends it long before (spikes S1).
 */
const HARD_HEAP_LIMIT_MB = 4096;

/** How long a thread that is ended waits for its debuggers to let it go. */
const RELEASE_MS = 100;
/**
 * By `--limits`. Production allows 1 s; a development machine has other things to do, and evaluates what no
 * one has minified.
 */
const START_LIMIT_MS = { off: undefined, warn: 10_000, enforce: 1_000 } as const;

export class WorkerThread {
  /** Settles with "booted"; rejects if the thread ends before. */
  readonly booted: Promise<void>;
  owner: ThreadOwner | undefined;
  /** 0 until it is loaded. */
  generation = 0;
  /** "" until it is loaded. */
  workerName = "";
  /** Its Worker has Durable Object classes. */
  hasObjects = false;
  /** Its Worker has consumers that hear of its invocations while they go on. */
  isStreamed = false;
  /** Where Workers of other processes reach it. */
  socketPath: string | undefined;
  /** Attached to it. They let it go before it ends: a thread that is stopped never would. */
  readonly debuggers: Set<ThreadDebugger> = new Set();
  /** Of the version that it runs, or is about to. */
  bundle: Bundle | undefined;
  /** How a debugger wants it to be loaded (protocol/thread.ts). */
  watch: { readonly isWatched: boolean; readonly breaksAtStart?: boolean } = { isWatched: false };
  /** How many "pong"s came: it reaches its event loop. */
  pongs = 0;
  /** Where the thread says which invocation goes on (protocol/running.ts). */
  readonly #running: SharedArrayBuffer = new SharedArrayBuffer(RUNNING_BYTES);
  readonly #words: Int32Array = new Int32Array(this.#running);
  #tid: number | undefined;
  #limitMs: number | undefined;
  #startLimitMs: number | undefined;
  readonly #worker: Worker;
  readonly #booted: Deferred<void> = createDeferred();
  #http: HttpChannel | undefined;
  readonly #counting: Questions<ThreadCounts> = new Questions();
  readonly #measuring: Questions<MemoryUse> = new Questions();
  /** Invocations that it was told to end, and has not. */
  readonly #asked: Set<number> = new Set();
  readonly #ended: Set<number> = new Set();
  #journal: SharedArrayBuffer | undefined;
  #error: unknown;
  #isEnding = false;
  #isGone = false;
  readonly #onLeave: (() => void)[] = [];

  constructor(source: ThreadSource) {
    this.#worker = new Worker(source.entry, {
      execArgv: [...source.execArgv],
      workerData: source.data(),
      name: "drover",
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HARD_HEAP_LIMIT_MB },
    });
    this.booted = this.#booted.promise;
    // Whoever takes the thread awaits it; a spare that nobody takes must not be a rejection.
    this.booted.catch(() => {});
    this.#worker.on("message", (message: ThreadToHost) => {
      if (message.type === "booted") {
        this.#tid = message.tid;
        this.#booted.resolve();
      } else if (message.type === "pong") this.pongs += 1;
      else if (message.type === "counts") this.#counting.answer(message.request, message.counts);
      else if (message.type === "measured") this.#measuring.answer(message.request, message.use);
      else if (message.type === "invocation-ended") this.#onInvocationEnded(message.invocation);
      else if (message.type === "trace-journal") this.#journal = message.memory;
      else if (message.type === "spans") source.onSpans?.(this.workerName, message);
      else if (message.type === "code-cache") source.onCodeCache(message.bytes);
      else if (message.type === "large-buffers") growHeapsForNow();
      // Lives for as long as the thread's end of the port.
      else if (message.type === "outbound") new Network(message.port, source.loadHttpClient);
      else this.owner?.onThreadMessage(this, message);
    });
    this.#worker.on("error", (error) => {
      this.#error = error;
    });
    this.#worker.on("exit", (code) => this.#onExit(code));
  }

  /** The front door's end; undefined before `load`. */
  get http(): HttpChannel | undefined {
    return this.#http;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** It was told to end: it is gone in a moment, or in a native call that goes on. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  attach(one: ThreadDebugger): void {
    if (this.debuggers.size === 0) this.post({ type: "watched", isWatched: true });
    this.debuggers.add(one);
  }

  detach(one: ThreadDebugger): void {
    if (!this.debuggers.delete(one) || this.debuggers.size > 0) return;
    this.post({ type: "watched", isWatched: false });
  }

  /** Somebody takes his time with it. */
  get isDebugged(): boolean {
    return this.debuggers.size > 0;
  }

  /** Stopped by a debugger. */
  get isPaused(): boolean {
    for (const { isPaused } of this.debuggers) if (isPaused) return true;
    return false;
  }

  /** The operating system's number of it, if known. */
  get tid(): number | undefined {
    return this.#tid;
  }

  /** ms of CPU time that its top-level code may use; undefined: as many as it likes. */
  get startLimitMs(): number | undefined {
    return this.#startLimitMs;
  }

  /** ms of CPU time that an invocation may use; undefined: as many as it likes. */
  get cpuLimitMs(): number | undefined {
    return this.#limitMs;
  }

  /** Which invocation goes on, or went on last. */
  running(): {
    readonly invocation: number;
    readonly link: number;
    readonly id: number;
    readonly changes: number;
    /** ms of CPU time that it may use, if that is its own matter; else 0. */
    readonly limit: number;
  } {
    const words = this.#words;
    return {
      invocation: Atomics.load(words, Running.invocation),
      link: Atomics.load(words, Running.link),
      id: Atomics.load(words, Running.id),
      changes: Atomics.load(words, Running.changes),
      limit: Atomics.load(words, Running.limit),
    };
  }

  get worker(): Worker {
    return this.#worker;
  }

  /** Makes it this Worker's thread; it answers "loaded" or "load-failed". Once per thread. */
  load(version: Version, { colors, requestIds, traces = false }: LoadSettings): void {
    const { port1, port2 } = new MessageChannel();
    this.generation = version.generation;
    this.workerName = version.spec.name;
    this.bundle = version.bundle;
    this.hasObjects = version.spec.durableObjects !== undefined;
    this.isStreamed = version.spec.streamingTailConsumers !== undefined;
    const { cpuMs, limits } = version.spec;
    this.#limitMs = cpuMs;
    this.#startLimitMs = cpuMs === undefined ? undefined : START_LIMIT_MS[limits];
    const tracing =
      requestIds === true || traces ? { seed: randomHex(24), records: traces } : undefined;
    const prefix = `${version.spec.name}-${version.generation}-`;
    this.#http = new HttpChannel(port1, prefix, tracing?.seed);
    const settings = { colors, running: this.#running, ...(tracing !== undefined && { tracing }) };
    this.post({ type: "load", ...version, http: port2, ...settings, ...this.watch }, [port2]);
  }

  /** What it has open; undefined if it does not answer in time (`isLost`: questions.ts). */
  count(isLost?: () => Promise<boolean>): Promise<ThreadCounts | undefined> {
    return this.#counting.ask((request) => this.post({ type: "count", request }), isLost);
  }

  /**
   * The memory that it uses, garbage included or thrown away; undefined if it does not answer in
   * time.
   */
  measure(collect = false, isLost?: () => Promise<boolean>): Promise<MemoryUse | undefined> {
    return this.#measuring.ask(
      (request) => this.post({ type: "measure", request, collect }),
      isLost,
    );
  }

  /** Ends that invocation, if it still hears. */
  endInvocation({ invocation, message, outcome }: Ending): void {
    this.#asked.add(invocation);
    this.post({ type: "end-invocation", invocation, message, outcome });
  }

  /** It was told to end an invocation and has not answered: perhaps it never will. */
  get isSuspect(): boolean {
    return this.#asked.size > 0;
  }

  #onInvocationEnded(invocation: number): void {
    this.#ended.add(invocation);
    if (this.#asked.delete(invocation) && !this.isSuspect) this.owner?.onThreadHears(this);
  }

  /** Whether it has done an "end-invocation". */
  hasEnded(invocation: number): boolean {
    return this.#ended.has(invocation);
  }

  /** What it recorded of its events, once; undefined if nobody hears of them. */
  takeJournal(): SharedArrayBuffer | undefined {
    const journal = this.#journal;
    this.#journal = undefined;
    return journal;
  }

  /** Calls back once when it is told to end, or ends by itself. */
  whenLeaving(listener: () => void): void {
    this.#onLeave.push(listener);
  }

  #leave(): void {
    for (const listener of this.#onLeave.splice(0)) listener();
  }

  /** Does nothing once the thread is gone. */
  post(message: HostToThread, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /**
   * Ends the thread whatever JavaScript it runs, endless loops included. Its owner hears no more.
   * Not to be waited for: a native call goes on (leftovers.ts).
   */
  terminate(): void {
    this.#isEnding = true;
    this.#leave();
    if (this.debuggers.size === 0) void this.#worker.terminate();
    else void this.#letGo().then(() => this.#worker.terminate());
  }

  /** At most RELEASE_MS. */
  async #letGo(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RELEASE_MS);
    });
    await Promise.race([late, Promise.all([...this.debuggers].map((one) => one.release()))]);
    clearTimeout(timer);
  }

  #onExit(code: number): void {
    this.#isGone = true;
    const reason = describeExit(this.#error, code);
    this.#booted.reject(new Error(`the thread ended while starting: ${reason}`));
    this.#leave();
    if (!this.#isEnding) this.owner?.onThreadExit(this, reason);
  }
}

function describeExit(error: unknown, code: number): string {
  if (error === undefined)
    return code === 0 ? "its thread ended" : `its thread exited with code ${code}`;
  if (!(error instanceof Error)) return `uncaught in its thread: ${String(error)}`;
  if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") return "it ran out of memory";
  return `uncaught in its thread: ${error.stack ?? error.message}`;
}
