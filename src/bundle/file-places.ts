/**
 * Where the file system tells of changes of a watched path: its own entry, the same in its real folder,
 * and every link that leads to it, so that a link which is pointed elsewhere counts as a save. For the
 * watcher, in the session process.
 */
import { readlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { realPath } from "./inputs.ts";
import { ancestors } from "./lookups/ancestors.ts";
import { listingsOfNow } from "./lookups/folder-listings.ts";

/** As many as Linux follows. */
const MOST_LINKS = 40;

/** Looks at many paths with few calls: for one turn. */
export class PlaceReader {
  readonly #listings = listingsOfNow();
  readonly #realFolders = new Map<string, string>();

  exists(path: string): boolean {
    return this.#listings.kindOf(path) !== undefined;
  }

  isFolder(path: string): boolean {
    return this.#listings.isFolder(path);
  }

  /** Also a link to nothing. */
  isLink(path: string): boolean {
    return this.#listings.isLink(path);
  }

  /** Absolute paths; one if no link is involved. */
  placesOf(path: string): ReadonlySet<string> {
    const places = new Set<string>();
    let next: string | undefined = path;
    for (let links = 0; next !== undefined && links < MOST_LINKS; links++) {
      const folder = dirname(next);
      const realFolder = this.#realFolder(folder);
      const real = join(realFolder, basename(next));
      places.add(next);
      places.add(real);
      if (realFolder !== folder) for (const link of this.#linksAbove(next)) places.add(link);
      next = this.isLink(real) ? targetOf(real) : undefined;
    }
    return places;
  }

  /**
   * The folders above that are links. Not one at the root: macOS has some there (`/tmp`), which nobody
   * moves, and tells whoever watches the root of every change on the disk.
   */
  #linksAbove(path: string): string[] {
    const isMovable = (folder: string) => dirname(dirname(folder)) !== dirname(folder);
    return [...ancestors(dirname(path))].filter(
      (folder) => this.isLink(folder) && isMovable(folder),
    );
  }

  #realFolder(folder: string): string {
    const known = this.#realFolders.get(folder);
    if (known !== undefined) return known;
    const real = this.#listings.isFolder(folder)
      ? realPath(folder)
      : join(this.#realFolder(dirname(folder)), basename(folder));
    this.#realFolders.set(folder, real);
    return real;
  }
}

function targetOf(link: string): string | undefined {
  try {
    return resolve(dirname(link), readlinkSync(link));
  } catch {
    // Removed meanwhile: the watcher hears of it.
    return undefined;
  }
}
