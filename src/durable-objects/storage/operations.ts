/**
 * What `ctx.storage` and the `txn` of a transaction have in common: the asynchronous key-value API
 * and the alarm (spec/durable-objects.md 12, 17.1). The work is done at once; the promises are
 * resolved when they are returned, so no other event comes between a read and a write.
 */

import {
  alarmTime,
  checkPairs,
  entriesOf,
  isUnconfirmed,
  keysOf,
  listOptions,
  notOfType,
} from "./arguments.ts";
import type { StorageEngine } from "./engine.ts";

const NEEDS_KEY = "string or Array";
const NO_HANDLER =
  "Your Durable Object class must have an alarm() handler in order to call setAlarm()";

export interface OperationsOptions {
  readonly engine: StorageEngine;
  /** Name of the class that is used, for texts. */
  readonly interfaceName: string;
  /** Whether `setAlarm` may be called: the class has a handler. */
  readonly hasAlarmHandler: () => boolean;
}

export class StorageOperations {
  readonly #options: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  get(args: readonly unknown[]): unknown {
    const { engine } = this.#options;
    const keys = this.#keys("get", args[0]);
    if (typeof keys === "string") return engine.kv.get(keys);
    checkPairs(keys.length, engine.limits);
    const found = new Map<string, unknown>();
    for (const key of sorted(keys)) {
      const value = engine.kv.get(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  put(args: readonly unknown[]): void {
    const { engine } = this.#options;
    const entries = entriesOf(args);
    checkPairs(entries.length, engine.limits);
    const isPair = typeof args[0] !== "object" || args[0] === null;
    // All values are encoded before the first is written: a bad one writes nothing.
    const encoded = entries.map(([key, value]) => [key, engine.kv.encode(key, value)] as const);
    if (encoded.length === 0) return;
    engine.touch(isUnconfirmed(isPair ? args[2] : args[1]));
    for (const [key, bytes] of encoded) engine.kv.put(key, bytes);
  }

  delete(args: readonly unknown[]): boolean | number {
    const { engine } = this.#options;
    const keys = this.#keys("delete", args[0]);
    engine.touch(isUnconfirmed(args[1]));
    if (typeof keys === "string") return engine.kv.delete(keys);
    checkPairs(keys.length, engine.limits);
    return keys.filter((key) => engine.kv.delete(key)).length;
  }

  list(args: readonly unknown[]): Map<string, unknown> {
    const { engine, interfaceName } = this.#options;
    return new Map(engine.kv.list(listOptions(args[0], interfaceName)));
  }

  getAlarm(): number | null {
    return this.#options.engine.getAlarm();
  }

  /** Gives the time of the alarm. */
  setAlarm(args: readonly unknown[]): number {
    const { engine, hasAlarmHandler, interfaceName } = this.#options;
    const time = alarmTime(args[0], interfaceName);
    if (!hasAlarmHandler()) throw new TypeError(NO_HANDLER);
    engine.touch(isUnconfirmed(args[1]));
    engine.setAlarm(time);
    return time;
  }

  deleteAlarm(args: readonly unknown[]): void {
    const { engine } = this.#options;
    engine.touch(isUnconfirmed(args[0]));
    engine.setAlarm(null);
  }

  #keys(method: string, keys: unknown): string | string[] {
    const found = keysOf(keys);
    if (found !== undefined) return found;
    throw notOfType(method, this.#options.interfaceName, NEEDS_KEY);
  }
}

/** By UTF-8 bytes, without duplicates. */
function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
