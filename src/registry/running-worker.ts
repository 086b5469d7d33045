/** The Worker of a running session that a name means, for commands that call it. Looks, and takes no part. */
import { ExitCode, UserError } from "../util/errors.ts";
import { arrivingSessions, nextArrival } from "./arrival.ts";
import { type RegistryCommandOptions, type RegistryListing, watchRegistry } from "./commands.ts";
import { resolveRegistryPaths } from "./paths.ts";
import { type ReadyWorker, type Resolution, resolveService } from "./resolve.ts";
import { findWorkspace } from "./workspace.ts";

/** Longest wait for a session or a Worker that is known to be starting, milliseconds. */
const STARTING_MS = 10_000;

/**
 * By the rules by which a service binding of this folder would find it. One that is starting, or that a session which is
 * starting may have, is waited for; `needsUrl`: until its port is open.
 *
 * @throws UserError WORKER_NOT_RUNNING, and what listRegistry throws
 */
export async function findRunningWorker(
  name: string,
  options: RegistryCommandOptions,
  { needsUrl = false }: { readonly needsUrl?: boolean } = {},
): Promise<ReadyWorker> {
  const paths = resolveRegistryPaths(options.env, options.cwd);
  const until = performance.now() + STARTING_MS;
  const left = (): number => Math.max(0, until - performance.now());
  const workspace = findWorkspace(options.cwd);
  const resolve = ({ workers, foreign }: RegistryListing): Resolution =>
    resolveService({
      service: name,
      from: workspace,
      workers,
      self: "",
      foreign,
      version: options.version,
      command: undefined,
    });
  const isEnough = (listing: RegistryListing): boolean => {
    const resolution = resolve(listing);
    if (resolution.type === "starting") return resolution.worker.failure !== undefined;
    return resolution.type !== "found" || !needsUrl || resolution.worker.url !== undefined;
  };
  for (;;) {
    // In this order: who arrives after the second look is known to the registry.
    const arriving = arrivingSessions(paths);
    const resolution = resolve(await watchRegistry(options, left(), isEnough));
    if (resolution.type === "found") return resolution.worker;
    if (resolution.type === "starting" || !(await nextArrival(arriving, left()))) {
      throw new UserError("WORKER_NOT_RUNNING", resolution.message, {
        exitCode: ExitCode.notReady,
        hint: resolution.detail,
      });
    }
  }
}
