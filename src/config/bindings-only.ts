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
  const kept = Object.entries(raw).filter(([key, value]) => {
    if (key !== "assets") return !LEFT_OUT.includes(key);
    const folder = isTable(value) ? value.directory : undefined;
    return typeof folder === "string" && existsSync(resolve(root, folder));
  });
  const { queues } = raw;
  return {
    ...Object.fromEntries(kept),
    ...(isTable(queues) ? { queues: { ...queues, consumers: [] } } : {}),
  };
}
