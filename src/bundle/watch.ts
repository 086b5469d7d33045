/**
 * The one file watcher of a session, in the session process: says which watched files changed, in
 * batches. session/ maps files to Workers. Files are seen through their folders (native events,
 * 1 ms, spikes.md S6), so that saves by rename, deletion, re-creation and files that are not there
 * yet need nothing special; folders given as such are watched whole by chokidar.
 */
import { statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { FSWatcher } from "chokidar";
import { ignoredFolders } from "./additional-modules.ts";
import { createBatcher } from "./change-batch.ts";
import { type FolderWatch, watchFolder } from "./folder-watch.ts";
import { realPath } from "./inputs.ts";

export interface Watcher extends AsyncDisposable {
  /**
   * Watches exactly these absolute paths from now on. A file may be absent; a folder is watched
   * whole, without node_modules, .git and .wrangler.
   *
   * @param since epoch ms of the start of the build that read the files: a file that is new to the
   *   watcher and was written after it is reported at once. Without it nothing is.
   */
  update(files: Iterable<string>, since?: number): void;
}

/**
 * @param onChange gets the changed files as they were given to `update` (or, for folders, the files
 *   inside). One call per save; many files changed together (a git checkout) are one call.
 */
export function createWatcher(onChange: (changed: ReadonlySet<string>) => void): Watcher {
  return new SessionWatcher(onChange);
}

/** File times come from a coarse clock: up to a tick older than the write. */
const CLOCK_TICK_MS = 10;

class SessionWatcher implements Watcher {
  readonly #batch: ReturnType<typeof createBatcher>;
  /** Paths given to update(). */
  #watched: ReadonlySet<string> = new Set();
  /** Path as the file system knows it -> paths given; the same file may be given twice, by links. */
  readonly #givenBy = new Map<string, Set<string>>();
  readonly #folders = new Map<string, FolderWatch>();
  readonly #trees = new Map<string, FSWatcher | undefined>();
  #disposed = false;

  constructor(onChange: (changed: ReadonlySet<string>) => void) {
    this.#batch = createBatcher(onChange);
  }

  update(files: Iterable<string>, since?: number): void {
    if (this.#disposed) return;
    const next = new Set(files);
    const previous = this.#watched;
    this.#watched = next;
    for (const path of previous) if (!next.has(path)) this.#remove(path);
    for (const path of next) {
      if (previous.has(path)) continue;
      this.#add(path, since);
      if (
        since !== undefined &&
        !this.#trees.has(path) &&
        modifiedAt(path) >= since - CLOCK_TICK_MS
      )
        this.#batch.add(path);
    }
    this.#arrangeFolders();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#batch.cancel();
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
    await Promise.all([...this.#trees.values()].map((tree) => tree?.close()));
    this.#trees.clear();
  }

  #add(path: string, since: number | undefined): void {
    if (isFolder(path)) this.#watchTree(path, since);
    for (const place of new Set([path, realPath(path)])) {
      const given = this.#givenBy.get(place);
      if (given === undefined) this.#givenBy.set(place, new Set([path]));
      else given.add(path);
    }
  }

  #remove(path: string): void {
    for (const [place, given] of this.#givenBy) {
      if (given.delete(path) && given.size === 0) this.#givenBy.delete(place);
    }
    const tree = this.#trees.get(path);
    this.#trees.delete(path);
    tree?.close().catch(() => {});
  }

  /** One native watch per folder that holds a watched file, or would hold the absent one. */
  #arrangeFolders(): void {
    const wanted = new Set<string>();
    for (const place of this.#givenBy.keys()) {
      const folder = nearestFolder(dirname(place));
      if (folder !== undefined) wanted.add(folder);
    }
    for (const [folder, watch] of this.#folders) {
      if (wanted.has(folder)) continue;
      watch.close();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#folders.has(folder)) continue;
      this.#folders.set(
        folder,
        watchFolder(folder, {
          onEvent: (name) => this.#onEvent(folder, name),
          onGone: () => this.#onGone(folder),
        }),
      );
    }
  }

  #onEvent(folder: string, name: string | undefined): void {
    if (name === undefined) {
      this.#reportBelow(folder);
      return;
    }
    const path = join(folder, name);
    const given = this.#givenBy.get(path);
    if (given !== undefined) for (const file of given) this.#report(file);
    // Perhaps the missing folder of an absent file: watch as near to it as possible now.
    else if (this.#hasPlaceBelow(path) && isFolder(path)) {
      this.#arrangeFolders();
      this.#reportBelow(path);
    }
  }

  /** The folder was removed or replaced; what is there now decides where its files are watched. */
  #onGone(folder: string): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
    this.#reportBelow(folder);
    this.#arrangeFolders();
  }

  #hasPlaceBelow(folder: string): boolean {
    const prefix = folder + sep;
    for (const place of this.#givenBy.keys()) if (place.startsWith(prefix)) return true;
    return false;
  }

  #reportBelow(folder: string): void {
    const prefix = folder.endsWith(sep) ? folder : folder + sep;
    for (const [place, given] of this.#givenBy) {
      if (place.startsWith(prefix)) for (const file of given) this.#report(file);
    }
  }

  #report(path: string): void {
    if (this.#disposed) return;
    // A folder's own entry changes whenever something inside does; its tree says what.
    if (this.#trees.has(path) && isFolder(path)) return;
    if (isFolder(path)) this.#watchTree(path);
    this.#batch.add(path);
  }

  #watchTree(folder: string, since: number = Date.now()): void {
    if (this.#trees.has(folder)) return;
    this.#trees.set(folder, undefined);
    import("chokidar").then(
      (chokidar) => {
        if (this.#disposed || !this.#trees.has(folder)) return;
        const tree = chokidar.watch(folder, {
          atomic: false,
          alwaysStat: true,
          ignored: (path) => isIgnored(relative(folder, path)),
        });
        this.#trees.set(folder, tree);
        // Until chokidar has read the folder it only says what is there, not what is new.
        let isReady = false;
        tree.on("ready", () => {
          isReady = true;
        });
        tree.on("add", (path, stats) => {
          if (isReady || (stats?.mtimeMs ?? 0) >= since - CLOCK_TICK_MS) this.#batch.add(path);
        });
        tree.on("change", (path) => this.#batch.add(path));
        tree.on("unlink", (path) => this.#batch.add(path));
        // EMFILE, ENOSPC: changes in this folder go unseen, the session goes on.
        tree.on("error", () => {});
      },
      () => {},
    );
  }
}

function isIgnored(path: string): boolean {
  return path.split(/[\\/]/).some((part) => ignoredFolders.has(part));
}

function nearestFolder(folder: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    if (isFolder(current)) return current;
    if (dirname(current) === current) return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
