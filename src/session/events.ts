/**
 * Everything that happens in a dev session, grouped by who says it. All of it goes through one
 * function, `DevSession.#dispatch`; whoever drives the session (cli/, index.ts) gets it after that.
 */

import type { RuleRemark } from "../assets/rule-report.ts";
import type { BuildProblem } from "../bundle/build-result.ts";
import type { ResolvedConfig } from "../config/types.ts";
import type { SerializedError } from "../protocol/errors.ts";
import type { HostToSession, RequestLogEntry } from "../protocol/host.ts";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import type { HostDeath } from "./host-process.ts";
import type { InspectorInfo } from "./inspector-door.ts";
import type { NameChange } from "./peers.ts";
import type { ConnectionRow } from "./status.ts";
import type { TraceTree } from "./traces.ts";

/** Why a Worker is built and loaded. "restore": again, as it was, into a new host process. */
export type Cause = "start" | "change" | "restore";

export interface ReadyInfo {
  readonly protocol: "http" | "https";
  readonly ip: string;
  readonly port: number;
  /** Origin of the primary. */
  readonly url: string;
  /** Name and origin of each Worker, the primary first. */
  readonly workers: readonly { readonly name: string; readonly url: string }[];
}

type FromWorkerSession =
  | { readonly type: "config-reloaded"; readonly worker: string; readonly config: ResolvedConfig }
  /** The file was changed to something unusable; the last good config stays in force. */
  | { readonly type: "config-failed"; readonly worker: string; readonly error: unknown }
  | {
      readonly type: "build-started";
      readonly worker: string;
      readonly cause: Cause;
      readonly files: readonly string[];
    }
  /** `text`: for people, several lines, maybe with ANSI colours. */
  | {
      readonly type: "build-failed";
      readonly worker: string;
      readonly text: string;
      /** The same, for programs. */
      readonly problems: readonly BuildProblem[];
      readonly keepsLastGood: boolean;
    }
  | { readonly type: "build-warning"; readonly worker: string; readonly text: string }
  /** Built to the same bytes as before. `recovered`: the build before this one had failed. */
  | {
      readonly type: "unchanged";
      readonly worker: string;
      readonly recovered: boolean;
      readonly ms: number;
    }
  /** What was built differs from what serves: its thread is being replaced. */
  | { readonly type: "loading"; readonly worker: string; readonly cause: Cause }
  /** A generation serves. `ms`: from the change (or the start of the session) until now. */
  | {
      readonly type: "loaded";
      readonly worker: string;
      readonly generation: number;
      readonly entrypoints: readonly EntrypointInfo[];
      readonly cause: Cause;
      readonly ms: number;
    }
  /** The module threw when it was evaluated, or could not be linked. */
  | {
      readonly type: "load-failed";
      readonly worker: string;
      readonly error: SerializedError;
      readonly cause: Cause;
      readonly keepsLastGood: boolean;
    };

/** Some as the host sent them, the others about the host. */
type FromHost =
  | Extract<
      HostToSession,
      { readonly type: "crashed" | "log" | "cron" | "queue-batch" | "queue-remark" }
    >
  | { readonly type: "request"; readonly entry: RequestLogEntry }
  | { readonly type: "host-output"; readonly text: string }
  | { readonly type: "host-died"; readonly death: HostDeath }
  | { readonly type: "host-restarted" };

type FromSession =
  | { readonly type: "configured"; readonly workers: readonly ResolvedConfig[] }
  /** Output of a custom build command. */
  | {
      readonly type: "custom-build";
      readonly worker: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  /** The folder of a Worker's static assets has been read, at the start or after a change. */
  | {
      readonly type: "assets";
      readonly worker: string;
      readonly cause: Cause;
      readonly count: number;
      /** About `_headers` and `_redirects`, where there is something new to say. */
      readonly remarks: readonly RuleRemark[];
    }
  /** It cannot be used as it is now: what was there before is served. */
  | { readonly type: "assets-failed"; readonly worker: string; readonly text: string }
  /** Every Worker is loaded or has said why not: connection states are facts from now on. */
  | {
      readonly type: "settled";
      /** Where the session listens if the primary failed: "ready" comes when it is mended. */
      readonly waiting?: ReadyInfo;
    }
  /** The primary answers. Sent once. */
  | { readonly type: "ready"; readonly ready: ReadyInfo }
  /** Debuggers may connect. */
  | { readonly type: "inspector"; readonly inspector: InspectorInfo }
  /** After "settled": bindings connected or disconnected; only the rows that changed. */
  | { readonly type: "connections-changed"; readonly changes: readonly ChangedConnections[] }
  /** A name of this session is another session's in the registry, or is ours again. */
  | { readonly type: "name"; readonly change: NameChange }
  /** Something about the dev registry that the user should know. */
  | { readonly type: "registry-trouble"; readonly text: string }
  /** Messages wait in a queue that nobody consumes. */
  | { readonly type: "queue-alone"; readonly queue: string; readonly count: number }
  | { readonly type: "stopping" }
  /** The session cannot go on; it is stopping. */
  | { readonly type: "fatal"; readonly error: unknown }
  /** With `traces`: a request that called somebody, or an event, is over. */
  | { readonly type: "trace"; readonly tree: TraceTree }
  /** There were so many that these were not traced. */
  | { readonly type: "traces-passed-over"; readonly worker: string; readonly count: number };

export type SessionEvent = FromWorkerSession | FromHost | FromSession;

export interface ChangedConnections {
  readonly worker: string;
  readonly rows: readonly ConnectionRow[];
}

export type SessionListener = (event: SessionEvent) => void;

const LAST_WORDS: ReadonlySet<SessionEvent["type"]> = new Set([
  "log",
  "request",
  "queue-batch",
  "trace",
]);

/** Told while everything is taken down; that builds and threads end then is no news. */
export function isLastWord({ type }: SessionEvent): boolean {
  return LAST_WORDS.has(type);
}

const REPORTS = [
  "assets",
  "assets-failed",
  "configured",
  "config-failed",
  "build-started",
  "build-warning",
  "loading",
  "log",
  "request",
  "host-output",
  "custom-build",
  "settled",
  "ready",
  "inspector",
  "connections-changed",
  "name",
  "registry-trouble",
  "cron",
  "queue-batch",
  "queue-remark",
  "queue-alone",
  "stopping",
  "trace",
  "traces-passed-over",
] as const;

type Report = Extract<SessionEvent, { readonly type: (typeof REPORTS)[number] }>;

/** For whoever drives the session: nobody in it acts on them. */
export function isReport(event: SessionEvent): event is Report {
  return (REPORTS as readonly string[]).includes(event.type);
}
