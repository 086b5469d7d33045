/**
 * A lock between processes of one machine: a file with the holder's process id, made complete
 * before it appears (link), so that nobody ever reads half a lock. Held for a few milliseconds
 * while a daemon replaces a stale socket; never while serving.
 */
import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { hasCode } from "../util/errors.ts";

/** A holder that needs longer than this is no holder: its process id was given to another. */
const MAX_AGE_MS = 10_000;
const POLL_MS = 5;

export interface FileLock {
  release(): Promise<void>;
}

/** Waits for the lock while its holder lives. */
export async function acquireLock(path: string): Promise<FileLock> {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  await writeFile(draft, String(process.pid), { flag: "wx", mode: 0o600 });
  try {
    for (;;) {
      try {
        await link(draft, path);
        return { release: () => rm(path, { force: true }) };
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
      if (await isStale(path)) {
        await breakLock(path, `${draft}.stale`);
      } else {
        await delay(POLL_MS);
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Process that made a draft, or undefined if the file is none: one that was killed leaves it. */
export function ownerOfLockDraft(fileName: string): number | undefined {
  const match = /\.lock\.(\d+)-[0-9a-f]{8}(?:\.stale)?$/.exec(fileName);
  return match ? Number(match[1]) : undefined;
}

/**
 * Of several processes that see a stale lock only one moves it away. One that comes too late moves
 * the winner's fresh lock instead, and puts it back.
 */
async function breakLock(path: string, moved: string): Promise<void> {
  try {
    await rename(path, moved);
    if (!(await isStale(moved))) await link(moved, path);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) ignoreAbsent(error);
  } finally {
    await rm(moved, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    // ctime: the link that acquired the lock, not the draft's creation, which may have waited.
    const { ctimeMs } = await stat(path);
    if (Date.now() - ctimeMs > MAX_AGE_MS) return true;
    return !isProcessAlive(Number(await readFile(path, "utf8")));
  } catch (error) {
    ignoreAbsent(error);
    return false;
  }
}

/** Zombies and processes of other users count as alive. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

function ignoreAbsent(error: unknown): void {
  if (!hasCode(error, "ENOENT")) throw error;
}
