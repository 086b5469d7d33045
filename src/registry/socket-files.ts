/**
 * Socket files whose process was killed stay behind: the daemon removes them. Runs in the daemon.
 */
import { rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { isProcessAlive } from "./lock-file.ts";
import { ownerOfWorkerSocket } from "./paths.ts";
import { probe, watchListener } from "./probe.ts";

/**
 * Removes a session's socket files when their listeners are gone, announced or not. The session's
 * connection may end before the process that listens does (the host process notices a little
 * later): the wait is an open connection to it.
 */
export async function removeSocketsOf(directory: string, pid: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (ownerOfWorkerSocket(name) !== pid) continue;
    const file = path.join(directory, name);
    watchListener(file, () => rmSync(file, { force: true }));
  }
}

/** At start: what earlier sessions left behind while there was no daemon. */
export async function removeAbandonedSockets(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    const owner = ownerOfWorkerSocket(name);
    // A living owner may be between bind and listen: its file is not touched.
    const isOurs = owner !== undefined && !isProcessAlive(owner);
    if (!isOurs && !name.endsWith(".sock.start")) continue;
    const state = await probe(file).catch(() => "alive");
    if (state === "dead") await rm(file, { force: true });
  }
}
