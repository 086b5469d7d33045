/**
 * `ctx.storage` (spec/durable-objects.md 10-17) and the transaction that its callback gets. One per
 * live instance; all state is in the engine.
 */
import { type OpenSpan, spanned } from "../../isolate/spans.ts";
import { isOf } from "../../util/thrown.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { notOfType } from "./arguments.ts";
import type { StorageEngine } from "./engine.ts";
import { StorageOperations } from "./operations.ts";
import { createSql, type SqlStorage } from "./sql.ts";
import { createSyncKv, type SyncKvStorage } from "./sync-kv.ts";

const INTERNAL: unique symbol = Symbol("internal");

const NO_SQL =
  "SQL is not enabled for this Durable Object class. To enable it, change `new_classes` to `new_sqlite_classes` within the 'migrations' field in your wrangler.jsonc or wrangler.toml file. If using workerd directly,set `enableSql = true` in your workerd config for the class. Note that this change cannot be made after the class is already deployed to production.";
const NO_SYNC_KV =
  "The storage.kv (synchronous KV) API is only available for SQLite-backed Durable Objects, but this object's namespace is not declared to use SQLite. You can use the older, asyncronous interface via methods of `storage` itself (e.g. `storage.get()`). Alternatively, to enable SQLite, change `new_classes` to `new_sqlite_classes` within the 'migrations' field in your wrangler.jsonc or wrangler.toml file. If using workerd directly, set `enableSql = true` in your workerd config for the class. Note that this change cannot be made after the class is already deployed to production.";
const NO_RECOVERY =
  "This Durable Object's storage back-end does not implement point-in-time recovery.";
const DELETE_IN_TRANSACTION = "Cannot call deleteAll() within a transaction";

export interface StorageHost {
  readonly engine: StorageEngine;
  /** Runs `callback` while no other event is delivered. */
  readonly inSection: <T>(callback: () => T | Promise<T>) => Promise<T>;
  /** Throws if the storage is used from somewhere else, or after the end of the instance. */
  readonly guard: () => void;
  readonly hasAlarmHandler: () => boolean;
  /** `delete_all_deletes_alarm` (spec 24). */
  readonly deleteAllDeletesAlarm: boolean;
}

export class DurableObjectStorage {
  declare readonly kv: SyncKvStorage;
  declare readonly sql: SqlStorage;
  readonly #host: StorageHost;
  readonly #operations: StorageOperations;

