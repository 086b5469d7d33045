/** Where the data of a Worker's bindings lie, for `--log-level debug`: one line per binding that has any. */
import { relative } from "node:path";
import type { ResolvedConfig } from "../../config/types.ts";
import type { BindingSpec } from "../../protocol/worker-spec.ts";
import {
  analyticsDatabase,
  durableObjectFolder,
  type StoreKind,
  storePaths,
} from "../../storage/state-folder.ts";

/** `root`: folder of the state. Paths are shown relative to `cwd`; "" if nothing lies anywhere. */
export function formatPlaces(config: ResolvedConfig, root: string, cwd: string): string {
  const lines = config.bindings.flatMap((binding) => {
    const path = placeOf(binding, root);
    return path === undefined ? [] : [`env.${binding.name}: ${relative(cwd, path) || "."}`];
  });
  return lines.length === 0 ? "" : `Local data:\n${lines.join("\n")}`;
}

const STORES: Readonly<Record<string, StoreKind>> = {
  kv: "kv",
  r2: "r2",
  d1: "d1",
  ratelimit: "ratelimit",
};

function placeOf(binding: BindingSpec, root: string): string | undefined {
  if (binding.type === "durable-object") {
    return durableObjectFolder(root, binding.service, binding.className);
  }
  if (binding.type === "resource-stub" && binding.kind === "secret") {
    const [store = ""] = JSON.parse(binding.id) as readonly string[];
    return storePaths(root, "secrets-store", store).database;
  }
  if (binding.type !== "resource") return undefined;
  if (binding.kind === "analytics") return analyticsDatabase(root, binding.id);
  if (binding.kind === "site") return (JSON.parse(binding.id) as { bucket: string }).bucket;
  const kind = STORES[binding.kind];
  return kind === undefined ? undefined : storePaths(root, kind, binding.id).database;
}
