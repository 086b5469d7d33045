/**
 * A config as somebody reads it who wants the Worker's bindings, not the Worker (`getPlatformProxy`): nothing is built, nothing
 * is listened to, no event arrives. Pure; called by resolve.ts.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isTable } from "./document.ts";

/** What is about the Worker's code and its events. */
const LEFT_OUT: readonly string[] = [
  "base_dir",
  "build",
  "connect",
  "find_additional_modules",
  "no_bundle",
  "rules",
  "site",
  "streaming_tail_consumers",
  "tail_consumers",
  "triggers",
];

/** `root`: the config's folder; assets that have not been built yet are left out. */
export function bindingsOnly(
  raw: Readonly<Record<string, unknown>>,
  root: string,
): Record<string, unknown> {
  const { assets, queues, ...rest } = raw;
  const kept = Object.entries(rest).filter(([key]) => !LEFT_OUT.includes(key));
  return {
    ...Object.fromEntries(kept),
    ...(isBound(assets, root) ? { assets: { ...assets, run_worker_first: true } } : {}),
    ...(isTable(queues) ? { queues: { ...queues, consumers: [] } } : {}),
  };
}

/** They are a binding and nothing else: no request is to be answered by them. */
function isBound(assets: unknown, root: string): assets is Record<string, unknown> {
  if (!isTable(assets) || typeof assets.binding !== "string") return false;
  const { directory } = assets;
  return typeof directory === "string" && existsSync(resolve(root, directory));
}
