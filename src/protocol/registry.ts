/**
 * Messages between a session (registry/client.ts) and the registry daemon (registry/daemon.ts),
 * over one unix socket (named pipe on Windows) per session. A frame is a 32-bit little-endian
 * length and that many bytes of JSON; at most CLIENT_FRAME_LIMIT bytes from a session and
 * DAEMON_FRAME_LIMIT from the daemon. A frame that breaks a limit, is no JSON or no known message
 * ends that one connection.
 *
 * Life of a connection: "hello" -> "welcome" (the snapshot) -> "announce"/"withdraw" from the
 * session, "update" from the daemon, until one side closes: closed means gone.
 *
 * The framing, "hello", "names", "stop" and "incompatible" never change their meaning, whatever becomes of
 * REGISTRY_PROTOCOL: they are what lets two incompatible sides name each other.
 */
import type { EntrypointInfo } from "./worker-spec.ts";

/**
 * Two sides work together if this number is equal. Covers the messages below and the socket links
 * between Workers (rpc/transports/socket.ts); raise it when either changes incompatibly.
 */
export const REGISTRY_PROTOCOL: number = 1;

export const CLIENT_FRAME_LIMIT: number = 1024 * 1024;
export const DAEMON_FRAME_LIMIT: number = 64 * 1024 * 1024;

/** Where a Worker belongs: names are unique within a workspace (registry/workspace.ts). */
export interface WorkspaceInfo {
  /** Real path of the git worktree's top level, the lockfile's folder or the config's folder. */
  readonly root: string;
  readonly kind: "git" | "lockfile" | "folder";
  /**
   * What identifies the repository that this is a checkout of (shared git directory, origin URL).
   * Workspaces that share one are checkouts of one repository and never call each other.
   */
  readonly repository: readonly string[];
}

export interface SessionInfo {
  readonly pid: number;
  /** Folder that `drover dev` was started in. */
  readonly cwd: string;
  /** Version of drover. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Where a session keeps the stores of a Worker. */
export interface LocalData {
  /** Folder that holds the kinds: `<...>/.wrangler/state/v3`. */
  readonly root: string;
  /** Of the config as its user wrote it: what commands on local data are started in. */
  readonly configFolder: string;
}

/** What a session says about one of its Workers. */
export interface WorkerAnnouncement {
  readonly name: string;
  readonly entrypoints: readonly EntrypointInfo[];
  readonly durableObjectClasses: readonly string[];
  /** Socket path of the Worker's thread; null while there is none. */
  readonly address: string | null;
  readonly generation: number;
  /** Evaluated and serving at `address`. */
  readonly ready: boolean;
  /** First line of why it could not be started; absent while it may still come up. */
  readonly failure?: string;
  /** Where people reach it over HTTP. */
  readonly url?: string;
  /** Config file, to say later how to start this Worker again. */
  readonly configPath?: string;
  /** The environment of it that was chosen. */
  readonly environment?: string;
  /** Queues that it consumes, and where the session's broker takes messages for them. */
  readonly queues?: { readonly names: readonly string[]; readonly address: string };
  /** Absent of sessions of an earlier drover. */
  readonly localData?: LocalData;
  /** If it is not the session's: a session may run Workers of several workspaces. */
  readonly workspace?: WorkspaceInfo;
}

/** A Worker as all sessions see it. */
export interface RegisteredWorker extends WorkerAnnouncement {
  readonly workspace: WorkspaceInfo;
  readonly session: SessionInfo & { readonly id: string };
  /** Milliseconds since the epoch: first announced. */
  readonly since: number;
  /** False: its session speaks another protocol; only its name and session are known. */
  readonly compatible: boolean;
}

/** Who has a name that somebody else wants. */
export interface NameHolder {
  readonly pid: number;
  /** Folder that its session was started in. */
  readonly folder: string;
  readonly since: number;
  readonly version: string;
}

export interface HelloMessage {
  readonly type: "hello";
  readonly protocol: number;
  /** Chosen by the session, kept over reconnections. */
  readonly id: string;
  /** An observer announces nothing (`drover registry`). */
  readonly role: "session" | "observer";
  readonly session: SessionInfo;
  readonly workspace: WorkspaceInfo;
}

export type ClientMessage =
  | HelloMessage
  | {
      readonly type: "announce";
      readonly request: number;
      readonly worker: WorkerAnnouncement;
      readonly since: number;
      /** The daemon before this one had given the name to this session. */
      readonly heldBefore: boolean;
      /** Take the name from whoever holds it. */
      readonly takeover: boolean;
    }
  | { readonly type: "withdraw"; readonly name: string }
  /** After "incompatible": the names of this session's Workers, for others to see. */
  | { readonly type: "names"; readonly workers: readonly string[] }
  /** End the daemon; no session starts another until a new one comes. */
  | { readonly type: "stop" };

export type DaemonMessage =
  | {
      readonly type: "welcome";
      readonly daemon: DaemonInfo;
      readonly workers: readonly RegisteredWorker[];
    }
  /** Instead of "welcome", and again when `workers` changes. */
  | {
      readonly type: "incompatible";
      readonly daemon: DaemonInfo;
      readonly workers: readonly ForeignWorker[];
    }
  /** Answers to "announce". */
  | { readonly type: "registered"; readonly request: number; readonly name: string }
  | {
      readonly type: "conflict";
      readonly request: number;
      readonly name: string;
      readonly holder: NameHolder;
    }
  /** The name that this session waited for is now its own. */
  | { readonly type: "promoted"; readonly name: string }
  /** Another session took the name; this one waits for it again. */
  | { readonly type: "lost"; readonly name: string; readonly holder: NameHolder }
  | {
      readonly type: "update";
      readonly changed: readonly RegisteredWorker[];
      readonly gone: readonly WorkerKey[];
    }
  /** The daemon ends because somebody asked for it. */
  | { readonly type: "stopping" };

export interface DaemonInfo {
  readonly pid: number;
  readonly protocol: number;
  /** Version of the drover that it was started by. */
  readonly version: string;
  readonly startedAt: number;
}

/** `<session id>:<Worker name>` */
export type WorkerKey = `${string}:${string}`;

/** All that an incompatible session learns about a Worker. */
export interface ForeignWorker {
  readonly name: string;
  readonly pid: number;
  readonly folder: string;
  readonly version: string;
}
