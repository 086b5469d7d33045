/**
 * `env.KV` (spec/resources.md 4): checks arguments here, in the Worker's thread, and calls the
 * namespace in the storage thread (resources/kv/kv-namespace.ts). Nothing of it is cached.
 */
import { requireInvocation } from "../../../isolate/invocation.ts";
import {
  assertCacheTtl,
  assertKeyLength,
  assertKeyName,
  assertMetadataLength,
  bulkKeys,
  expirationOf,
  listLimit,
  metadataText,
} from "../../../util/kv-rules.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { refuseCloning } from "../clone-refusals.ts";
import { ILLEGAL_INVOCATION, toInteger, toOptions, toText, wrongParameter } from "../convert.ts";
import type { ResourceCaller } from "../resource.ts";
import { assertValueLength, putValue, readValue, textOf, valueAs } from "./values.ts";

const NAME = "KvNamespace";
const INTERNAL: unique symbol = Symbol("internal");

interface Entry {
  readonly value: Uint8Array<ArrayBuffer>;
  readonly metadata: string | null;
}

interface Page {
  readonly keys: readonly {
    readonly name: string;
    readonly expiration: number | null;
    readonly metadata: string | null;
  }[];
  readonly isLast: boolean;
}

/** Second argument of the reading methods. */
interface ReadOptions {
  readonly type: string | undefined;
  readonly cacheTtl: number | undefined;
}

/** The resource behind `value`; throws for anything but a namespace. */
let callerOf: (value: KvNamespace) => ResourceCaller;

export class KvNamespace {
  readonly #call: ResourceCaller;

  constructor(key?: unknown, call?: ResourceCaller) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#call = call as ResourceCaller;
  }

  static {
    callerOf = (value) => {
      if (typeof value !== "object" || value === null || !(#call in value)) {
        throw new TypeError(ILLEGAL_INVOCATION);
      }
      return value.#call;
    };
  }

  get(...args: readonly unknown[]): Promise<unknown> {
    const call = callerOf(this);
    const { key, options } = readArguments("get", "string or Array", args);
    requireInvocation("KV.get");
    if (typeof key !== "string") return readMany(call, key, options, false);
    return readOne(call, key, options).then((found) => found?.value ?? null);
  }

  list(...args: readonly unknown[]): Promise<object> {
    return list(callerOf(this), args);
  }

  put(...args: readonly unknown[]): Promise<void> {
    return put(callerOf(this), args);
  }

  getWithMetadata(...args: readonly unknown[]): Promise<unknown> {
    const call = callerOf(this);
    const { key, options } = readArguments("getWithMetadata", "Array or string", args);
    requireInvocation("KV.getWithMetadata");
    if (typeof key !== "string") return readMany(call, key, options, true);
    assertKeyName(key);
    assertKeyLength(key, "GET");
    return readOne(call, key, options).then((found) => ({
      value: found?.value ?? null,
      metadata: found?.metadata ?? null,
      cacheStatus: null,
    }));
  }

  delete(...args: readonly unknown[]): Promise<void> {
    return remove(callerOf(this), args);
  }
}
defineInterface(KvNamespace, NAME);

export function createKvNamespace(call: ResourceCaller): KvNamespace {
  const namespace = new KvNamespace(INTERNAL, call);
  refuseCloning(namespace, "A KV namespace binding cannot be serialized.");
  return namespace;
}

function readArguments(
  method: string,
  keyType: string,
  args: readonly unknown[],
): { readonly key: string | readonly unknown[]; readonly options: ReadOptions } {
  if (args.length === 0) throw wrongParameter(method, NAME, 1, keyType);
  const [given, second] = args;
  const key = Array.isArray(given) ? (given as readonly unknown[]) : toText(given);
  if (second === undefined || second === null) {
    return { key, options: { type: undefined, cacheTtl: undefined } };
  }
  if (typeof second !== "object" && typeof second !== "function") {
    return { key, options: { type: toText(second), cacheTtl: undefined } };
  }
  const { type, cacheTtl } = second as { readonly type?: unknown; readonly cacheTtl?: unknown };
  return {
    key,
    options: {
      type: type === undefined ? undefined : toText(type),
      cacheTtl: toInteger(cacheTtl),
    },
  };
}

