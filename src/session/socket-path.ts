/** Whether a socket that this session listens on can still be found. Used by announcer.ts and queues.ts. */
import { existsSync } from "node:fs";

/** Of a unix socket; named pipes are no files, and nobody removes them. */
export function isRemoved(path: string): boolean {
  return process.platform !== "win32" && !existsSync(path);
}
