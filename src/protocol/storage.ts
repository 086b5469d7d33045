/**
 * The storage threads of the host: what the host tells them, and by which names a Worker's thread
 * reaches a resource in them. A resource is an RPC target like a Worker's entrypoint, behind a link
 * that the host brokers in the same way; `service` names the storage thread, `entrypoint` the kind.
 */
import type { MessagePort } from "node:worker_threads";
import type { MailRemark, ParseMail } from "./mail.ts";
import type { PublicObjectRequest } from "./public-object.ts";
import type { BrokerToHost, HostToBroker } from "./queues.ts";
import type { ResourceKind, ServiceTarget } from "./worker-spec.ts";

/** One thread each, so that a long SQL statement keeps nobody else waiting. */
export type StorageGroup = "values" | "sql" | "images" | "queues" | "mail";

// No Worker can have such a name.
const PREFIX = "drover:";

const GROUPS: Readonly<Record<ResourceKind, StorageGroup>> = {
  kv: "values",
  r2: "values",
  d1: "sql",
  cache: "values",
  ratelimit: "values",
  site: "values",
  images: "images",
  analytics: "values",
  secret: "values",
  pipeline: "values",
  queue: "queues",
  email: "mail",
  "mail-replies": "mail",
};

const BY_KIND: ReadonlyMap<string | undefined, StorageGroup> = new Map(Object.entries(GROUPS));

/** Names the store `id` of that kind: namespace id, bucket name, database id. */
export function resourceTarget(kind: ResourceKind, id: string): ServiceTarget {
  return { service: PREFIX + GROUPS[kind], entrypoint: kind, props: { id } };
}

/** The thread that has resources of that kind. */
export function storageGroupFor(kind: string | undefined): StorageGroup | undefined {
  return BY_KIND.get(kind);
}

/** The thread that a link-request asks for; undefined if it asks for a Worker. */
export function storageGroupOf(service: string): StorageGroup | undefined {
  const group = service.startsWith(PREFIX) ? service.slice(PREFIX.length) : undefined;
  return Object.values(GROUPS).find((known) => known === group);
}

/** `workerData` of a storage thread. */
export interface StorageThreadData {
  /** Folder of the state: `<...>/.wrangler/state/v3`. */
  readonly root: string;
  /** Folder of what this session mails: `<...>/.wrangler/tmp/email/<session>`. */
  readonly mailFolder: string;
  /** It serves resources of this group and no others. */
  readonly group: StorageGroup;
  readonly statements: StatementSettings;
}

/** How SQL statements run that may take long. */
export interface StatementSettings {
  /** File of the program of their processes. */
  readonly program: string;
  /** Milliseconds that a call may take. */
  readonly limitMs: number;
}

export type HostToStorage =
  | { readonly type: "link"; readonly peer: string; readonly port: MessagePort }
  | PublicObjectRequest
  | ParseMail
  /** Close all databases, then answer "closed". */
  | { readonly type: "close" }
  | HostToBroker;

export type StorageToHost = { readonly type: "closed" } | BrokerToHost | MailRemark;
