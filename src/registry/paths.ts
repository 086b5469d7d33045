/**
 * Where the sockets live: one 0700 directory per user, never abstract sockets. Used by sessions and
 * by the daemon (which gets the result from the session that starts it).
 */
import { createHash, randomBytes } from "node:crypto";
import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { hasCode, messageOf, UserError } from "../util/errors.ts";
import type { RegistryErrorCode } from "./errors.ts";

/** Node 20 silently truncates longer unix socket paths; macOS ends at 104 (spikes.md S14). */
const MAX_SOCKET_PATH_BYTES = 100;
/** The longest name that is ever put into the directory: `registry-<hash>.sock.start` and the like. */
const LONGEST_NAME_BYTES = 32;

export interface RegistryPaths {
  /** The daemon's socket, or the name of its pipe on Windows. */
  readonly socket: string;
  /** Directory of all sockets; null on Windows, where pipes have no files. */
  readonly directory: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What separates registries from each other: DROVER_REGISTRY (a name or a path), else
 * WRANGLER_REGISTRY_PATH, else "" for the user's own. Paths are taken relative to `cwd`.
 */
export function registryKey(env: Environment, cwd: string): string {
  const name = env.DROVER_REGISTRY;
  if (name) return /[\\/]/.test(name) ? path.resolve(cwd, name) : name;
  const folder = env.WRANGLER_REGISTRY_PATH;
  return folder ? path.resolve(cwd, folder) : "";
}

/** True if the environment says that there shall be no registry: DROVER_REGISTRY=off. */
export function isRegistryOff(env: Environment): boolean {
  return env.DROVER_REGISTRY === "off";
}

/**
 * Finds the sockets' paths and creates their directory: `$XDG_RUNTIME_DIR/drover`, else
 * `/run/user/<uid>/drover`, else `<tmp>/drover-<uid>`; the first that is ours, private and short
 * enough. Throws a UserError (REGISTRY_DIRECTORY) that says what is wrong with each.
 */
export function resolveRegistryPaths(env: Environment, cwd: string): RegistryPaths {
  const key = registryKey(env, cwd);
  if (process.platform === "win32") {
    const hash = shortHash(`${os.userInfo().username}\0${os.homedir()}\0${key}`);
    return { socket: `\\\\.\\pipe\\drover-${hash}`, directory: null };
  }
  const name = key === "" ? "registry.sock" : `registry-${shortHash(key)}.sock`;
  const problems: string[] = [];
  for (const candidate of directoryCandidates(env)) {
    const problem = prepareDirectory(candidate);
    if (problem === undefined) {
      return { socket: path.join(candidate, name), directory: candidate };
    }
    problems.push(problem);
  }
  throw new UserError<RegistryErrorCode>(
    "REGISTRY_DIRECTORY",
    `There is no directory for the dev registry's sockets:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    {
      hint: "Set XDG_RUNTIME_DIR to a short, writable directory of your own, or use --no-registry.",
    },
  );
}

/** A fresh path for a Worker's thread to listen on. The file does not exist yet. */
export function createWorkerSocketPath(paths: RegistryPaths): string {
  const unique = `w-${process.pid}-${randomBytes(6).toString("hex")}`;
  if (paths.directory === null) return `\\\\.\\pipe\\drover-${unique}`;
  return path.join(paths.directory, `${unique}.sock`);
}

/** True for the file name of a daemon's socket, whatever its registry is called. */
export function isRegistrySocket(fileName: string): boolean {
  return /^registry(?:-[0-9a-f]{10})?\.sock$/.test(fileName);
}

/** Process that the file of a Worker's or an arriving session's socket, or last words, belongs to; undefined for others. */
export function ownerOfSocket(fileName: string): number | undefined {
  const match = /^(?:w-(\d+)-[0-9a-f]{12}\.sock(?:\.end)?|s-(\d+)-[0-9a-f]{10}\.sock)$/.exec(
    fileName,
  );
  return match ? Number(match[1] ?? match[2]) : undefined;
}

function* directoryCandidates(env: Environment): Generator<string> {
  const uid = ownUid();
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && path.isAbsolute(runtime)) yield path.join(runtime, "drover");
  else if (process.platform === "linux" && isDirectory(`/run/user/${uid}`)) {
    yield `/run/user/${uid}/drover`;
  }
  yield path.join(env.TMPDIR || os.tmpdir(), `drover-${uid}`);
}

/** Creates or checks the directory; returns what is wrong with it. */
function prepareDirectory(directory: string): string | undefined {
  const bytes = Buffer.byteLength(directory) + 1 + LONGEST_NAME_BYTES;
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    return `${directory}: too long for sockets (${bytes} of ${MAX_SOCKET_PATH_BYTES} bytes)`;
  }
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) return `${directory}: cannot be created (${messageOf(error)})`;
  }
  try {
    // lstat: a symbolic link planted in a shared /tmp is not followed.
    const stats = lstatSync(directory);
    if (!stats.isDirectory()) return `${directory}: not a directory`;
    if (stats.uid !== ownUid()) return `${directory}: belongs to another user`;
    // Others may look into it, or we may not write to it: it is ours to correct.
    if ((stats.mode & 0o777) !== 0o700) chmodSync(directory, 0o700);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return `${directory}: ${messageOf(error)}`;
  }
  return undefined;
}

function isDirectory(directory: string): boolean {
  try {
    return lstatSync(directory).isDirectory();
  } catch {
    return false;
  }
}

/** Not os.userInfo(): in containers a user may have no name. */
function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
