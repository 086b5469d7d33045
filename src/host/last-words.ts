/** Leaves word for Workers of other processes (protocol/last-words.ts). Main thread of the host. */
import { appendFileSync, rmSync } from "node:fs";
import { type LastEnding, type LastWords, lastWordsPath } from "../protocol/last-words.ts";

/** Before the thread that listens at `socketPath` is ended. */
export function leaveWord(socketPath: string, words: LastWords | LastEnding): void {
  const path = lastWordsPath(socketPath);
  if (path === undefined) return;
  try {
    appendFileSync(path, `${JSON.stringify(words)}\n`, { mode: 0o600 });
  } catch {
    // A full disk: callers hear that the connection is lost.
  }
}

/** Nobody that was connected there is left. */
export function forgetWords(socketPath: string): void {
  const path = lastWordsPath(socketPath);
  if (path !== undefined) rmSync(path, { force: true });
}
