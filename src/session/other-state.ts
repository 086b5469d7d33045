/**
 * Local data of Workers that the session does not look at: each config has a state folder beside it,
 * and a session uses that of the first (spec/resources.md 2.1).
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { ResolvedConfig } from "../config/types.ts";
import { stateRoot } from "../storage/state-folder.ts";

export interface StateWarning {
  readonly worker: string;
  readonly text: string;
}

/** `root`: what the session uses. Workers without stores need none. */
export function otherStates(
  configs: readonly ResolvedConfig[],
  root: string,
  cwd: string,
): StateWarning[] {
  const shown = (path: string): string => relative(cwd, path) || path;
  return configs.slice(1).flatMap(({ name, userRoot, bindings }) => {
    const own = stateRoot({ configFolder: userRoot, cwd, persistTo: undefined });
    const hasStores = bindings.some(({ type }) => type === "resource");
    if (!hasStores || own === root || !existsSync(own)) return [];
    const text =
      `${shown(own)} is not read: the Workers of a session share the data of the first one, ${shown(root)}.\n` +
      "Copy what is in it with drover state import, or name one folder for all with --persist-to.";
    return [{ worker: name, text }];
  });
}