  constructor(token: typeof INTERNAL, host: StorageHost) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    const { engine, hasAlarmHandler } = host;
    this.#host = host;
    this.#operations = new StorageOperations({
      engine,
      interfaceName: "DurableObjectStorage",
      hasAlarmHandler,
    });
    const isSql = engine.limits === "sqlite";
    defineLazy(this, "kv", () =>
      isSql
        ? createSyncKv(engine, host.guard)
        : refusing(createSyncKv(engine, host.guard), NO_SYNC_KV),
    );
    defineLazy(this, "sql", () =>
      isSql ? createSql(engine, host.guard) : refusing(createSql(engine, host.guard), NO_SQL),
    );
  }

  get(...args: unknown[]): Promise<unknown> {
    return this.#do("get", () => this.#operations.get(args), args[0]);
  }

  put(...args: unknown[]): Promise<void> {
    return this.#do("put", () => this.#operations.put(args), args[0]);
  }

  delete(...args: unknown[]): Promise<boolean | number> {
    return this.#do("delete", () => this.#operations.delete(args), args[0]);
  }

  list(...args: unknown[]): Promise<Map<string, unknown>> {
    return this.#do("list", () => this.#operations.list(args));
  }

  getAlarm(): Promise<number | null> {
    return this.#do("getAlarm", (span) => {
      const time = this.#operations.getAlarm();
      if (time !== null) tellAlarm(span, time);
      return time;
    });
  }

  setAlarm(...args: unknown[]): Promise<void> {
    return this.#do("setAlarm", (span) => {
      tellAlarm(span, this.#operations.setAlarm(args));
    });
  }

  deleteAlarm(...args: unknown[]): Promise<void> {
    return this.#do("deleteAlarm", () => this.#operations.deleteAlarm(args));
  }

  deleteAll(): Promise<void> {
    return this.#do("deleteAll", () => {
      const { engine, deleteAllDeletesAlarm } = this.#host;
      if (engine.database.savepoints > 0) throw new Error(DELETE_IN_TRANSACTION);
      engine.touch();
      if (deleteAllDeletesAlarm) engine.setAlarm(null);
      engine.database.deleteAll(!deleteAllDeletesAlarm);
    });
  }

  sync(): Promise<void> {
    this.#host.guard();
    return spanned("durable_object_storage_sync", () => this.#host.engine.sync());
  }

  transaction<T>(closure: (txn: DurableObjectTransaction) => T | Promise<T>): Promise<T> {
    if (typeof closure !== "function") {
      throw notOfType("transaction", "DurableObjectStorage", "function");
    }
    this.#host.guard();
    return spanned("durable_object_storage_transaction", (span) =>
      span === undefined ? this.#transact(closure) : span.enclose(() => this.#transact(closure)),
    );
  }

  #transact<T>(closure: (txn: DurableObjectTransaction) => T | Promise<T>): Promise<T> {
    const { inSection, engine, hasAlarmHandler } = this.#host;
    let failure: { readonly error: unknown } | undefined;
    // A thrown value rolls back and goes to the caller; the object lives on, unlike after a failed
    // critical section.
    return inSection(async () => {
      const depth = engine.database.savepoint();
      engine.touch();
      const state: TransactionState = { engine, depth, phase: "open" };
      const txn = new DurableObjectTransaction(INTERNAL, state, hasAlarmHandler);
      let result: T | undefined;
      try {
        result = await closure(txn);
      } catch (error) {
        failure = { error };
      }
      if (state.phase === "open") engine.database.release(failure === undefined);
      state.phase = "committed";
      return result as T;
    }).then((result) => {
      if (failure !== undefined) throw failure.error;
      return result;
    });
  }

  transactionSync<T>(closure: () => T): T {
    if (typeof closure !== "function") {
      throw notOfType("transactionSync", "DurableObjectStorage", "function");
    }
    this.#host.guard();
    const { engine } = this.#host;
    engine.database.savepoint();
    engine.touch();
    let result: T;
    try {
      result = closure();
    } catch (error) {
      engine.database.release(false);
      throw error;
    }
    engine.database.release(true);
    return result;
  }

  getCurrentBookmark(): Promise<string> {
    return this.#do("getCurrentBookmark", () => {
      const { engine } = this.#host;
      const count = engine.database.readMetadata(2) ?? 0n;
      engine.touch();
      engine.database.writeMetadata(2, count + 1n);
      return `00000000-00000000-00000000-${count.toString(16).padStart(32, "0")}`;
    });
  }

  getBookmarkForTime(time: unknown): Promise<string> {
    if (!(time instanceof Date) && typeof time !== "number") {
      throw notOfType("getBookmarkForTime", "DurableObjectStorage", "date");
    }
    return this.#do("getBookmarkForTime", () => {
      throw new Error(NO_RECOVERY);
    });
  }

  onNextSessionRestoreBookmark(_bookmark: unknown): Promise<string> {
    return this.#do("onNextSessionRestoreBookmark", () => {
      throw new Error(NO_RECOVERY);
    });
  }

  /** Arguments of the wrong type throw at once; what goes wrong with the data rejects. */
  #do<T>(operation: string, run: (span: OpenSpan | undefined) => T, subject?: unknown): Promise<T> {
    this.#host.guard();
    return settledInSpan(operation, run, subject);
  }
}
defineInterface(DurableObjectStorage, "DurableObjectStorage");

interface TransactionState {
  readonly engine: StorageEngine;
  readonly depth: number;
  phase: "open" | "rolled-back" | "committed";
}

export class DurableObjectTransaction {
  readonly #state: TransactionState;
  readonly #operations: StorageOperations;

