/** Which imports of Node's modules a Worker may have, by its date and flags (spec/node.md 1.1, 2.1). */
import { resolveCompat } from "../../compat/resolve.ts";

/**
 * "v2": `node:x` and `x` are the runtime's or an emulation's. "v1": `node:x` only. "als":
 * `node:async_hooks` only. "none": a warning each.
 */
export type NodeCompatMode = "v2" | "v1" | "als" | "none";

export function nodeCompatMode(date: string, flags: readonly string[]): NodeCompatMode {
  const compat = resolveCompat(date, flags);
  if (compat.nodejs_compat_v2) return "v2";
  if (compat.nodejs_compat) return "v1";
  return compat.nodejs_als ? "als" : "none";
}

/** Whether `node:x`, which no package provides, may be imported without a word. */
export function isSilent(mode: NodeCompatMode, specifier: string): boolean {
  return mode === "v1" || (mode === "als" && specifier === "node:async_hooks");
}

/** The warning for a module of Node that was imported without the flag. */
export function missingFlagWarning(specifier: string, importers: readonly string[]): string {
  return (
    `The package "${specifier}" wasn't found on the file system but is built into node.\n` +
    'Your Worker may throw errors at runtime unless you enable the "nodejs_compat" compatibility flag. ' +
    "Refer to https://developers.cloudflare.com/workers/runtime-apis/nodejs/ for more details. Imported from:\n" +
    importers.map((file) => ` - ${file}`).join("\n")
  );
}

/** What to do about a module of Node that does not resolve; undefined where nothing helps. */
export function missingModuleAdvice(mode: NodeCompatMode): string | undefined {
  if (mode === "v2") return undefined;
  if (mode !== "v1") return 'Add the "nodejs_compat" compatibility flag to your project.';
  return 'Make sure to prefix the module name with "node:" or update your compatibility_date to 2024-09-23 or later.';
}
