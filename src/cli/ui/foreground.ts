/** Whether this process may take keys: a background job that changes its terminal is stopped. */
import { readFileSync } from "node:fs";

/** False after `drover dev &` in a shell. True where nobody knows: Linux tells, others do not. */
export function isInForeground(): boolean {
  try {
    return isForegroundStat(readFileSync("/proc/self/stat", "utf8"));
  } catch {
    return true;
  }
}

/** @param stat `/proc/<pid>/stat`: the process group and the one that the terminal listens to */
export function isForegroundStat(stat: string): boolean {
  // The name in parentheses may contain anything.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return foreground === "-1" || group === foreground;
}
