/**
 * `env.KV` (spec/resources.md 4): checks arguments here, in the Worker's thread, and calls the
 * namespace in the storage thread (resources/kv/kv-namespace.ts). Nothing of it is cached.
 */
import { requireInvocation } from "../../../isolate/invocation.ts";
import { describeSpan, type OpenSpan, spanned } from "../../../isolate/spans.ts";
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
import { describeKeys, describeList, describeValue, operationSpan } from "./spans.ts";
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

interface Inner {
  readonly call: ResourceCaller;
  /** Of the binding. */
  readonly name: string;
}

/** What is behind `value`; throws for anything but a namespace. */
let innerOf: (value: KvNamespace) => Inner;

export class KvNamespace {
  readonly #inner: Inner;

  constructor(key?: unknown, inner?: Inner) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#inner = inner as Inner;
  }

  static {
    innerOf = (value) => {
      if (typeof value !== "object" || value === null || !(#inner in value)) {
        throw new TypeError(ILLEGAL_INVOCATION);
      }
      return value.#inner;
    };
  }

  get(...args: readonly unknown[]): Promise<unknown> {
    return operation(innerOf(this), "kv_get", "get", (call, span) => {
      const { key, options } = readArguments("get", "string or Array", args);
      requireInvocation("KV.get");
      if (typeof key !== "string") return readMany(call, key, options, false, span);
      return readOne(call, key, options, span).then((found) => found?.value ?? null);
    });
  }

  list(...args: readonly unknown[]): Promise<object> {
    return operation(innerOf(this), "kv_list", "list", (call, span) => list(call, args, span));
  }

  put(...args: readonly unknown[]): Promise<void> {
    return operation(innerOf(this), "kv_put", "put", (call, span) => put(call, args, span));
  }

  getWithMetadata(...args: readonly unknown[]): Promise<unknown> {
    return operation(innerOf(this), "kv_getWithMetadata", "get", (call, span) => {
      const { key, options } = readArguments("getWithMetadata", "Array or string", args);
      requireInvocation("KV.getWithMetadata");
      if (typeof key !== "string") return readMany(call, key, options, true, span);
      assertKeyName(key);
      assertKeyLength(key, "GET");
      return readOne(call, key, options, span).then((found) => ({
        value: found?.value ?? null,
        metadata: found?.metadata ?? null,
        cacheStatus: null,
      }));
    });
  }

  delete(...args: readonly unknown[]): Promise<void> {
    return operation(innerOf(this), "kv_delete", "delete", (call, span) =>
      remove(call, args, span),
    );
  }
}
defineInterface(KvNamespace, NAME);

/** `name`: of the binding. */
export function createKvNamespace(call: ResourceCaller, name: string): KvNamespace {
  const namespace = new KvNamespace(INTERNAL, { call, name });
  refuseCloning(namespace, "A KV namespace binding cannot be serialized.");
  return namespace;
}

/** Runs one of the methods, in a span of its own where somebody listens. */
function operation<T>(
  { call, name }: Inner,
  spanName: string,
  production: string,
  run: (call: ResourceCaller, span: OpenSpan | undefined) => T,
): T {
  return spanned(spanName, (span) => {
    if (span !== undefined) operationSpan(span, production, name);
    return run(call, span);
  });
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
  { type, cacheTtl }: ReadOptions,
  span: OpenSpan | undefined,
): Promise<{ readonly value: unknown; readonly metadata: unknown } | undefined> {
  assertKeyName(key);
  if (span !== undefined) describeKeys(span, [key], type, cacheTtl);
  assertKeyLength(key, "GET");
  assertCacheTtl(cacheTtl, "GET");
  const entry = await call<Entry | null>("get", key);
  if (entry === null) return undefined;
  if (span !== undefined) {
    describeSpan(span, {
      "cloudflare.kv.response.metadata": entry.metadata === null ? undefined : true,
      "cloudflare.kv.response.size": BigInt(entry.value.byteLength),
      "cloudflare.kv.response.returned_rows": 1n,
    });
  }
  return { value: valueAs(type ?? "text", entry.value), metadata: parsed(entry.metadata) };
}

