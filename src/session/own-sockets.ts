/**
 * The PeerDirectory of a session that nobody else shall find but whose Workers are called from its
 * own process (`startDev`): their threads listen, and no registry hears of it. The only peers are
 * Workers that the process plays itself. Removes what is left of the sockets in the end.
 */
import { rm } from "node:fs/promises";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import {
  createWorkerSocketPath,
  type Environment,
  resolveRegistryPaths,
} from "../registry/paths.ts";
import { noPeers, type PeerDirectory } from "./peers.ts";

export interface OwnSockets {
  readonly peers: PeerDirectory;
  /**
   * Where the process itself may listen for something else.
   *
   * @throws UserError REGISTRY_DIRECTORY
   */
  create(): string;
  /**
   * Where the process itself is to listen, for all of its Workers.
   *
   * @throws UserError REGISTRY_DIRECTORY
   */
  fakesPath(): string;
}

/** `fakes`: by Worker and entrypoint. */
export function createOwnSockets(
  env: Environment,
  cwd: string,
  fakes: Readonly<Record<string, Readonly<Record<string, object>>>>,
): OwnSockets {
  const paths: string[] = [];
  const create = (): string => {
    const path = createWorkerSocketPath(resolveRegistryPaths(env, cwd));
    paths.push(path);
    return path;
  };
  let own: string | undefined;
  const fakesPath = (): string => {
    own ??= create();
    return own;
  };
  const isFake = (service: string): boolean => Object.hasOwn(fakes, service);
  const peers: PeerDirectory = {
    ...noPeers,
    enabled: Object.keys(fakes).length > 0,
    lookup: (service) =>
      isFake(service) ? { state: "ready", entrypoints: describe(fakes[service] ?? {}) } : undefined,
    resolve: (service, from) =>
      isFake(service)
        ? Promise.resolve({ path: fakesPath(), generation: 1 })
        : noPeers.resolve(service, from),
    createSocketPath() {
      try {
        return create();
      } catch {
        // No usable directory: calls are rejected, everything else goes on.
        return undefined;
      }
    },
    async [Symbol.asyncDispose]() {
      // Named pipes of Windows are no files.
      if (process.platform === "win32") return;
      await Promise.all(paths.map((path) => rm(path, { force: true })));
    },
  };
  return { peers, create, fakesPath };
}

function describe(entrypoints: Readonly<Record<string, object>>): EntrypointInfo[] {
  return Object.keys(entrypoints).map((name) => ({ name, kind: "class", methods: [] }));
}
