/**
 * Bindings to local resources: which class each kind is. The classes are loaded before the Worker's
 * `env` is made, those of the kinds that it binds and no others.
 */
import type { BindingSpec, BoundResourceKind } from "../../protocol/worker-spec.ts";
import type { BindingFlags, ResourceCaller } from "./resource.ts";

export type ResourceFactory = (call: ResourceCaller, flags: BindingFlags) => object;
export type ResourceFactories = ReadonlyMap<BoundResourceKind, ResourceFactory>;

const LOADERS: Readonly<Record<BoundResourceKind, () => Promise<ResourceFactory>>> = {
  d1: async () => (await import("./d1/database.ts")).createD1Database,
  kv: async () => (await import("./kv/kv-namespace.ts")).createKvNamespace,
  r2: async () => (await import("./r2/bucket.ts")).createR2Bucket,
};

export async function loadResources(bindings: readonly BindingSpec[]): Promise<ResourceFactories> {
  const kinds = new Set(
    bindings.flatMap((binding) => (binding.type === "resource" ? [binding.kind] : [])),
  );
  const factories = new Map<BoundResourceKind, ResourceFactory>();
  for (const kind of kinds) factories.set(kind, await LOADERS[kind]());
  return factories;
}
