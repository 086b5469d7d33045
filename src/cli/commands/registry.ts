/** `drover registry`: who runs which Worker on this machine; `drover registry stop`. */
import { blue, dim, yellow } from "kleur/colors";
import type { RegisteredWorker } from "../../protocol/registry.ts";
import { listRegistry, type RegistryListing, stopRegistry } from "../../registry/commands.ts";
import { ExitCode } from "../../util/errors.ts";
import { formatColumns } from "../ui/columns.ts";
import type { Terminal } from "../ui/terminal.ts";

export interface RegistryContext {
  readonly terminal: Terminal;
  readonly version: string;
}

/** Prints all Workers of all sessions. Exit code 0 also if there are none. */
export async function runRegistryList(
  json: boolean,
  { terminal, version }: RegistryContext,
): Promise<number> {
  const listing = await listRegistry({ env: process.env, cwd: process.cwd(), version });
  terminal.print(
    json ? JSON.stringify(listing, null, 2) : formatListing(listing, Date.now(), terminal.width),
  );
  return ExitCode.ok;
}

export async function runRegistryStop({ terminal, version }: RegistryContext): Promise<number> {
  const stopped = await stopRegistry({ env: process.env, cwd: process.cwd(), version });
  terminal.print(
    stopped === null
      ? "The dev registry is not running."
      : `The dev registry (process ${stopped.pid}) is stopped. Running sessions register again with the next one.`,
  );
  return ExitCode.ok;
}

export function formatListing(
  listing: RegistryListing,
  now: number,
  width: number = Number.POSITIVE_INFINITY,
): string {
  const { daemon, workers, foreign, socket } = listing;
  if (daemon === null) return "No Worker is running: there is no dev registry.";
  const uptime = formatUptime(now - daemon.startedAt);
  const about = dim(
    `registry: process ${daemon.pid}, drover ${daemon.version}, ${uptime}, ${socket}`,
  );
  if (foreign.length > 0) {
    const rows = foreign.map(({ name, pid, folder, version }) => [
      blue(name),
      String(pid),
      version,
      folder,
    ]);
    const remark = yellow("These belong to another version of drover and cannot be called:");
    return `${remark}\n${formatColumns(["Worker", "Process", "Version", "Folder"], rows, width)}\n\n${about}`;
  }
  if (workers.length === 0) return `No Worker is running.\n\n${about}`;
  const rows = [...workers]
    .sort(
      (a, b) => a.workspace.root.localeCompare(b.workspace.root) || a.name.localeCompare(b.name),
    )
    .map((worker) => [
      blue(worker.name),
      describeEntrypoints(worker),
      String(worker.session.pid),
      formatUptime(now - worker.since),
      worker.workspace.root,
      worker.url ?? "",
    ]);
  const headings = ["Worker", "Entrypoints", "Process", "Uptime", "Workspace", "URL"];
  return `${formatColumns(headings, rows, width)}\n\n${about}`;
}

function describeEntrypoints({
  compatible,
  ready,
  failure,
  entrypoints,
}: RegisteredWorker): string {
  if (!compatible) return yellow("incompatible version");
  if (failure !== undefined) return yellow("failed to start");
  if (!ready) return dim("starting");
  const names = entrypoints.map(({ name }) => name);
  // The default export first, as people think of it.
  return names.sort((a, b) => Number(b === "default") - Number(a === "default")).join(", ");
}

/** "12 s", "3 min", "2 h 5 min", "4 d 1 h" */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