async function readMany(
  call: ResourceCaller,
  list: readonly unknown[],
  { type, cacheTtl }: ReadOptions,
  withMetadata: boolean,
  span: OpenSpan | undefined,
): Promise<Map<string, unknown>> {
  const keys = bulkKeys(list);
  if (span !== undefined) describeKeys(span, keys, type, cacheTtl);
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
  const found = new Map(keys.map((key, index) => [key, shown(entries[index])]));
  if (span !== undefined) {
    const answer = JSON.stringify(Object.fromEntries(found));
    describeSpan(span, {
      "cloudflare.kv.response.size": BigInt(Buffer.byteLength(answer)),
      "cloudflare.kv.response.returned_rows": BigInt(found.size),
    });
  }
  return found;
}

async function put(
  call: ResourceCaller,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<void> {
  requireInvocation("KV.put");
  if (args.length < 1) throw wrongParameter("put", NAME, 1, "string");
  if (args.length < 2) throw wrongParameter("put", NAME, 2, "string or Object");
  const key = toText(args[0]);
  const options = toOptions(args[2], () => wrongParameter("put", NAME, 3, "PutOptions")) ?? {};
  assertKeyName(key);
  const value = putValue(args[1]);
  const metadata = metadataText(options.metadata);
  const ttl = toInteger(options.expirationTtl);
  const until = ttl === undefined ? toInteger(options.expiration) : undefined;
  if (span !== undefined) {
    describeKeys(span, [key]);
    describeValue(span, value, { until, ttl, hasMetadata: metadata !== null });
  }
  assertKeyLength(key, "PUT");
  const expiration = expirationOf(ttl, until);
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
    span?.set("cloudflare.kv.query.payload.size", BigInt(sent.byteLength));
  }
  await call("put", key, sent, { expiration, metadata });
}

/** Texts of up to a third of this many UTF-16 units need no counting of their bytes. */
const MAX_UNCOUNTED = 26_214_400;

async function remove(
  call: ResourceCaller,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<void> {
  requireInvocation("KV.delete");
  if (args.length < 1) throw wrongParameter("delete", NAME, 1, "string");
  const key = toText(args[0]);
  assertKeyName(key);
  if (span !== undefined) describeKeys(span, [key]);
  assertKeyLength(key, "DELETE");
  await call("delete", key);
}

async function list(
  call: ResourceCaller,
  args: readonly unknown[],
  span: OpenSpan | undefined,
): Promise<object> {
  requireInvocation("KV.list");
  const options = toOptions(args[0], () => wrongParameter("list", NAME, 1, "ListOptions")) ?? {};
  const text = (value: unknown): string =>
    value === undefined || value === null ? "" : toText(value);
  const limit = listLimit(toInteger(options.limit));
  const prefix = text(options.prefix);
  assertKeyLength(prefix, "GET");
  const after = Buffer.from(text(options.cursor), "base64").toString();
  if (span !== undefined) {
    describeSpan(span, {
      "cloudflare.kv.query.limit": options.limit === undefined ? undefined : BigInt(limit),
      "cloudflare.kv.query.prefix": prefix === "" ? undefined : prefix,
      "cloudflare.kv.query.cursor": text(options.cursor) || undefined,
    });
  }
  const page = await call<Page>("list", { prefix, limit, after });
  const keys = page.keys.map(({ name, expiration, metadata }) => ({
    name,
    ...(expiration !== null && { expiration: Math.floor(expiration / 1000) }),
    ...(metadata !== null && { metadata: parsed(metadata) }),
  }));
  const cursor = Buffer.from(page.keys.at(-1)?.name ?? "").toString("base64");
  const answer = page.isLast
    ? { keys, list_complete: true, cacheStatus: null }
    : { keys, list_complete: false, cursor, cacheStatus: null };
  if (span !== undefined) describeList(span, answer, page.keys);
  return answer;
}

function parsed(metadata: string | null): unknown {
  return metadata === null ? null : JSON.parse(metadata);
}
