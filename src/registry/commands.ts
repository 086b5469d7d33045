import { randomBytes } from "node:crypto";
import {
  type ClientMessage,
  type DaemonInfo,
  type DaemonMessage,
  type ForeignWorker,
  REGISTRY_PROTOCOL,
  type RegisteredWorker,
} from "../protocol/registry.ts";
import { UserError } from "../util/errors.ts";
import { connectDaemon } from "./connection.ts";
import type { RegistryErrorCode } from "./errors.ts";
import { type Environment, resolveRegistryPaths } from "./paths.ts";

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
  const { socket } = resolveRegistryPaths(options.env, options.cwd);
  const greeting = await visit(socket, options);
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
  const greeting = await visit(socket, options, { type: "stop" });
  return greeting?.type === "welcome" || greeting?.type === "incompatible" ? greeting.daemon : null;
}

/** Says hello, then `request` if there is one; returns the greeting, or undefined without a daemon. */
async function visit(
  socket: string,
  options: RegistryCommandOptions,
  request?: ClientMessage,
): Promise<DaemonMessage | undefined> {
  const connection = await connectDaemon(socket);
  if (connection === undefined) return undefined;
  let greeting: DaemonMessage | undefined;
  connection.listen((message) => {
    if (greeting !== undefined) return;
    greeting = message;
    if (request === undefined) connection.close();
    else connection.send(request);
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
  const timer = setTimeout(() => {
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
