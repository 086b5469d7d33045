/**
 * Whether files that changed may not be whole yet: some programs empty a file and write it a moment later, a moment
 * that is long on a busy machine. In the session process, asked by worker-session.ts before it tells of a failure.
 */
import { type Stats, statSync } from "node:fs";

/** So long after its last write a file is taken for whole, and one without a byte. */
const SETTLED_MS = 30;
const EMPTY_MS = 100;
/** Who writes for longer than that is told what is wrong so far. */
const LIMIT_MS = 500;

export interface Look {
  /** Epoch ms. */
  readonly writtenAt: number;
  readonly isEmpty: boolean;
  /** Differs when a file has changed. */
  readonly stamp: string;
}

/**
 * Resolves when the files have been left alone for long enough, and earlier with `news`: what follows decides.
 *
 * @param files absolute paths; nobody waits for one that is gone
 */
export async function whenWhole(files: readonly string[], news: AbortSignal): Promise<void> {
  const begin = Date.now();
  let seen = lookAt(files);
  let rest = seen.writtenAt + patienceOf(seen) - begin;
  while (!news.aborted && rest > 0 && Date.now() - begin < LIMIT_MS) {
    // A clock of another machine may be ahead.
    await waitFor(Math.min(rest, patienceOf(seen)), news);
    const next = lookAt(files);
    if (next.stamp === seen.stamp) return;
    seen = next;
    rest = patienceOf(seen);
  }
}

/**
 * False: one is empty, or is another than before the build. An empty module is none to esbuild: whoever imports it
 * builds, with a warning.
 */
export function areWhole(files: readonly string[], before: Look): boolean {
  const { isEmpty, stamp } = lookAt(files);
  return !isEmpty && stamp === before.stamp;
}

function patienceOf({ isEmpty }: Look): number {
  return isEmpty ? EMPTY_MS : SETTLED_MS;
}

export function lookAt(files: readonly string[]): Look {
  let writtenAt = 0;
  let isEmpty = false;
  const stamps: string[] = [];
  for (const file of files) {
    const stats = statOf(file);
    if (stats?.isFile() !== true) continue;
    writtenAt = Math.max(writtenAt, stats.mtimeMs);
    isEmpty ||= stats.size === 0;
    stamps.push(`${file} ${stats.mtimeMs} ${stats.size} ${stats.ino}`);
  }
  return { writtenAt, isEmpty, stamp: stamps.join() };
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    // A folder that may not be read, links in a circle: the build says so.
    return undefined;
  }
}

function waitFor(ms: number, news: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      news.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    news.addEventListener("abort", done, { once: true });
  });
}
