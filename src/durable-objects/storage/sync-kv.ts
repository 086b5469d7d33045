/** `ctx.storage.kv`: key-value data without promises (spec/durable-objects.md 14). */
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { listOptions, notOfType } from "./arguments.ts";
import type { StorageEngine } from "./engine.ts";

const INTERNAL: unique symbol = Symbol("internal");

const INVALIDATED =
  "kv.list() iterator was invalidated because a new call to kv.list() was started. Only one kv.list() iterator can exist at a time.";

export class SyncKvStorage {
  readonly #engine: StorageEngine;
  readonly #guard: () => void;
  #lists = 0;

  constructor(token: typeof INTERNAL, engine: StorageEngine, guard: () => void) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#engine = engine;
    this.#guard = guard;
  }

  get(...args: readonly unknown[]): unknown {
    if (args.length === 0) throw notOfType("get", "SyncKvStorage", "string");
    this.#guard();
    return this.#engine.kv.get(String(args[0]));
  }

  put(...args: readonly unknown[]): void {
    if (args.length === 0) throw notOfType("put", "SyncKvStorage", "string");
    if (args.length === 1) throw notOfType("put", "SyncKvStorage", "Value", 2);
    this.#guard();
    const [key, value] = args;
    const name = String(key);
    const bytes = this.#engine.kv.encode(name, value);
    this.#engine.touch();
    this.#engine.kv.put(name, bytes);
  }

  delete(...args: readonly unknown[]): boolean {
    if (args.length === 0) throw notOfType("delete", "SyncKvStorage", "string");
    this.#guard();
    this.#engine.touch();
    return this.#engine.kv.delete(String(args[0]));
  }

  list(options?: unknown): IterableIterator<[string, unknown]> {
    this.#guard();
    const pairs = this.#engine.kv.list(listOptions(options, "SyncKvStorage"));
    this.#lists += 1;
    return this.#iterate(pairs, this.#lists);
  }

  *#iterate(
    pairs: IterableIterator<[string, unknown]>,
    list: number,
  ): Generator<[string, unknown], void, void> {
    for (const pair of pairs) {
      yield pair;
      this.#guard();
      if (list !== this.#lists) throw new Error(INVALIDATED);
    }
  }
}
defineInterface(SyncKvStorage, "SyncKvStorage");

export function createSyncKv(engine: StorageEngine, guard: () => void): SyncKvStorage {
  return new SyncKvStorage(INTERNAL, engine, guard);
}
