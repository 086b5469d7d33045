import { randomBytes } from "node:crypto";
import {
  type DaemonInfo,
  type DaemonMessage,
  type ForeignWorker,
  REGISTRY_PROTOCOL,
  type RegisteredWorker,
} from "../protocol/registry.ts";
import { UserError } from "../util/errors.ts";
import { connectDaemon, type DaemonConnection } from "./connection.ts";
import type { RegistryErrorCode } from "./errors.ts";
import { type Environment, resolveRegistryPaths } from "./paths.ts";
import { Snapshot } from "./snapshot.ts";

/** Longest wait for a daemon that is there: it answers within a millisecond or is suspended. */
const ANSWER_MS = 3_000;

/*
 * What `drover registry` does: looks at the daemon without starting one and without taking part.
 */

export interface RegistryCommandOptions {
  readonly env: Environment;
  readonly cwd: string;
  /** Version of drover. */
  readonly version: string;
}

/** JSON-able; `drover registry --json` prints it as it is. */
export interface RegistryListing {
  /** Socket path or pipe name. */
  readonly socket: string;
  /** Null: no daemon is running, so no Worker is registered. */
  readonly daemon: DaemonInfo | null;
  readonly workers: readonly RegisteredWorker[];
  /** Instead of `workers` when the daemon is of another version. */
  readonly foreign: readonly ForeignWorker[];
}

/** Throws a UserError (REGISTRY_DIRECTORY, _CONNECT, _SILENT). */
export async function listRegistry(options: RegistryCommandOptions): Promise<RegistryListing> {
  return await watchRegistry(options, 0, () => true);
}

/**
 * The same until `isEnough`, asked first of what is there and then after each change, for at most `ms`, or until
 * the daemon ends. Returns the last listing.
 */
export async function watchRegistry(
  options: RegistryCommandOptions,
  ms: number,
  isEnough: (listing: RegistryListing) => boolean,
): Promise<RegistryListing> {
  const { socket } = resolveRegistryPaths(options.env, options.cwd);
  const snapshot = new Snapshot(() => {});
  let timer: NodeJS.Timeout | undefined;
  let listing = listingOf(socket, undefined);
  await visit(socket, options, (message, connection) => {
    if (message.type === "update") snapshot.update(message.changed, message.gone);
    else if (message.type === "welcome") snapshot.replace(message.workers, "");
    else if (message.type !== "incompatible") return;
    const first = message.type === "update" ? listing : listingOf(socket, message);
    listing = { ...first, workers: snapshot.workers };
    if (isEnough(listing)) connection.close();
    else timer ??= setTimeout(() => connection.close(), ms);
  });
  clearTimeout(timer);
  snapshot.close();
  return listing;
}

function listingOf(socket: string, greeting: DaemonMessage | undefined): RegistryListing {
  if (greeting?.type === "welcome") {
    return { socket, daemon: greeting.daemon, workers: greeting.workers, foreign: [] };
  }
  if (greeting?.type === "incompatible") {
    return { socket, daemon: greeting.daemon, workers: [], foreign: greeting.workers };
  }
  return { socket, daemon: null, workers: [], foreign: [] };
}

/**
 * Ends the daemon and returns once it is gone; null if there was none. Sessions keep running, and
 * register again with the daemon that the next session starts.
 */
export async function stopRegistry(options: RegistryCommandOptions): Promise<DaemonInfo | null> {
  const { socket } = resolveRegistryPaths(options.env, options.cwd);
  const greeting = await visit(socket, options, (message, connection) => {
    if (message.type === "welcome" || message.type === "incompatible")
      connection.send({ type: "stop" });
  });
  return greeting?.type === "welcome" || greeting?.type === "incompatible" ? greeting.daemon : null;
}

/** Says hello; returns the greeting when the connection is closed, or undefined without a daemon. */
async function visit(
  socket: string,
  options: RegistryCommandOptions,
  onMessage: (message: DaemonMessage, connection: DaemonConnection) => void,
): Promise<DaemonMessage | undefined> {
  const connection = await connectDaemon(socket);
  if (connection === undefined) return undefined;
  let greeting: DaemonMessage | undefined;
  let timer: NodeJS.Timeout | undefined;
  connection.listen((message) => {
    clearTimeout(timer);
    greeting ??= message;
    onMessage(message, connection);
  });
  const { cwd, version } = options;
  connection.send({
    type: "hello",
    protocol: REGISTRY_PROTOCOL,
    id: `observer-${process.pid}-${randomBytes(4).toString("hex")}`,
    role: "observer",
    session: { pid: process.pid, cwd, version, startedAt: Date.now() },
    workspace: { root: cwd, kind: "folder", repository: [] },
  });
  let isSilent = false;
  timer = setTimeout(() => {
    isSilent = true;
    connection.close();
  }, ANSWER_MS);
  await connection.closed;
  clearTimeout(timer);
  // Closed by itself and without a word: it was just ending.
  if (greeting !== undefined || !isSilent) return greeting;
  throw new UserError<RegistryErrorCode>(
    "REGISTRY_SILENT",
    `The dev registry at ${socket} does not answer.`,
    { hint: "Its process, drover-registry, may be suspended: resume it or kill it." },
  );
}
