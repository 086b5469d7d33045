/**
 * The seam to Workers of other processes. The session asks a `PeerDirectory`; whether a registry
 * daemon stands behind it is not its business. `noPeers` is what `--no-registry` uses.
 */
import type { LocalData } from "../protocol/registry.ts";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import { ExitCode, UserError } from "../util/errors.ts";
import { workerNotFound } from "../util/worker-not-found.ts";

/** A Worker that another process runs, as known at this moment. */
export interface Peer {
  /** Socket on which its thread accepts links. */
  readonly path: string;
  readonly generation: number;
}

/** What bindings to a Worker of another process come to, for the status. */
export type PeerState =
  | { readonly state: "ready"; readonly entrypoints: readonly EntrypointInfo[] }
  | { readonly state: "starting" | "failed" }
  /** `reason`: one clause for people. */
  | { readonly state: "absent"; readonly reason: string };

/** Why there is no such Worker, in words for the caller (`message`) and for the log (`detail`). */
export interface PeerMissing {
  readonly message: string;
  readonly detail?: string;
}

/** Whose name it is changed; `holder` describes the other session in one clause. */
export type NameChange =
  | { readonly type: "taken" | "lost"; readonly worker: string; readonly holder: string }
  | { readonly type: "ours"; readonly worker: string };

export interface PeerEvents {
  /**
   * Workers of these names came, went or changed. `stale`: those among them for which an answer of
   * `resolve` holds no longer.
   */
  onChange(services: readonly string[], stale: readonly string[]): void;
  onName(change: NameChange): void;
  /** The registry knows this session: for the first time, or again after it or its folder was gone. */
  onConnected(): void;
  /** Something that the user should know about the registry itself. */
  onTrouble(text: string): void;
}

export interface PeerDirectory extends AsyncDisposable {
  /** False: nobody is ever found, and bindings to other processes need not be announced. */
  readonly enabled: boolean;
  /** Resolves when `lookup` knows who is there now, or that it cannot know. */
  readonly known: Promise<void>;
  /**
   * Begin, in the folder of the primary's config. Nothing costly is started before `quiet` resolves.
   * Call once.
   */
  connect(folder: string, events: PeerEvents, quiet: Promise<unknown>): void;
  /** What is known now, without waiting, to the Worker `from`. Undefined: not running. */
  lookup(service: string, from: string): PeerState | undefined;
  /** Where the session answers that runs the Worker. */
  urlOf(service: string, from: string): string | undefined;
  /** Socket of the broker of another session that consumes the queue, to the Worker `from`. */
  queueBroker(queue: string, from: string): string | undefined;
  /**
   * A Worker to link to. Waits for one that is about to serve. `unreachable`: address of an earlier
   * answer at which nobody listens. Never rejects.
   */
  resolve(service: string, from: string, unreachable?: string): Promise<Peer | PeerMissing>;
  /** Tell the others what this session runs; called again on every change. */
  announce(workers: readonly AnnouncedWorker[]): void;
  /** Where another thread of this session may listen; undefined: nobody could connect. */
  createSocketPath(): string | undefined;
}

export interface AnnouncedWorker {
  readonly name: string;
  readonly configPath: string | undefined;
  readonly environment: string | undefined;
  /** Folder of its config. */
  readonly root: string;
  readonly entrypoints: readonly EntrypointInfo[];
  /** Where its thread listens for links, once it does. */
  readonly path: string | undefined;
  readonly generation: number;
  /** Why it does not serve and will not without a change. */
  readonly failure: string | undefined;
  readonly url: string | undefined;
  /** Queues that it consumes. */
  readonly queues: readonly string[];
  readonly localData: LocalData;
  /** Where the session's broker of queues listens, once it does. */
  readonly queueAddress: string | undefined;
}

/** `--strict`: a session does not run beside one that has its names. */
export function nameTakenError({ worker, holder }: { worker: string; holder: string }): UserError {
  return new UserError(
    "NAME_TAKEN",
    `Another session runs a Worker named "${worker}": ${holder}.`,
    {
      exitCode: ExitCode.config,
      hint: "End it, or take its name with --takeover.",
    },
  );
}

export const noPeers: PeerDirectory = {
  enabled: false,
  known: Promise.resolve(),
  connect: () => {},
  lookup: () => undefined,
  urlOf: () => undefined,
  queueBroker: () => undefined,
  resolve: (service) =>
    Promise.resolve({
      message: workerNotFound(service),
      detail: `Start it in the same session by adding its config with -c.`,
    }),
  announce: () => {},
  createSocketPath: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
