/** `--worker-port`: ports at which one Worker answers, whatever the request's host. Used by DevSession. */
import { ExitCode, hasCode, messageOf, UserError } from "../util/errors.ts";
import type { FrontAddress, FrontSockets } from "./front-sockets.ts";

/** By Worker; 0: any free one. */
export type WorkerPorts = Readonly<Record<string, number>>;

/** @throws UserError FLAG_VALUE for a Worker that is not in the session */
export function assertKnownWorkers(
  ports: WorkerPorts,
  configs: readonly { readonly name: string }[],
): void {
  const names = configs.map(({ name }) => name);
  const unknown = Object.keys(ports).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new UserError("FLAG_VALUE", `--worker-port ${unknown}: no such Worker in this session.`, {
    exitCode: ExitCode.config,
    hint: `There are: ${names.join(", ")}.`,
  });
}

/**
 * Resolves with what was opened once the host accepts connections on all of them.
 *
 * @throws UserError PORT_TAKEN, PORT_UNUSABLE
 */
export async function openWorkerPorts(
  sockets: FrontSockets,
  ports: WorkerPorts,
  address: Omit<FrontAddress, "port" | "worker">,
): Promise<WorkerPorts> {
  const opened: Record<string, number> = {};
  for (const [worker, port] of Object.entries(ports)) {
    try {
      opened[worker] = await sockets.open({ ...address, port, worker });
    } catch (error) {
      if (!hasCode(error, "PORT_TAKEN")) throw error;
      throw new UserError(
        "PORT_TAKEN",
        messageOf(error).replace("with --port.", `with --worker-port ${worker}=<port>.`),
        { exitCode: ExitCode.portTaken, cause: error },
      );
    }
  }
  return opened;
}
