/**
 * Sessions that run and that the registry does not know yet: it is reached, or started, while a session does better
 * things. Until it knows the session's Workers the session listens at a socket of its own in the registry's
 * folder, and closes it then; a command that misses a Worker waits for that. Nothing is ever sent. Runs in the session
 * process (session/registry-peers.ts) and in that of a command (running-worker.ts). Pipes of Windows have no folder: there
 * nobody waits.
 */
import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { createDeferred } from "../util/deferred.ts";
import type { RegistryPaths } from "./paths.ts";
import { watchListener } from "./probe.ts";

export interface Arrival {
  /** Of its socket; undefined where there is no folder for it. */
  readonly path?: string;
  /** Resolves when somebody waits for the session. */
  readonly awaited: Promise<void>;
  /** The registry knows the session: lets go everybody who waits. */
  close(): void;
}

/** Says that this process's session is on its way to the registry at `paths`. */
export function announceArrival({ directory, socket }: RegistryPaths): Arrival {
  const awaited = createDeferred();
  if (directory === null) return { awaited: awaited.promise, close: () => {} };
  const waiting = new Set<net.Socket>();
  const server = net.createServer((client) => {
    waiting.add(client);
    client.on("error", () => {}).on("close", () => waiting.delete(client));
    awaited.resolve();
  });
  // Without it a command finds nothing for some milliseconds more: no reason to complain.
  server.on("error", () => {});
  server.unref();
  const file = path.join(directory, `s-${process.pid}-${registryHash(socket)}.sock`);
  // An earlier process of this number was killed.
  rmSync(file, { force: true });
  server.listen(file);
  return {
    path: file,
    awaited: awaited.promise,
    close: () => {
      server.close();
      for (const client of waiting) client.destroy();
    },
  };
}

/** The sockets of sessions that are on their way to this registry. */
export function arrivingSessions({ directory, socket }: RegistryPaths): readonly string[] {
  if (directory === null) return [];
  const end = `-${registryHash(socket)}.sock`;
  return readdirSync(directory)
    .filter((name) => name.startsWith("s-") && name.endsWith(end))
    .map((name) => path.join(directory, name));
}

/** Resolves true when one of these sessions has arrived, or ended; false if there are none, or after `ms`. */
export async function nextArrival(sockets: readonly string[], ms: number): Promise<boolean> {
  if (sockets.length === 0 || ms <= 0) return false;
  const arrived = createDeferred<boolean>();
  const timer = setTimeout(() => arrived.resolve(false), ms);
  const watches = sockets.map((file) =>
    watchListener(file, (wasThere) => {
      // Of a session that was killed; else it would be found again.
      if (!wasThere) rmSync(file, { force: true });
      arrived.resolve(true);
    }),
  );
  const result = await arrived.promise;
  clearTimeout(timer);
  for (const stop of watches) stop();
  return result;
}

/** Registries of other names share the folder. */
function registryHash(socket: string): string {
  return createHash("sha256").update(path.basename(socket)).digest("hex").slice(0, 10);
}
