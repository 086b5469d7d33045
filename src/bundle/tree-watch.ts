/**
 * A folder and all that is below it, by chokidar, which is loaded with the first one. Made by
 * watch.ts in the session process.
 */
import { relative } from "node:path";
import type { FSWatcher } from "chokidar";
import { ignoredFolders } from "./additional-modules.ts";
import type { FolderWatch } from "./folder-watch.ts";

/**
 * Without node_modules, .git and .wrangler. `onChange` gets absolute paths of files that were
 * added, changed or removed; what was there before counts as added if `isNew` says so of its time
 * (epoch ms).
 */
export function watchTree(
  folder: string,
  onChange: (file: string) => void,
  isNew: (modifiedAt: number) => boolean,
): FolderWatch {
  let closed = false;
  let tree: FSWatcher | undefined;
  import("chokidar").then(
    (chokidar) => {
      if (closed) return;
      tree = chokidar.watch(folder, {
        atomic: false,
        alwaysStat: true,
        ignored: (path) => isIgnored(relative(folder, path)),
      });
      // Until chokidar has read the folder it only says what is there, not what is new.
      let isReady = false;
      tree.on("ready", () => {
        isReady = true;
      });
      tree.on("add", (path, stats) => {
        if (isReady || isNew(stats?.mtimeMs ?? 0)) onChange(path);
      });
      tree.on("change", onChange);
      tree.on("unlink", onChange);
      // EMFILE, ENOSPC: changes in this folder go unseen, the session goes on.
      tree.on("error", () => {});
    },
    () => {},
  );
  return {
    close() {
      closed = true;
      tree?.close().catch(() => {});
    },
  };
}

function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => ignoredFolders.has(part));
}
