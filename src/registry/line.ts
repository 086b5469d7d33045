/**
 * How a session stays connected to whichever daemon there is. Runs in the session process; owned by
 * client.ts.
 */
import { watch } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { DaemonMessage } from "../protocol/registry.ts";
import { createDeferred } from "../util/deferred.ts";
import { hasCode, UserError } from "../util/errors.ts";
import { connectDaemon, type DaemonConnection } from "./connection.ts";
import type { RegistryErrorCode } from "./errors.ts";
import type { Environment, RegistryPaths } from "./paths.ts";
import { startDaemonProcess } from "./starter.ts";

/** Why there is no answer from a daemon at the moment. */
export type LineState =
  /** The daemon ended; another is being found or started. */
  | { readonly type: "reconnecting" }
  /** Connected, but the daemon says nothing: it is suspended or very busy. */
  | { readonly type: "silent" }
  /** `drover registry stop`: nothing is started until somebody else starts a daemon. */
  | { readonly type: "stopped" }
  | { readonly type: "unavailable"; readonly error: Error };

export interface LineOptions {
  readonly paths: RegistryPaths;
  /** Makes the directory usable before a daemon is started there. Throws a UserError. */
  prepare(): void;
  /** Awaited before a daemon is started: a session that is starting has better things to do. */
  beforeStart?(): Promise<void>;
  readonly env: Environment;
  readonly version: string;
  readonly protocol: number;
  /** A new connection; greet the daemon. */
  onOpen(connection: DaemonConnection): void;
  onMessage(message: DaemonMessage): void;
  onState(state: LineState): void;
}

/** How long opening waits for the first word of a daemon. */
const FIRST_WORD_MS = 3_000;
const MAX_STARTS = 5;
/**
 * Longest pause after several fruitless attempts in a row. The first is free: connecting to a
 * daemon that is just being killed may still succeed.
 */
const MAX_PAUSE_MS = 5_000;

/**
 * Keeps a session connected to whichever daemon there is: connects, starts one, connects again when
 * it ends. Owned by RegistryClient; knows nothing of what is said. Keeps the process running only
 * until the first word.
 */
export class DaemonLine {
  readonly #options: LineOptions;
  readonly #first = createDeferred();
  readonly #abort = new AbortController();
  #connection: DaemonConnection | undefined;
  #running: Promise<void> | undefined;
  #opened = false;
  /** Runs while the first word of a daemon is waited for. */
  #silence: NodeJS.Timeout | undefined;
  #resting = false;
  /** Connections and starts in a row that came to nothing. */
  #failures = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the daemon's first message, or when it has been silent for FIRST_WORD_MS. Throws a
   * UserError.
   */
  async open(): Promise<void> {
    this.#running = this.#run();
    await this.#first.promise;
  }

  /** The present connection has done what it is for: losing it is no reason to be careful. */
  proven(): void {
    this.#failures = 0;
  }

  /** Start no other daemon when this one ends: the user has stopped it. */
  rest(): void {
    this.#resting = true;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#connection?.close();
    await this.#running;
  }

  get #closed(): boolean {
    return this.#abort.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const connection = await this.#tryReach();
      if (connection === undefined) continue;
      if (this.#closed) connection.close();
      else await this.#use(connection);
    }
    this.#finishOpening();
  }

  async #tryReach(): Promise<DaemonConnection | undefined> {
    try {
      if (this.#resting) return await this.#awaitAnother();
      if (this.#failures > 1) await this.#pause(Math.min(25 * 2 ** this.#failures, MAX_PAUSE_MS));
      return await this.#reach();
    } catch (error) {
      if (this.#closed) return undefined;
      if (!this.#opened) {
        this.#abort.abort();
        this.#first.reject(error);
        return undefined;
      }
      this.#failures += 1;
      this.#options.onState({ type: "unavailable", error: error as Error });
      return undefined;
    }
  }

  async #use(connection: DaemonConnection): Promise<void> {
    this.#failures += 1;
    this.#resting = false;
    this.#connection = connection;
    this.#options.onOpen(connection);
    let hasSpoken = false;
    connection.listen((message) => {
      hasSpoken = true;
      connection.setRef(false);
      this.#finishOpening();
      this.#options.onMessage(message);
    });
    await connection.closed;
    this.#connection = undefined;
    if (this.#closed || !hasSpoken) return;
    this.#options.onState({ type: this.#resting ? "stopped" : "reconnecting" });
  }

  #expectFirstWord(): void {
    if (this.#opened) return;
    this.#silence ??= setTimeout(() => {
      this.#options.onState({ type: "silent" });
      this.#finishOpening();
    }, FIRST_WORD_MS);
  }

  #expectNothing(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  #finishOpening(): void {
    this.#expectNothing();
    this.#opened = true;
    this.#first.resolve();
  }

  async #reach(): Promise<DaemonConnection> {
    const { paths, env, version, protocol } = this.#options;
    for (let starts = 0; ; starts += 1) {
      this.#expectFirstWord();
      const connection = await this.#connect();
      if (connection !== undefined) return connection;
      if (starts === MAX_STARTS || this.#closed) break;
      // Nobody is there who could be silent.
      this.#expectNothing();
      await this.#options.beforeStart?.();
      this.#expectFirstWord();
      this.#abort.signal.throwIfAborted();
      this.#options.prepare();
      await startDaemonProcess({ paths, version, protocol }, env);
    }
    throw new UserError<RegistryErrorCode>(
      "REGISTRY_START",
      `The dev registry was started ${MAX_STARTS} times and ended before it could be reached.`,
      { hint: "Go on without other sessions' Workers with --no-registry." },
    );
  }

  /** A full backlog means that the daemon is there, with more visitors than it can greet. */
  async #connect(): Promise<DaemonConnection | undefined> {
    for (;;) {
      try {
        return await connectDaemon(this.#options.paths.socket);
      } catch (error) {
        if (!(error instanceof UserError) || !hasCode(error.cause, "EAGAIN")) throw error;
        await this.#pause(50);
      }
    }
  }

  /** Waits for a daemon that another session starts. */
  async #awaitAnother(): Promise<DaemonConnection> {
    for (;;) {
      // Watching begins before the attempt: what appears in between is an event.
      const change = this.#watchDirectory();
      try {
        const connection = await connectDaemon(this.#options.paths.socket);
        if (connection !== undefined) return connection;
        await change.happened;
      } finally {
        change.stop();
      }
      this.#abort.signal.throwIfAborted();
    }
  }

  /** `happened` never rejects. */
  #watchDirectory(): { readonly happened: Promise<void>; stop(): void } {
    const { directory } = this.#options.paths;
    const stopped = new AbortController();
    const signal = AbortSignal.any([stopped.signal, this.#abort.signal]);
    // Pipes on Windows are in no directory, and ours may have been removed: then it takes a clock.
    const fallBack = (): Promise<void> =>
      delay(1_000, undefined, { ref: false, signal }).catch(() => {});
    const stop = (): void => stopped.abort();
    if (directory === null) return { happened: fallBack(), stop };
    const happened = new Promise<void>((resolve, reject) => {
      const watcher = watch(directory, { persistent: false, signal }, () => resolve());
      watcher.once("error", reject);
      watcher.once("close", resolve);
    });
    return { happened: happened.catch(fallBack), stop };
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { ref: !this.#opened, signal: this.#abort.signal });
  }
}
