/**
 * What a session says at its start of the folder of local data: that it cannot be written, and that those beside the
 * other configs are not looked at, for a session uses that of the first (spec/resources.md 2.1).
 */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, relative } from "node:path";
import type { ResolvedConfig } from "../config/types.ts";
import { stateRoot } from "../storage/state-folder.ts";
import { hasCode } from "../util/errors.ts";

export interface StateWarning {
  readonly worker: string;
  readonly text: string;
}

export interface StateFolder {
  /** What the session uses. */
  readonly root: string;
  /** `--persist-to` */
  readonly persistTo: string | undefined;
  readonly cwd: string;
}

/** Workers without stores need no folder. */
export function stateWarnings(
  configs: readonly ResolvedConfig[],
  { root, persistTo, cwd }: StateFolder,
): StateWarning[] {
  const shown = (path: string): string => relative(cwd, path) || path;
  const others = persistTo === undefined ? otherStates(configs, root, cwd, shown) : [];
  const [user] = configs.filter((config) => hasStores(config) || config.durableObjects.length > 0);
  const locked = user === undefined ? undefined : lockedFolder(root);
  if (user === undefined || locked === undefined) return others;
  const text =
    `Local data cannot be stored in ${shown(root)}: no right to write to ${shown(locked.folder)} (${locked.code}).\n` +
    "Change its owner or its mode, or name another folder with --persist-to.";
  return [{ worker: user.name, text }, ...others];
}

function hasStores({ bindings }: ResolvedConfig): boolean {
  return bindings.some(({ type }) => type === "resource");
}

function otherStates(
  configs: readonly ResolvedConfig[],
  root: string,
  cwd: string,
  shown: (path: string) => string,
): StateWarning[] {
  return configs.slice(1).flatMap((config) => {
    const own = stateRoot({ configFolder: config.userRoot, cwd, persistTo: undefined });
    if (!hasStores(config) || own === root || !existsSync(own)) return [];
    const text =
      `${shown(own)} is not read: the Workers of a session share the data of the first one, ${shown(root)}.\n` +
      "Copy what is in it with drover state import, or name one folder for all with --persist-to.";
    return [{ worker: config.name, text }];
  });
}

/** The folder, or the one above in which it is to be made, if that may not be written. */
function lockedFolder(root: string): { folder: string; code: string } | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      const code = ["EACCES", "EROFS", "EPERM"].find((known) => hasCode(error, known));
      if (code !== undefined) {
        // One that cannot even be looked into hides whether what is in it is there.
        const above = dirname(folder);
        if (code === "EACCES" && above !== folder && !isOpen(above)) continue;
        return { folder, code };
      }
      if (dirname(folder) === folder) return undefined;
    }
  }
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
