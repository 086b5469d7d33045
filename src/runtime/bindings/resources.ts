/**
 * Bindings to local resources: which class each kind is. The classes are loaded before the Worker's
 * `env` is made, those of the kinds that it binds and no others.
 */
import type {
  BindingSpec,
  BoundResourceKind,
  ResourceSettings,
} from "../../protocol/worker-spec.ts";
import type { BindingFlags, ResourceCaller } from "./resource.ts";

/** What the binding is called, and which resource it is. */
export interface BindingNames {
  readonly name: string;
  readonly id: string;
}

export type ResourceFactory = (
  call: ResourceCaller,
  flags: BindingFlags,
  settings: ResourceSettings,
  /** Structured clone into bytes. */
  write: (value: unknown) => Uint8Array,
  names: BindingNames,
) => object;
export type ResourceFactories = ReadonlyMap<BoundResourceKind, ResourceFactory>;

const LOADERS: Readonly<Record<BoundResourceKind, () => Promise<ResourceFactory>>> = {
  analytics: async () => (await import("./small/analytics.ts")).createAnalytics,
  d1: async () => {
    const { createD1Database } = await import("./d1/database.ts");
    return (call, _flags, _settings, _write, { id }) => createD1Database(call, id);
  },
  images: async () => {
    const { createImages } = await import("./small/images.ts");
    return (call, _flags, _settings, _write, { id }) => createImages(call, id);
  },
  kv: loadKv,
  queue: async () => {
    const { createWorkerQueue } = await import("./queues/worker-queue.ts");
    return (call, flags, { deliveryDelay = 0 }, write) =>
      createWorkerQueue({ call, flags, write, delay: Number(deliveryDelay) });
  },
  ratelimit: async () => (await import("./small/rate-limit.ts")).createRateLimit,
  r2: async () => {
    const { createR2Bucket } = await import("./r2/bucket.ts");
    return (call, flags, _settings, _write, names) => createR2Bucket(call, flags, names);
  },
  site: loadKv,
};

async function loadKv(): Promise<ResourceFactory> {
  const { createKvNamespace } = await import("./kv/kv-namespace.ts");
  return (call, _flags, _settings, _write, { name }) => createKvNamespace(call, name);
}

export async function loadResources(bindings: readonly BindingSpec[]): Promise<ResourceFactories> {
  const kinds = new Set(
    bindings.flatMap((binding) => (binding.type === "resource" ? [binding.kind] : [])),
  );
  const factories = new Map<BoundResourceKind, ResourceFactory>();
  for (const kind of kinds) factories.set(kind, await LOADERS[kind]());
  return factories;
}
