/**
 * The one file watcher of a session, in the session process: says which watched files changed, in
 * batches. session/ maps files to Workers. Files are seen through their folders (native events,
 * 1 ms, spikes.md S6), so that saves by rename, deletion, re-creation and files that are not there
 * yet need nothing special; trees are watched whole by chokidar.
 */
import { lstatSync, type Stats, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { createBatcher } from "./change-batch.ts";
import { PlaceReader } from "./file-places.ts";
import { type FolderWatch, watchFolder } from "./folder-watch.ts";
import { realPath } from "./inputs.ts";
import { ancestors } from "./lookups/ancestors.ts";
import { watchTree } from "./tree-watch.ts";

/** Absolute paths. */
export interface WatchedPlaces {
  /** May be absent. One that is a folder counts as changed when another stands in its place. */
  readonly files: ReadonlySet<string>;
  /** Folders watched whole, without node_modules, .git and .wrangler; absent ones and files too. */
  readonly trees: ReadonlySet<string>;
}

export interface Watcher extends AsyncDisposable {
  /**
   * Watches exactly these places for `owner` from now on, beside those of other owners.
   *
   * @param since epoch ms of the start of the build that read the files: a file that is new to the
   *   owner and was written after it is reported at once. Without it nothing is.
   */
  update(owner: object, places: WatchedPlaces, since?: number): void;
}

/**
 * @param onChange gets the changed files as they were given to `update` (or, for trees, the files
 *   inside). One call per save; many files changed together (a git checkout) are one call.
 */
export function createWatcher(onChange: (changed: ReadonlySet<string>) => void): Watcher {
  return new SessionWatcher(onChange);
}

/** File times come from a coarse clock: up to a tick older than the write. */
const CLOCK_TICK_MS = 10;

const NOTHING: WatchedPlaces = { files: new Set(), trees: new Set() };

interface Watched {
  owners: number;
  /** Where changes of it are seen. */
  places: ReadonlySet<string>;
  /** Of a folder: which one it is. */
  identity: string | undefined;
}

class SessionWatcher implements Watcher {
  readonly #batch: ReturnType<typeof createBatcher>;
  readonly #owners = new Map<object, WatchedPlaces>();
  /** By path given; a tree is here as well, for its own appearance. */
  readonly #watched = new Map<string, Watched>();
  /** Path as the file system knows it -> paths given; the same file may be given twice, by links. */
  readonly #givenBy = new Map<string, Set<string>>();
  readonly #folders = new Map<string, FolderWatch>();
  /** Folders that are not there and that watched files would be in. */
  #missingFolders = new Set<string>();
  /** Given tree -> its watch, once it is a folder. */
  readonly #trees = new Map<string, FolderWatch | undefined>();
  #disposed = false;

  constructor(onChange: (changed: ReadonlySet<string>) => void) {
    this.#batch = createBatcher(onChange);
  }

  update(owner: object, places: WatchedPlaces, since?: number): void {
    if (this.#disposed) return;
    const before = this.#owners.get(owner) ?? NOTHING;
    if (before === places) return;
    this.#owners.set(owner, places);
    const reader = new PlaceReader();
    for (const path of places.trees) if (!before.trees.has(path)) this.#retainTree(path, since);
    for (const kind of ["files", "trees"] as const) {
      for (const path of places[kind]) {
        if (before[kind].has(path)) continue;
        this.#retain(path, reader);
        const counts = since !== undefined && this.#trees.get(path) === undefined;
        if (counts && reader.exists(path) && changedAt(path) >= since - CLOCK_TICK_MS)
          this.#batch.add(path);
      }
      for (const path of before[kind]) if (!places[kind].has(path)) this.#release(path);
    }
    for (const path of before.trees) if (!places.trees.has(path)) this.#releaseTree(path);
    this.#arrangeFolders();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#batch.cancel();
    for (const watch of [...this.#folders.values(), ...this.#trees.values()]) watch?.close();
    this.#folders.clear();
    this.#trees.clear();
  }

  #retain(path: string, reader: PlaceReader): void {
    const known = this.#watched.get(path);
    if (known !== undefined) {
      known.owners += 1;
      return;
    }
    const places = reader.placesOf(path);
    const identity = reader.isFolder(path) ? identityOf(path) : undefined;
    this.#watched.set(path, { owners: 1, places, identity });
    this.#addPlaces(path, places);
  }

  #release(path: string): void {
    const watched = this.#watched.get(path);
    if (watched === undefined) return;
    watched.owners -= 1;
    if (watched.owners > 0) return;
    this.#watched.delete(path);
    this.#removePlaces(path, watched.places);
  }

  #addPlaces(path: string, places: ReadonlySet<string>): void {
    for (const place of places) {
      const given = this.#givenBy.get(place);
      if (given === undefined) this.#givenBy.set(place, new Set([path]));
      else given.add(path);
    }
  }

  #removePlaces(path: string, places: ReadonlySet<string>): void {
    for (const place of places) {
      const given = this.#givenBy.get(place);
      given?.delete(path);
      if (given?.size === 0) this.#givenBy.delete(place);
    }
  }

  #retainTree(path: string, since: number | undefined): void {
    if (!this.#trees.has(path)) this.#trees.set(path, undefined);
    this.#openTree(path, since ?? Date.now());
  }

  /** If the tree is a folder by now and not watched yet. */
  #openTree(path: string, since: number): void {
    if (!this.#trees.has(path) || this.#trees.get(path) !== undefined) return;
    if (statOf(path)?.isDirectory() !== true) return;
    const isNew = (modifiedAt: number) => modifiedAt >= since - CLOCK_TICK_MS;
    const onChange = (file: string) => {
      if (!this.#disposed) this.#batch.add(file);
    };
    this.#trees.set(path, watchTree(path, onChange, isNew));
  }

  #releaseTree(path: string): void {
    for (const { trees } of this.#owners.values()) if (trees.has(path)) return;
    this.#trees.get(path)?.close();
    this.#trees.delete(path);
  }

  /** One native watch per folder that holds a watched file, or would hold the absent one. */
  #arrangeFolders(): void {
    const missing = new Set<string>();
    const wanted = new Set<string>();
    for (const folder of new Set([...this.#givenBy.keys()].map((place) => dirname(place)))) {
      for (const ancestor of ancestors(folder)) {
        if (wanted.has(ancestor)) break;
        if (statOf(ancestor)?.isDirectory()) {
          wanted.add(ancestor);
          break;
        }
        if (missing.has(ancestor)) break;
        missing.add(ancestor);
      }
    }
    this.#missingFolders = missing;
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
    this.#reportAll(this.#givenBy.get(path) ?? []);
    // The missing folder of an absent file: watch as near to it as possible now.
    if (this.#missingFolders.has(path) && statOf(path)?.isDirectory()) {
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

  #reportBelow(folder: string): void {
    const prefix = folder.endsWith(sep) ? folder : folder + sep;
    const below = [...this.#givenBy].filter(([place]) => place.startsWith(prefix));
    this.#reportAll(new Set(below.flatMap(([, given]) => [...given])));
  }

  #reportAll(paths: ReadonlySet<string> | readonly string[]): void {
    const reader = new PlaceReader();
    let moved = false;
    for (const path of [...paths]) {
      this.#report(path);
      if (this.#follow(path, reader)) moved = true;
    }
    if (moved) this.#arrangeFolders();
  }

  /** A link was pointed elsewhere, took the place of a file, or gave way to one. @returns if so */
  #follow(path: string, reader: PlaceReader): boolean {
    const watched = this.#watched.get(path);
    if (watched === undefined) return false;
    // Without links there is one place.
    if (watched.places.size === 1 && !isLink(path)) return false;
    const places = reader.placesOf(path);
    const { size } = places;
    if (size === watched.places.size && [...places].every((p) => watched.places.has(p)))
      return false;
    this.#removePlaces(path, watched.places);
    this.#addPlaces(path, places);
    watched.places = places;
    return true;
  }

  #report(path: string): void {
    const watched = this.#watched.get(path);
    if (this.#disposed || watched === undefined) return;
    // Some systems tell of a folder's own entry whenever something inside it changes.
    const identity = identityOf(path);
    const isSameFolder = identity !== undefined && identity === watched.identity;
    watched.identity = identity;
    if (!isSameFolder) {
      // Another folder, or none: what watched the old one sees nothing of it.
      if (this.#trees.has(path)) {
        this.#trees.get(path)?.close();
        this.#trees.set(path, undefined);
      }
      this.#batch.add(path);
    }
    this.#openTree(path, Date.now());
  }
}

function identityOf(path: string): string | undefined {
  const stats = statOf(path);
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino} ${realPath(path)}` : undefined;
}

/** Also when it was moved to where it is. */
function changedAt(path: string): number {
  const stats = statOf(path);
  return Math.max(stats?.mtimeMs ?? 0, stats?.ctimeMs ?? 0);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
