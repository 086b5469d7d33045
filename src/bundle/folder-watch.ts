/**
 * One folder, not what is below it. Native events where the system gives them; where it does not
 * (EMFILE, ENOSPC, file systems without events) or CHOKIDAR_USEPOLLING asks for it, a poll.
 */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, join } from "node:path";

export interface FolderListener {
  /** An entry of the folder was created, changed or removed; undefined if the system says not which. */
  onEvent(name: string | undefined): void;
  /** The folder itself is gone or another one stands in its place; no more events follow. */
  onGone(): void;
}

export interface FolderWatch {
  /** Safe to call twice. */
  close(): void;
}

const POLL_MS = 300;

export function watchFolder(folder: string, listener: FolderListener): FolderWatch {
  const polling = /^(?:1|true)$/i.test(process.env.CHOKIDAR_USEPOLLING ?? "");
  return polling ? pollFolder(folder, listener) : watchNatively(folder, listener);
}

function watchNatively(folder: string, listener: FolderListener): FolderWatch {
  const inode = inodeOf(folder);
  let closed = false;
  let poll: FolderWatch | undefined;
  let watcher: FSWatcher | undefined;
  // The folder's own removal arrives as a rename of its own name. The inode alone does not tell: a
  // folder that was removed and made again often gets the same one.
  const isGone = (name: string | null) =>
    inodeOf(folder) !== inode ||
    (name === basename(folder) && inodeOf(join(folder, name)) === undefined);
  const gone = () => {
    close();
    listener.onGone();
  };
  const fallBack = () => {
    watcher?.close();
    if (inodeOf(folder) !== inode) gone();
    else poll ??= pollFolder(folder, listener);
  };
  const close = () => {
    closed = true;
    watcher?.close();
    poll?.close();
  };
  try {
    watcher = watch(folder, (event, name) => {
      if (closed) return;
      if (event === "rename" && isGone(name)) gone();
      else listener.onEvent(name ?? undefined);
    });
    watcher.on("error", () => {
      if (!closed) fallBack();
    });
  } catch {
    // EMFILE, ENOSPC (inotify limits): never fatal, only slower.
    fallBack();
  }
  return { close };
}

function pollFolder(folder: string, listener: FolderListener): FolderWatch {
  const inode = inodeOf(folder);
  let seen = snapshot(folder);
  const timer = setInterval(() => {
    if (inodeOf(folder) !== inode) {
      clearInterval(timer);
      listener.onGone();
      return;
    }
    const now = snapshot(folder);
    const before = seen;
    seen = now;
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(name) !== now.get(name)) listener.onEvent(name);
    }
  }, POLL_MS);
  return { close: () => clearInterval(timer) };
}

function snapshot(folder: string): Map<string, string> {
  const entries = new Map<string, string>();
  try {
    for (const name of readdirSync(folder)) {
      const info = statSync(join(folder, name), { throwIfNoEntry: false });
      if (info !== undefined) entries.set(name, `${info.ino} ${info.size} ${info.mtimeMs}`);
    }
  } catch {
    // Gone between two polls: the next one reports it.
  }
  return entries;
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
