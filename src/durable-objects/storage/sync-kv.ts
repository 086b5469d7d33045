/** `ctx.storage.kv`: key-value data without promises (spec/durable-objects.md 14). */
import { type OpenSpan, spanned } from "../../isolate/spans.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { listOptions, notOfType } from "./arguments.ts";
import type { StorageEngine } from "./engine.ts";
import { describeKey, describeRange } from "./spans.ts";

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
    const key = String(args[0]);
    const get = (span: OpenSpan | undefined): unknown => {
      if (span !== undefined) describeKey(span, "get", key);
      return this.#engine.kv.get(key);
    };
    return spanned("durable_object_storage_kv_get", get, key);
  }

  put(...args: readonly unknown[]): void {
    if (args.length === 0) throw notOfType("put", "SyncKvStorage", "string");
    if (args.length === 1) throw notOfType("put", "SyncKvStorage", "Value", 2);
    this.#guard();
    const [key, value] = args;
    const name = String(key);
    const put = (span: OpenSpan | undefined): void => {
      if (span !== undefined) describeKey(span, "put", name);
      const bytes = this.#engine.kv.encode(name, value);
      this.#engine.touch();
      this.#engine.kv.put(name, bytes);
    };
    spanned("durable_object_storage_kv_put", put, name);
  }

  delete(...args: readonly unknown[]): boolean {
    if (args.length === 0) throw notOfType("delete", "SyncKvStorage", "string");
    this.#guard();
    const key = String(args[0]);
    const remove = (span: OpenSpan | undefined): boolean => {
      if (span !== undefined) describeKey(span, "delete", key);
      this.#engine.touch();
      const wasThere = this.#engine.kv.delete(key);
      span?.set("cloudflare.durable_object.kv.response.deleted_count", wasThere ? 1n : 0n);
      return wasThere;
    };
    return spanned("durable_object_storage_kv_delete", remove, key);
  }

  list(options?: unknown): IterableIterator<[string, unknown]> {
    this.#guard();
    const range = listOptions(options, "SyncKvStorage");
    const pairs = spanned("durable_object_storage_kv_list", (span) => {
      if (span !== undefined) describeRange(span, range);
      return this.#engine.kv.list(range);
    });
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
