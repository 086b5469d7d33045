/**
 * One Worker of the session: its config, its bundler, its generations. Runs in the session process,
 * made and driven by DevSession.
 *
 * One update runs at a time; while it runs, later ones melt into a single one behind it, so that
 * 200 changed files are one build. What the host was told is kept, to tell it to a new host.
 */
import { isDeepStrictEqual } from "node:util";
import type { BuildResult } from "../bundle/build-result.ts";
import type { Bundler } from "../bundle/bundler.ts";
import type { BuildInputs } from "../bundle/inputs.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { Bundle } from "../protocol/bundle.ts";
import type { SerializedError } from "../protocol/errors.ts";
import type { SessionToHost } from "../protocol/host.ts";
import type { EntrypointInfo, WorkerSpec } from "../protocol/worker-spec.ts";
import type { BuildTurn } from "./build-turns.ts";
import type { Cause, SessionEvent } from "./events.ts";
import { areWhole, lookAt, whenWhole } from "./half-written.ts";
import type { Reload } from "./reload.ts";
import type { WorkerState, WorkerView } from "./status.ts";

/** What a WorkerSession needs from its owner. */
export interface WorkerBus {
  dispatch(event: SessionEvent): void;
  send(message: SessionToHost): void;
  /** Reads this Worker's config again; throws what is wrong with it. */
  resolveConfig(worker: WorkerSession): Promise<ResolvedConfig>;
  createBundler(config: ResolvedConfig): Bundler;
  /** Whether failures are to be told in colours. */
  readonly colors: boolean;
  specOf(config: ResolvedConfig): WorkerSpec;
  /** At once or later: it may build. Call the result when it has. */
  buildTurn(worker: WorkerSession, isUrgent: boolean): BuildTurn | Promise<BuildTurn>;
  /** Whether the Worker of this name computes at this moment: found out now. */
  isComputing(name: string): Promise<boolean>;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** When the session began, on that clock. */
  readonly startedAt: number;
}

interface Generation {
  readonly number: number;
  readonly spec: WorkerSpec;
  readonly bundle: Bundle;
}

interface Update extends Reload {
  readonly cause: Cause;
  /** Clock time of the first change in it. */
  readonly since: number;
  /** The thread is replaced even if nothing has changed. */
  readonly isForced?: boolean;
}

