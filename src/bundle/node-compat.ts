/**
 * Which imports of Node's modules a Worker may have (spec/wrangler.md 4.4). The bundler leaves them
 * all to the thread's loader, which owns the list of modules that exist; it only knows when to warn.
 */
import { builtinModules } from "node:module";
import { resolveCompat } from "../compat/resolve.ts";

/**
 * "v2": `node:x` and `x` are the runtime's. "v1": `node:x` only. "als": `node:async_hooks` only.
 * "none": a warning each.
 */
export type NodeCompatMode = "v2" | "v1" | "als" | "none";

/** spec/node.md 1.1 */
export function nodeCompatMode(date: string, flags: readonly string[]): NodeCompatMode {
  const compat = resolveCompat(date, flags);
  if (compat.nodejs_compat_v2) return "v2";
  if (compat.nodejs_compat) return "v1";
  return compat.nodejs_als ? "als" : "none";
}

/** Names that are Node's own without a prefix, from this process's Node. */
export const bareBuiltins: readonly string[] = builtinModules.filter(
  (name) => !name.startsWith("_") && !name.startsWith("node:"),
);

/** The warning for a module of Node that was imported without the flag. */
export function missingFlagWarning(specifier: string): string {
  return (
    `The package "${specifier}" wasn't found on the file system but is built into node.\n` +
    'Your Worker may throw errors at runtime unless you enable the "nodejs_compat" compatibility flag. ' +
    "Refer to https://developers.cloudflare.com/workers/runtime-apis/nodejs/ for more details."
  );
}
