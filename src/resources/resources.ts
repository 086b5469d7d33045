/**
 * What a storage thread serves: one RPC target per store, made with the first call to it and shared
 * by all Workers of the session. Owned by storage-thread.ts.
 */
import type { MailRemark } from "../protocol/mail.ts";
import type { StatementSettings } from "../protocol/storage.ts";
import type { ResourceKind } from "../protocol/worker-spec.ts";
import { AnalyticsDataset } from "./analytics/dataset.ts";
import { CacheStore } from "./cache/cache.ts";
import { D1Service } from "./d1/service.ts";
import { ImagesService } from "./images/images.ts";
import { KvNamespaceStore } from "./kv/kv-namespace.ts";
import { MailFiles } from "./mail/mail-files.ts";
import { MailReplies } from "./mail/replies.ts";
import { SendEmail } from "./mail/send-email.ts";
import { Pipeline } from "./pipelines/pipeline.ts";
import type { Broker } from "./queues/broker.ts";
import { Queue } from "./queues/queue.ts";
import { R2BucketStore } from "./r2/bucket.ts";
import { RateLimiter } from "./rate-limits/rate-limiter.ts";
import { StoredSecret } from "./secrets/secret.ts";
import { SiteFiles } from "./sites/site.ts";

/**
 * A store as an RPC target: its methods are what bindings call. Without `close` where a binding is a
 * stub of it: all its methods are the Worker's.
 */
type Resource = object | { close(): void | Promise<void> };

type ResourceClass = new (root: string, id: string) => Resource;

const KINDS: ReadonlyMap<string, ResourceClass> = new Map<ResourceKind, ResourceClass>([
  ["kv", KvNamespaceStore],
  ["r2", R2BucketStore],
  ["cache", CacheStore],
  ["ratelimit", RateLimiter],
  ["analytics", AnalyticsDataset],
  ["site", SiteFiles],
  ["images", ImagesService],
  ["secret", StoredSecret],
  ["pipeline", Pipeline],
]);

export interface MailPlace {
  /** Of this session. */
  readonly folder: string;
  readonly tell: (remark: MailRemark) => void;
}

export interface ResourcesOptions {
  /** Folder of the state. */
  readonly root: string;
  readonly createBroker: (root: string) => Broker;
  readonly mail: MailPlace;
  readonly statements: StatementSettings;
}

export class Resources {
  readonly #options: ResourcesOptions;
  #broker: Broker | undefined;
  readonly #open: Map<string, Resource> = new Map();

  constructor(options: ResourcesOptions) {
    this.#options = options;
  }

  /** Of all queues; made with the first use. */
  get broker(): Broker {
    this.#broker ??= this.#options.createBroker(this.#options.root);
    return this.#broker;
  }

  /** @throws Error for a kind that nobody serves. */
  get(kind: string | undefined, id: unknown): Resource {
    const key = `${kind} ${String(id)}`;
    let resource = this.#open.get(key);
    if (resource === undefined) {
      resource = this.#create(kind, String(id));
      this.#open.set(key, resource);
    }
    return resource;
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((resource) => ("close" in resource ? resource.close() : undefined)));
    this.#broker?.close();
  }

  #create(kind: string | undefined, id: string): Resource {
    if (kind === "queue") return new Queue(this.broker, id);
    const { root, mail, statements } = this.#options;
    if (kind === "d1") return new D1Service(root, id, statements);
    const { folder, tell } = mail;
    if (kind === "email") return new SendEmail(id, { files: new MailFiles(folder), tell });
    if (kind === "mail-replies") return new MailReplies(new MailFiles(folder));
    const ResourceOfKind = KINDS.get(kind ?? "");
    if (ResourceOfKind !== undefined) return new ResourceOfKind(root, id);
    throw new Error(`There is no local resource of kind "${kind}".`);
  }
}