export class WorkerSession implements WorkerView {
  readonly #bus: WorkerBus;
  #config: ResolvedConfig;
  #bundler: Bundler;
  #state: WorkerState = "starting";
  #entrypoints: readonly EntrypointInfo[] = [];
  #isAsleep = false;
  #numbers = 0;
  /** Epoch milliseconds: files changed since are not in the last build. */
  #builtFrom = Date.now();
  /** Last generation that was sent, and the update that it came from. */
  #sent:
    | { readonly generation: Generation; readonly cause: Cause; readonly since: number }
    | undefined;
  /** Last generation that was evaluated without error: what serves. */
  #good: Generation | undefined;
  /** Text of the last build if it failed. */
  #buildError: string | undefined;
  #loadError: SerializedError | undefined;
  /** The config file is unusable since its last change. */
  #configBroken = false;
  #queued: Update | undefined;
  /** Aborted when there is one more update, or the end: whoever waits for files has it. */
  #news: AbortController | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(config: ResolvedConfig, bus: WorkerBus) {
    this.#bus = bus;
    this.#config = config;
    this.#bundler = bus.createBundler(config);
  }

  get name(): string {
    return this.#config.name;
  }

  get config(): ResolvedConfig {
    return this.#config;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get entrypoints(): readonly EntrypointInfo[] {
    return this.#entrypoints;
  }

  get generation(): number {
    return this.#good?.number ?? 0;
  }

  get inputs(): BuildInputs {
    return this.#bundler.inputs();
  }

  get builtFrom(): number {
    return this.#builtFrom;
  }

  /** Why it is not `ready`; for errors and the smoke report. */
  get failure(): string | undefined {
    return this.#buildError ?? this.#loadError?.stack;
  }

  /** Which kind of failure `failure` is. */
  get failedStage(): "build" | "load" | undefined {
    if (this.#buildError !== undefined) return "build";
    return this.#loadError === undefined ? undefined : "load";
  }

  start(): void {
    this.#enqueue({ kind: "source", files: [], cause: "start", since: this.#bus.startedAt });
  }

  /** Files of this Worker changed. */
  update(reload: Reload): void {
    this.#enqueue({ ...reload, cause: "change", since: this.#bus.now() });
  }

  /** Nothing need have changed: its config is read and its thread replaced. */
  reload(): void {
    const since = this.#bus.now();
    this.#enqueue({ kind: "config", files: [], cause: "change", since, isForced: true });
  }

  /** A new host process is there: tell it what the old one knew. */
  restore(): void {
    const good = this.#good;
    const sent = this.#sent?.generation;
    if (good !== undefined) this.#send(good, "restore", this.#bus.now());
    else if (this.#buildError !== undefined) this.#sendBuildError(this.#buildError);
    // An attempt that the old host had not answered, or that failed there without a predecessor.
    if (
      sent !== undefined &&
      sent !== good &&
      (good === undefined || this.#loadError === undefined)
    ) {
      this.#send(sent, this.#loadError === undefined ? "change" : "restore", this.#bus.now());
    }
  }

  /** It sleeps in the host: evaluated, and without a thread until it is called. */
  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** It was called. */
  onWoken(): void {
    this.#isAsleep = false;
  }

  onLoaded(generation: number, entrypoints: readonly EntrypointInfo[], asleep = false): void {
    const sent = this.#sent;
    if (sent?.generation.number !== generation) return;
    const first = this.#good === undefined;
    this.#good = sent.generation;
    this.#entrypoints = entrypoints;
    this.#state = "ready";
    this.#isAsleep = asleep;
    this.#loadError = undefined;
    this.#bus.dispatch({
      type: "loaded",
      worker: this.name,
      generation,
      entrypoints,
      // A first success after a failed start is a start, whenever it comes.
      cause: first && sent.cause === "restore" ? "start" : sent.cause,
      ms: this.#bus.now() - sent.since,
    });
  }

  onLoadFailed(generation: number, error: SerializedError): void {
    const sent = this.#sent;
    if (sent?.generation.number !== generation) return;
    this.#loadError = error;
    const keepsLastGood = this.#good !== undefined && this.#good !== sent.generation;
    if (!keepsLastGood) this.#state = "failed";
    this.#bus.dispatch({
      type: "load-failed",
      worker: this.name,
      error,
      cause: sent.cause,
      keepsLastGood,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#queued = undefined;
    this.#news?.abort();
    await this.#bundler[Symbol.asyncDispose]();
    await this.#running;
  }

  #enqueue(update: Update): void {
    if (this.#closed) return;
    this.#queued = this.#queued === undefined ? update : merge(this.#queued, update);
    this.#news?.abort();
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const update = this.#queued;
        if (update === undefined || this.#closed) return;
        this.#queued = undefined;
        await this.#apply(update);
      }
    } catch (error) {
      if (!this.#closed) this.#bus.dispatch({ type: "fatal", error });
    } finally {
      this.#running = undefined;
    }
  }

  async #apply(update: Update): Promise<void> {
    if (update.kind === "config" && !(await this.#reloadConfig(update))) return;
    if (this.#closed) return;
    const { cause, files } = update;
    this.#bus.dispatch({ type: "build-started", worker: this.name, cause, files });
    const turn = this.#bus.buildTurn(this, cause !== "start");
    const done = typeof turn === "function" ? turn : await turn;
    const before = lookAt(files);
    const result = await this.#bundler.build().finally(done);
    if (this.#closed) return;
    this.#builtFrom = result.startedAt;
    // More came in meanwhile: its build contains this one. Keep the clock of the first change.
    if (this.#queued !== undefined) {
      this.#queued = merge(update, this.#queued);
      return;
    }
    const isSure = result.ok && areWhole(files, before);
    if (!isSure && (await this.#changesSoon(update))) return;
    if (!result.ok) {
      this.#onBuildFailed(result);
      return;
    }
    for (const text of result.warnings) {
      this.#bus.dispatch({ type: "build-warning", worker: this.name, text });
    }
    await this.#onBuilt(result.bundle, update);
  }

  /** Before something is told of files that may not be whole: the update that follows it, or the end, takes its place. */
  async #changesSoon(update: Update): Promise<boolean> {
    this.#news = new AbortController();
    await whenWhole(update.files, this.#news.signal);
    this.#news = undefined;
    if (this.#queued !== undefined) this.#queued = merge(update, this.#queued);
    return this.#queued !== undefined || this.#closed;
  }

  /** False if the new config is unusable: the old one stays, and nothing is rebuilt. */
  async #reloadConfig(update: Update): Promise<boolean> {
    let config: ResolvedConfig;
    try {
      config = await this.#bus.resolveConfig(this);
    } catch (error) {
      if (await this.#changesSoon(update)) return false;
      this.#configBroken = true;
      this.#bus.dispatch({ type: "config-failed", worker: this.name, error });
      return false;
    }
    if (this.#closed) return false;
    const before = this.#config;
    const oldBundler = this.#bundler;
    this.#config = config;
    this.#bundler = this.#bus.createBundler(config);
    await oldBundler[Symbol.asyncDispose]();
    if (before.name !== config.name) this.#rename(before.name);
    this.#bus.dispatch({ type: "config-reloaded", worker: config.name, config });
    return !this.#closed;
  }

  /** To the host another name is another Worker. */
  #rename(oldName: string): void {
    this.#bus.send({ type: "remove", worker: oldName });
    this.#sent = undefined;
    this.#good = undefined;
    this.#state = "starting";
  }

  #onBuildFailed(result: Extract<BuildResult, { ok: false }>): void {
    this.#buildError = result.text;
    const keepsLastGood = this.#good !== undefined;
    if (!keepsLastGood) {
      this.#state = "failed";
      this.#sendBuildError(result.text);
    }
    const text = this.#bus.colors ? result.coloredText : result.text;
    const { problems } = result;
    this.#bus.dispatch({ type: "build-failed", worker: this.name, text, problems, keepsLastGood });
  }

  async #onBuilt(bundle: Bundle, update: Update): Promise<void> {
    const { cause, since, isForced = false } = update;
    const spec = this.#bus.specOf(this.#config);
    const last = this.#sent?.generation;
    const same = last?.bundle.hash === bundle.hash && isDeepStrictEqual(last.spec, spec);
    // Whoever saves a file while it spins wants it replaced, whatever the file says.
    const isWanted =
      !same ||
      isForced ||
      this.#loadError !== undefined ||
      (await this.#bus.isComputing(this.name));
    if (this.#closed) return;
    // As above: the host was asked meanwhile.
    if (this.#queued !== undefined) {
      this.#queued = merge(update, this.#queued);
      return;
    }
    const recovered = this.#buildError !== undefined || this.#configBroken;
    this.#buildError = undefined;
    this.#configBroken = false;
    if (!isWanted) {
      const ms = this.#bus.now() - since;
      this.#bus.dispatch({ type: "unchanged", worker: this.name, recovered, ms });
      return;
    }
    this.#numbers += 1;
    this.#loadError = undefined;
    this.#bus.dispatch({ type: "loading", worker: this.name, cause });
    this.#send({ number: this.#numbers, spec, bundle }, cause, since);
  }

  #send(generation: Generation, cause: Cause, since: number): void {
    this.#sent = { generation, cause, since };
    const { number, spec, bundle } = generation;
    this.#bus.send({ type: "load", generation: number, spec, bundle });
  }

  #sendBuildError(text: string): void {
    this.#bus.send({ type: "build-failed", worker: this.name, text });
  }
}

function merge(first: Update, second: Update): Update {
  return {
    kind: first.kind === "config" ? first.kind : second.kind,
    files: [...new Set([...first.files, ...second.files])],
    cause: first.cause,
    since: first.since,
    isForced: first.isForced === true || second.isForced === true,
  };
}
