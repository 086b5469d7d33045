/**
 * One daemon per socket path, however many are started at once. Runs in the daemon's process.
 *
 * Always lock, probe, unlink, bind, in this order. Without the lock two daemons that both saw a
 * stale file can unlink each other's fresh socket; and a daemon that has bound but does not listen
 * yet looks stale to a probe (spikes.md S14).
 */
import { rm } from "node:fs/promises";
import type net from "node:net";
import { hasCode } from "../util/errors.ts";
import { acquireLock } from "./lock-file.ts";
import type { RegistryPaths } from "./paths.ts";
import { probe } from "./probe.ts";

/** Makes `server` listen, or returns false because another daemon does already. */
export async function electAndListen(server: net.Server, paths: RegistryPaths): Promise<boolean> {
  if (paths.directory === null) return listen(server, paths.socket);
  const lock = await acquireLock(`${paths.socket}.lock`);
  try {
    if ((await probe(paths.socket)) === "alive") return false;
    await rm(paths.socket, { force: true });
    return await listen(server, paths.socket);
  } finally {
    await lock.release();
  }
}

function listen(server: net.Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      if (hasCode(error, "EADDRINUSE")) resolve(false);
      else reject(error);
    };
    server.once("error", onError);
    // Bound within this call: the socket file never exists with wider permissions.
    const umask = process.platform === "win32" ? undefined : process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off("error", onError);
        resolve(true);
      });
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
  });
}