async function readOne(
  call: ResourceCaller,
  key: string,
  { type = "text", cacheTtl }: ReadOptions,
): Promise<{ readonly value: unknown; readonly metadata: unknown } | undefined> {
  assertKeyName(key);
  assertKeyLength(key, "GET");
  assertCacheTtl(cacheTtl, "GET");
  const entry = await call<Entry | null>("get", key);
  if (entry === null) return undefined;
  return { value: valueAs(type, entry.value), metadata: parsed(entry.metadata) };
}

async function readMany(
  call: ResourceCaller,
  list: readonly unknown[],
  { type, cacheTtl }: ReadOptions,
  withMetadata: boolean,
): Promise<Map<string, unknown>> {
  const keys = bulkKeys(list);
  if (type !== undefined && type !== "" && type !== "text" && type !== "json") {
    throw new Error(`KV GET_BULK failed: 400 "${type}" is not a valid type. Use "json" or "text"`);
  }
  assertCacheTtl(cacheTtl, "GET_BULK");
  const entries = await call<readonly (Entry | null)[] | "too-large">("getMany", keys);
  if (entries === "too-large") {
    throw new Error("KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB");
  }
  const decoded = ({ value }: Entry): unknown => {
    const text = textOf(value);
    if (type !== "json") return text;
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(
        "KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value",
      );
    }
  };
  const shown = (entry: Entry | null | undefined): unknown => {
    if (entry === null || entry === undefined) return null;
    const value = decoded(entry);
    return withMetadata ? { value, metadata: parsed(entry.metadata) } : value;
  };
  return new Map(keys.map((key, index) => [key, shown(entries[index])]));
}

async function put(call: ResourceCaller, args: readonly unknown[]): Promise<void> {
  requireInvocation("KV.put");
  if (args.length < 1) throw wrongParameter("put", NAME, 1, "string");
  if (args.length < 2) throw wrongParameter("put", NAME, 2, "string or Object");
  const key = toText(args[0]);
  const options = toOptions(args[2], () => wrongParameter("put", NAME, 3, "PutOptions")) ?? {};
  assertKeyName(key);
  const value = putValue(args[1]);
  const metadata = metadataText(options.metadata);
  assertKeyLength(key, "PUT");
  const ttl = toInteger(options.expirationTtl);
  const expiration = expirationOf(
    ttl,
    ttl === undefined ? toInteger(options.expiration) : undefined,
  );
  assertMetadataLength(metadata);
  let sent: string | Uint8Array;
  if (typeof value === "string") {
    if (value.length * 3 > MAX_UNCOUNTED) assertValueLength(Buffer.byteLength(value));
    sent = value;
  } else if (value instanceof Uint8Array) {
    assertValueLength(value.byteLength);
    sent = value;
  } else {
    sent = await readValue(value);
  }
  await call("put", key, sent, { expiration, metadata });
}

/** Texts of up to a third of this many UTF-16 units need no counting of their bytes. */
const MAX_UNCOUNTED = 26_214_400;

async function remove(call: ResourceCaller, args: readonly unknown[]): Promise<void> {
  requireInvocation("KV.delete");
  if (args.length < 1) throw wrongParameter("delete", NAME, 1, "string");
  const key = toText(args[0]);
  assertKeyName(key);
  assertKeyLength(key, "DELETE");
  await call("delete", key);
}

async function list(call: ResourceCaller, args: readonly unknown[]): Promise<object> {
  requireInvocation("KV.list");
  const options = toOptions(args[0], () => wrongParameter("list", NAME, 1, "ListOptions")) ?? {};
  const text = (value: unknown): string =>
    value === undefined || value === null ? "" : toText(value);
  const limit = listLimit(toInteger(options.limit));
  const prefix = text(options.prefix);
  assertKeyLength(prefix, "GET");
  const after = Buffer.from(text(options.cursor), "base64").toString();
  const page = await call<Page>("list", { prefix, limit, after });
  const keys = page.keys.map(({ name, expiration, metadata }) => ({
    name,
    ...(expiration !== null && { expiration: Math.floor(expiration / 1000) }),
    ...(metadata !== null && { metadata: parsed(metadata) }),
  }));
  if (page.isLast) return { keys, list_complete: true, cacheStatus: null };
  const cursor = Buffer.from(page.keys.at(-1)?.name ?? "").toString("base64");
  return { keys, list_complete: false, cursor, cacheStatus: null };
}

function parsed(metadata: string | null): unknown {
  return metadata === null ? null : JSON.parse(metadata);
}
