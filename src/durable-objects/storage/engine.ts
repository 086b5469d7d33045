/**
 * Everything that one object stores, under its three APIs: the database, key-value data, the alarm,
 * transactions and the output gate (spec/durable-objects.md 8, 12-17). One per live instance.
 */

import { type KvLimits, KvTable } from "./kv-table.ts";
import { ObjectDatabase } from "./object-database.ts";
import type { OpenFiles } from "./open-files.ts";
import type { StoredValues } from "./values.ts";

const NS_PER_MS = 1_000_000n;

export interface StorageEngineOptions {
  readonly path: string;
  readonly files: OpenFiles;
  readonly values: StoredValues;
  readonly limits: KvLimits;
  /** Something is to be committed at the end of the turn. */
  readonly onDirty: () => void;
  /** The alarm of a committed transaction; ms since 1970, null for none. */
  readonly onAlarm: (time: number | null) => void;
  /** Before the commit of an alarm that is earlier than the stored one (spec 17.4). */
  readonly beforeAlarm: (time: number) => void;
}

/** Promise of a commit, shared by all that wait for it. */
interface PendingCommit {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export class StorageEngine {
  readonly database: ObjectDatabase;
  readonly kv: KvTable;
  readonly limits: KvLimits;
  readonly #options: StorageEngineOptions;
  #pending: PendingCommit | undefined;
  /** A write that holds back outputs is in the open transaction. */
  #holdsOutput = false;
  /** The alarm as the open transaction leaves it; undefined: as it is on disk. */
  #alarm: { readonly time: number | null } | undefined;
  /** The handler of this time runs: `getAlarm` shows none, and the row is kept for a retry. */
  #running: number | undefined;

  constructor(options: StorageEngineOptions) {
    this.#options = options;
    this.limits = options.limits;
    this.database = new ObjectDatabase(options);
    this.kv = new KvTable(this.database, options.values, options.limits);
  }

  /** A write is under way; `unconfirmed` ones do not hold back what the object sends. */
  touch(unconfirmed = false): void {
    if (!unconfirmed) this.#holdsOutput = true;
  }

  get needsCommit(): boolean {
    return this.database.isDirty;
  }

  /** For what the object sends: undefined if all that was written before it is committed. */
  confirmed(): Promise<void> | undefined {
    return this.#holdsOutput && this.database.isDirty ? this.#wait() : undefined;
  }

  /** Resolves when everything written so far is committed. */
  sync(): Promise<void> {
    return this.database.isDirty ? this.#wait() : Promise.resolve();
  }

  /** The end of the turn. Throws what SQLite said; then nothing of the transaction is left. */
  commit(): void {
    this.database.readers.settle();
    // A transaction of the application goes on.
    if (!this.database.isDirty || this.database.savepoints > 0) return;
    const alarm = this.#alarm;
    try {
      if (alarm?.time != null) this.#options.beforeAlarm(alarm.time);
      this.database.commit();
    } catch (error) {
      this.#settled()?.reject(error);
      throw error;
    }
    this.#alarm = undefined;
    if (alarm !== undefined) this.#options.onAlarm(alarm.time);
    this.#settled()?.resolve();
  }

  /** Nothing of the open transaction is kept; who waits for it hears `error`. */
  abandon(error: unknown): void {
    this.#alarm = undefined;
    const pending = this.#settled();
    if (pending !== undefined) {
      pending.promise.catch(() => {});
      pending.reject(error);
    }
    this.database.rollback();
    this.database.close();
  }

  /** Closes the file; the next use opens it again. */
  suspend(): void {
    this.database.suspend();
  }

  close(): void {
    this.database.close();
  }

  /* ------------------------------ the alarm ------------------------------- */

  /** ms since 1970; null: none, or its handler runs. */
  getAlarm(): number | null {
    const stored = this.storedAlarm();
    return stored === this.#running ? null : stored;
  }

  storedAlarm(): number | null {
    const nanoseconds = this.database.readMetadata(1);
    return nanoseconds === undefined ? null : Number(nanoseconds / NS_PER_MS);
  }

  setAlarm(time: number | null): void {
    this.#running = undefined;
    if (time === null && this.storedAlarm() === null) return;
    this.database.writeMetadata(1, time === null ? null : BigInt(time) * NS_PER_MS);
    this.#alarm = { time };
  }

  /** The handler of the alarm begins: it is as if there were none, unless it fails. */
  beginAlarm(): void {
    this.#running = this.storedAlarm() ?? undefined;
  }

  /** `isDone`: it is not to be run again. Says whether the alarm is still the one that ran. */
  endAlarm(isDone: boolean): boolean {
    const isSame = this.#running !== undefined && this.#running === this.storedAlarm();
    this.#running = undefined;
    if (isDone && isSame) this.setAlarm(null);
    return isSame;
  }

  #wait(): Promise<void> {
    if (this.#pending === undefined) {
      let resolve = (): void => {};
      let reject: (error: unknown) => void = () => {};
      const promise = new Promise<void>((onDone, onFailed) => {
        resolve = onDone;
        reject = onFailed;
      });
      this.#pending = { promise, resolve, reject };
    }
    return this.#pending.promise;
  }

  #settled(): PendingCommit | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#holdsOutput = false;
    return pending;
  }
}
