/**
 * Files of processes that were killed stay behind: the daemon removes them. Runs in the daemon.
 */
import { rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { acquireLock, isProcessAlive, ownerOfLockDraft } from "./lock-file.ts";
import { isRegistrySocket, ownerOfSocket } from "./paths.ts";
import { probe, watchListener } from "./probe.ts";

/**
 * Removes a session's socket files when their listeners are gone, announced or not. The session's
 * connection may end before the process that listens does (the host process notices a little
 * later): the wait is an open connection to it.
 */
export async function removeSocketsOf(directory: string, pid: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (ownerOfSocket(name) !== pid) continue;
    const file = path.join(directory, name);
    watchListener(file, () => rmSync(file, { force: true }));
  }
}

/** At start: what earlier sessions and daemons left behind. `own`: the socket that is served here. */
export async function removeAbandonedFiles(directory: string, own: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    if (file === own) continue;
    // What cannot be removed is in nobody's way.
    if (isRegistrySocket(name)) await removeDeadRegistry(file).catch(() => {});
    else if (await isAbandoned(name, file)) await rm(file, { force: true });
  }
}

async function isAbandoned(name: string, file: string): Promise<boolean> {
  const drafter = ownerOfLockDraft(name);
  if (drafter !== undefined) return !isProcessAlive(drafter);
  const owner = ownerOfSocket(name);
  // A living owner may be between bind and listen: its file is not touched.
  const isOurs = owner !== undefined && !isProcessAlive(owner);
  if (!isOurs && !name.endsWith(".sock.start")) return false;
  return (await probe(file).catch(() => "alive")) === "dead";
}

/** A registry of another name that was killed with its sessions may never be started again. */
async function removeDeadRegistry(socket: string): Promise<void> {
  if ((await probe(socket)) !== "dead") return;
  // As in election.ts: a daemon that is just binding looks dead, too.
  const lock = await acquireLock(`${socket}.lock`);
  try {
    if ((await probe(socket)) === "dead") await rm(socket, { force: true });
  } finally {
    await lock.release();
  }
}
