/** The Worker of a running session that a name means, for commands that call it. Looks, and takes no part. */
import { ExitCode, UserError } from "../util/errors.ts";
import { listRegistry, type RegistryCommandOptions } from "./commands.ts";
import { type ReadyWorker, resolveService } from "./resolve.ts";
import { findWorkspace } from "./workspace.ts";

/**
 * By the rules by which a service binding of this folder would find it.
 *
 * @throws UserError WORKER_NOT_RUNNING, and what listRegistry throws
 */
export async function findRunningWorker(
  name: string,
  options: RegistryCommandOptions,
): Promise<ReadyWorker> {
  const { workers, foreign } = await listRegistry(options);
  const resolution = resolveService({
    service: name,
    from: findWorkspace(options.cwd),
    workers,
    self: "",
    foreign,
    version: options.version,
    command: undefined,
  });
  if (resolution.type === "found") return resolution.worker;
  throw new UserError("WORKER_NOT_RUNNING", resolution.message, {
    exitCode: ExitCode.notReady,
    hint: resolution.detail,
  });
}
