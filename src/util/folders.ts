/**
 * Makes a folder and what is missing above it. Not by Node's `recursive`: below a file system that
 * makes no folders (`/proc`, what automounters own) that never returns. In any thread.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode } from "./errors.ts";

/** Throws Node's error, which names the folder that could not be made. `mode`: of what is made. */
export function makeFolder(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // EEXIST mostly; EISDIR, EPERM or EROFS of what is the root of something.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const parent = dirname(path);
    if (!hasCode(error, "ENOENT") || parent === path || existsSync(parent)) throw error;
    makeFolder(parent, mode);
    // Somebody else may have made it meanwhile.
    makeFolder(path, mode);
  }
}