  constructor(token: typeof INTERNAL, state: TransactionState, hasAlarmHandler: () => boolean) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#state = state;
    this.#operations = new StorageOperations({
      engine: state.engine,
      interfaceName: "DurableObjectTransaction",
      hasAlarmHandler,
    });
  }

  get(...args: unknown[]): Promise<unknown> {
    return this.#do("get", () => this.#operations.get(args), args[0]);
  }

  put(...args: unknown[]): Promise<void> {
    return this.#do("put", () => this.#operations.put(args), args[0]);
  }

  delete(...args: unknown[]): Promise<boolean | number> {
    return this.#do("delete", () => this.#operations.delete(args), args[0]);
  }

  list(...args: unknown[]): Promise<Map<string, unknown>> {
    return this.#do("list", () => this.#operations.list(args));
  }

  getAlarm(): Promise<number | null> {
    return this.#do("getAlarm", (span) => {
      const time = this.#operations.getAlarm();
      if (time !== null) tellAlarm(span, time);
      return time;
    });
  }

  setAlarm(...args: unknown[]): Promise<void> {
    return this.#do("setAlarm", (span) => {
      tellAlarm(span, this.#operations.setAlarm(args));
    });
  }

  deleteAlarm(...args: unknown[]): Promise<void> {
    return this.#do("deleteAlarm", () => this.#operations.deleteAlarm(args));
  }

  deleteAll(): Promise<void> {
    throw new Error(DELETE_IN_TRANSACTION);
  }

  rollback(): void {
    const { engine, depth } = this.#state;
    if (this.#state.phase === "rolled-back") return;
    if (this.#state.phase === "committed") throw alreadyCommitted("rollback");
    if (engine.database.savepoints > depth) {
      throw new Error(
        "Cannot roll back an outer transaction while a nested transaction is still running.",
      );
    }
    engine.database.release(false);
    this.#state.phase = "rolled-back";
  }

  #do<T>(operation: string, run: (span: OpenSpan | undefined) => T, subject?: unknown): Promise<T> {
    const { phase } = this.#state;
    if (phase === "rolled-back") {
      throw new Error(`Cannot ${operation}() on rolled back transaction`);
    }
    if (phase === "committed") throw alreadyCommitted(operation);
    return settledInSpan(operation, run, subject);
  }
}
defineInterface(DurableObjectTransaction, "DurableObjectTransaction");

export function createStorage(host: StorageHost): DurableObjectStorage {
  return new DurableObjectStorage(INTERNAL, host);
}

function alreadyCommitted(operation: string): Error {
  return new Error(
    `Cannot call ${operation}() on transaction that has already committed: did you move \`txn\` outside of the closure?`,
  );
}

/** The span ends at once, as the work does. */
function settledInSpan<T>(
  operation: string,
  run: (span: OpenSpan | undefined) => T,
  subject: unknown,
): Promise<T> {
  return settled(() => spanned(`durable_object_storage_${operation}`, run, subject));
}

/** `time`: milliseconds since 1970. */
function tellAlarm(span: OpenSpan | undefined, time: number): void {
  span?.set("cloudflare.durable_object.alarm.scheduled_time", new Date(time).toISOString());
}

function settled<T>(run: () => T): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    // Production checks the types of arguments before it makes a promise.
    if (isOf(error, TypeError)) throw error;
    return Promise.reject(error);
  }
}

/** Own and enumerable, made when it is first read. */
function defineLazy(object: object, name: string, make: () => object): void {
  let value: object | undefined;
  Object.defineProperty(object, name, {
    get: () => {
      value ??= make();
      return value;
    },
    enumerable: true,
    configurable: true,
  });
}

/** Members of `object` throw when they are used; what it is can still be seen. */
function refusing<T extends object>(object: T, text: string): T {
  return new Proxy(object, {
    get(target, key) {
      const isMember = typeof key === "string" && key !== "constructor" && key in target;
      if (!isMember) return Reflect.get(target, key);
      if (key === "databaseSize") throw new Error(text);
      return () => {
        throw new Error(text);
      };
    },
  });
}
