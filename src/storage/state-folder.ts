/**
 * Where local state lies: wrangler's own layout, so that either tool reads what the other wrote
 * (spec/resources.md 2, spec/durable-objects.md 21). Names and paths only, nothing is touched. Pure.
 */

import { join, resolve } from "node:path";
import { IdFactory } from "../util/object-ids.ts";

/** Kinds of stores that have a database of their own; their names are folders of the state. */
export type StoreKind =
  | "queues"
  | "kv"
  | "r2"
  | "d1"
  | "cache"
  | "ratelimit"
  | "secrets-store"
  | "images";

/** Class names of wrangler's simulators: the folder, and what the file's name is derived from. */
const KEYS: Readonly<Record<StoreKind, string>> = {
  kv: "miniflare-KVNamespaceObject",
  r2: "miniflare-R2BucketObject",
  d1: "miniflare-D1DatabaseObject",
  cache: "miniflare-CacheObject",
  ratelimit: "miniflare-RateLimiterObject",
  "secrets-store": "miniflare-secrets-store-KVNamespaceObject",
  images: "miniflare-images-KVNamespaceObject",
  // Of drover alone: wrangler keeps queues in memory.
  queues: "drover-QueueBroker",
};

/** Kinds whose values are rows of the database and no files. */
const WITHOUT_BLOBS: ReadonlySet<StoreKind> = new Set(["d1", "ratelimit", "queues"]);

export interface StorePaths {
  /** The SQLite file. */
  readonly database: string;
  /** Folder of the values; undefined for kinds without. */
  readonly blobs: string | undefined;
}

export interface StateRootOptions {
  /** Folder of the primary Worker's config. */
  readonly configFolder: string;
  readonly cwd: string;
  /** `--persist-to`: relative to the working directory, not to the config. */
  readonly persistTo: string | undefined;
}

/** Folder that holds the kinds: `<...>/.wrangler/state/v3`. */
export function stateRoot({ configFolder, cwd, persistTo }: StateRootOptions): string {
  if (persistTo !== undefined) return join(resolve(cwd, persistTo), "v3");
  return join(configFolder, ".wrangler", "state", "v3");
}

/** `name`: namespace id, bucket name, database id ... as spec/resources.md 3 chooses it. */
export function storePaths(root: string, kind: StoreKind, name: string): StorePaths {
  const key = KEYS[kind];
  return {
    database: join(databaseFolder(root, kind), `${objectId(key, name)}.sqlite`),
    blobs: WITHOUT_BLOBS.has(kind) ? undefined : join(root, kind, sanitizeName(name), "blobs"),
  };
}

/** Kinds by their names. */
export const STORE_KINDS: readonly StoreKind[] = Object.keys(KEYS) as StoreKind[];

/** Folder with the databases of a kind. */
export function databaseFolder(root: string, kind: StoreKind): string {
  return join(root, kind, KEYS[kind]);
}

/** The table of an Analytics Engine dataset; drover's own: wrangler keeps none. */
export function analyticsDatabase(root: string, dataset: string): string {
  return join(root, "analytics-engine", `${sanitizeName(dataset)}.sqlite`);
}

/** The one store of all queues. */
export function queueStore(root: string): StorePaths {
  return storePaths(root, "queues", "messages");
}

/** Locked by the session that delivers a queue; drover's own. */
export function queueLock(root: string, queue: string): string {
  return join(databaseFolder(root, "queues"), `${objectId(KEYS.queues, queue)}.lock`);
}

/** Locked by the session that runs the Durable Objects of a Worker; drover's own. */
export function durableObjectLock(root: string, script: string): string {
  return join(root, "do", `${script}.lock`);
}

/** Folder of a Durable Object class: one `<id>.sqlite` per object and `metadata.sqlite`. */
export function durableObjectFolder(root: string, script: string, className: string): string {
  return join(root, "do", `${script}-${className}`);
}

/**
 * 64 hex digits: the id that a Durable Object namespace with the unique key `key` gives to `name`.
 * wrangler's simulators are Durable Objects, so that their files are named by it.
 */
export function objectId(key: string, name: string): string {
  return new IdFactory(key).fromName(name);
}

/** A folder name for any store name, by wrangler's rules and in their order. */
export function sanitizeName(name: string): string {
  const underscores = (text: string): string => "_".repeat(text.length);
  const dots = (text: string): string =>
    text.replace(
      /(^|[/\\])(\.+)($|[/\\])/g,
      (_match, before: string, found: string, after: string) => before + underscores(found) + after,
    );
  return dots(dots(name))
    .replace(RESERVED_CHARACTERS, "_")
    .replace(/^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$/i, "_")
    .replace(/^[ /\\]+/, underscores)
    .replace(/[ /\\]+$/, underscores)
    .slice(0, 255);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const RESERVED_CHARACTERS = /[?<>*"'^/\\:|\u0000-\u001f\u0080-\u009f]/g;
