/**
 * Makes a folder and what is missing above it. Not by Node's `recursive`: below a file system that
 * makes no folders (`/proc`) that never returns. In whichever thread stores something.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Throws Node's error, which names the folder that could not be made. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path || existsSync(parent)) throw error;
    makeFolder(parent);
    // Somebody else may have made it meanwhile.
    makeFolder(path);
  }
}
