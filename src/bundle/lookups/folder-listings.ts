/**
 * What is in folders, each read at most once: one of these serves the many questions of one build
 * and is then dropped; many builds of one turn share it. Runs in the session process.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export type EntryKind = "file" | "folder" | "link-to-file" | "link-to-folder";
type Entry = EntryKind | "link-to-nothing";

export class FolderListings {
  readonly #folders = new Map<string, ReadonlyMap<string, Entry> | undefined>();
  readonly #objects = new Map<string, Readonly<Record<string, unknown>> | undefined>();

  /** undefined: there is nothing, or a link to nothing. */
  kindOf(path: string): EntryKind | undefined {
    const entry = this.#entryOf(path);
    return entry === "link-to-nothing" ? undefined : entry;
  }

  /** Also a link to nothing. */
  isLink(path: string): boolean {
    return this.#entryOf(path)?.startsWith("link") === true;
  }

  isFile(path: string): boolean {
    return this.kindOf(path)?.endsWith("file") === true;
  }

  isFolder(path: string): boolean {
    return dirname(path) === path || this.kindOf(path)?.endsWith("folder") === true;
  }

  /** A JSON file's object; undefined if it is missing, broken or something else. */
  json(file: string): Readonly<Record<string, unknown>> | undefined {
    if (!this.#objects.has(file)) this.#objects.set(file, this.#parse(file));
    return this.#objects.get(file);
  }

  #entryOf(path: string): Entry | undefined {
    return this.#entries(dirname(path))?.get(basename(path));
  }

  #parse(file: string): Readonly<Record<string, unknown>> | undefined {
    if (!this.isFile(file)) return undefined;
    try {
      const value: unknown = JSON.parse(readFileSync(file, "utf8"));
      return isObject(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #entries(folder: string): ReadonlyMap<string, Entry> | undefined {
    const known = this.#folders.get(folder);
    if (known !== undefined || this.#folders.has(folder)) return known;
    // Asked of the parent first: an exception for each of many missing folders is slow.
    const entries = this.isFolder(folder) ? list(folder) : undefined;
    this.#folders.set(folder, entries);
    return entries;
  }
}

let current: FolderListings | undefined;

/**
 * The same for all that ask one after the other without a pause: at the start many Workers look at
 * the same folders above them.
 */
export function listingsOfNow(): FolderListings {
  if (current === undefined) {
    current = new FolderListings();
    queueMicrotask(() => {
      current = undefined;
    });
  }
  return current;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(folder: string): ReadonlyMap<string, Entry> | undefined {
  try {
    const entries = new Map<string, Entry>();
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile()) entries.set(entry.name, "file");
      else if (entry.isDirectory()) entries.set(entry.name, "folder");
      else {
        const target = statSync(join(folder, entry.name), { throwIfNoEntry: false });
        if (target?.isFile()) entries.set(entry.name, "link-to-file");
        else if (target?.isDirectory()) entries.set(entry.name, "link-to-folder");
        else if (entry.isSymbolicLink()) entries.set(entry.name, "link-to-nothing");
      }
    }
    return entries;
  } catch {
    // Removed meanwhile, or not readable.
    return undefined;
  }
}
