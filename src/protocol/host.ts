/**
 * Messages between the session process and a host process, over the child's IPC channel
 * (`serialization: "advanced"`). Listening sockets travel as handles beside "listen".
 * The host exits by itself when the channel closes.
 */
import type { AssetFiles, AssetsConfig } from "./assets.ts";
import type { Bundle } from "./bundle.ts";
import type { SerializedError } from "./errors.ts";
import type { EventOutcome } from "./events.ts";
import type { BrokerToHost, HostToBroker, QueueConsumer, QueueLogEntry } from "./queues.ts";
import type { RequestPack } from "./request-pack.ts";
import type { SpansMessage } from "./spans.ts";
import type { LogEntry } from "./thread.ts";
import type { EntrypointInfo, WorkerSpec } from "./worker-spec.ts";

export type SessionToHost =
  /** With a bound TCP handle. The session keeps its copy, so the port survives this process. */
  | {
      readonly type: "listen";
      readonly id: number;
      readonly secure: boolean;
      /** Not HTTP: raw connections, for the `connect` handler of this Worker. */
      readonly tcp?: { readonly worker: string };
      /** What answers there instead of the primary. */
      readonly worker?: string;
      /** For debuggers instead of requests. */
      readonly purpose?: "inspector";
    }
  | { readonly type: "settings"; readonly settings: HostSettings }
  /** Run (or reload) a Worker. Later generations of the same name replace earlier ones. */
  | {
      readonly type: "load";
      readonly generation: number;
      readonly spec: WorkerSpec;
      readonly bundle: Bundle;
    }
  /** A Worker is built anew: its "load" comes in a moment, and is to find a thread. */
  | { readonly type: "load-expected" }
  /** No build yet: requests and calls to this Worker are answered with this error. */
  | { readonly type: "build-failed"; readonly worker: string; readonly text: string }
  | { readonly type: "remove"; readonly worker: string }
  /**
   * A Worker's static assets, before its first "load" and whenever they change. Without `files` the
   * folder is still being read, and requests wait; without `config` there are none any more.
   */
  | {
      readonly type: "assets";
      readonly worker: string;
      readonly config?: AssetsConfig;
      readonly files?: AssetFiles;
    }
  /** Answers to "resolve-service": a Worker in another process, or why there is none. */
  | {
      readonly type: "service-found";
      readonly request: number;
      readonly path: string;
      readonly generation: number;
    }
  | {
      readonly type: "service-missing";
      readonly request: number;
      readonly message: string;
      readonly detail?: string;
    }
  /** A Worker of another process came, went or changed: links to it are stale. */
  | { readonly type: "service-changed"; readonly service: string }
  /**
   * State of the bindings to other Workers, by Worker name, for the status page: JSON as it is
   * shown. Sent again whenever it changes.
   */
  | {
      readonly type: "connections";
      readonly connections: Readonly<Record<string, readonly unknown[]>>;
    }
  /** Does this Worker compute at this moment? Answered with "computing". */
  | { readonly type: "is-computing"; readonly request: number; readonly worker: string }
  /** Ask this Worker's thread to listen for other processes. */
  | { readonly type: "expose"; readonly worker: string; readonly path: string }
  | Extract<HostToBroker, { readonly type: "queue-routes" | "queue-listen" | "queue-advance" }>
  /** Drain, then end (by SIGKILL: host/end-process.ts). The session kills it if it takes too long. */
  | { readonly type: "stop" };

export interface HostSettings {
  /** Worker that answers hosts that name no Worker. */
  readonly primary: string;
  /** All Worker names of the session, in `-c` order, loaded or not: requests to them are parked. */
  readonly workers: readonly string[];
  /** Names in other processes may be asked for with "resolve-service". */
  readonly registry: boolean;
  /** By Worker: the host that it sees instead of the client's (`--host`, `dev.host`, its first route). */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly upstreamProtocol: "http" | "https";
  /** By Worker: requests go where the routes lead (`--routes-dispatch`). */
  readonly routes?: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds that a replaced thread may go on with in-flight requests and waitUntil. */
  readonly drainMs: number;
  /** Workers that nobody has called yet keep their threads, however many there are; default false. */
  readonly keepAwake?: boolean;
  /** ms without use after which a dynamic Worker ends; default 60 s. */
  readonly dynamicIdleMs?: number;
  /** True when the terminal shows colours: console output is inspected with them. */
  readonly colors: boolean;
  /** Folder of local state: `<...>/.wrangler/state/v3`; may not exist yet. */
  readonly stateRoot: string;
  /** Folder of what this session mails. */
  readonly mailFolder: string;
  /** Pages of HTML are loaded again by the browser when something has changed. */
  readonly liveReload?: boolean;
  /** `/__scheduled` plays a cron trigger (`--test-scheduled`). */
  readonly testScheduled?: boolean;
  /** Socket of the session's process that outbound HTTP requests go to (protocol/outbound-hook.ts). */
  readonly outbound?: string;
  /** Finished requests are told with their ids. */
  readonly requestIds?: boolean;
  /** What Workers do for a request is recorded and told (`--trace`). */
  readonly traces?: boolean;
  /** Cron triggers fire on their schedules (`--cron`). */
  readonly cron?: CronSettings;
  /** The queues that Workers of this session consume. */
  readonly queueConsumers?: readonly QueueConsumer[];
  /** Queues may have messages of earlier sessions: their broker is asked. */
  readonly hasQueueBacklog?: boolean;
  /** What debuggers are told and given. */
  readonly inspector?: InspectorSettings;
  /** PEM texts for "listen" with `secure`. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /**
   * Megabytes of heap and buffers at which a busy thread is ended before it takes the process
   * with it; 0 switches the watch off. Default 512.
   */
  readonly memoryLimitMb?: number;
  /** The limit is production's: invocations fail with its error (`--limits enforce`). */
  readonly enforceMemory?: boolean;
}

export interface InspectorSettings {
  /** Of drover. */
  readonly version: string;
  /** The Worker that clients get that ask for none; default: the primary. */
  readonly first?: string;
  /** Workers that wait for a client before they are evaluated for the first time. */
  readonly breaks: readonly string[];
}

export type HostToSession =
  /** The process is up; sent once, before anything else. */
  | { readonly type: "booted" }
  /** The process ends itself, of no more use: one clause, for people. Another is to be started. */
  | { readonly type: "ending"; readonly reason: string }
  | {
      readonly type: "listening";
      readonly id: number;
      readonly address: string;
      readonly port: number;
    }
  | {
      readonly type: "listen-failed";
      readonly id: number;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly type: "loaded";
      readonly worker: string;
      readonly generation: number;
      readonly entrypoints: readonly EntrypointInfo[];
      /** It has been evaluated and sleeps until it is called; default false. */
      readonly asleep?: boolean;
    }
  /** A sleeping Worker was called and serves. */
  | { readonly type: "woken"; readonly worker: string }
  /** A request or call waits for a Worker that was not sent yet: it is to be built first. */
  | { readonly type: "wanted"; readonly worker: string }
  | {
      readonly type: "load-failed";
      readonly worker: string;
      readonly generation: number;
      readonly error: SerializedError;
    }
  /** The Worker's thread ended on its own (out of memory, process.exit, ...); it is restarted. */
  | {
      readonly type: "crashed";
      readonly worker: string;
      readonly generation: number;
      readonly reason: string;
    }
  | { readonly type: "log"; readonly worker: string; readonly entry: LogEntry }
  | RequestPack
  /** What Workers did for requests; with HostSettings.traces. */
  | (SpansMessage & { readonly worker: string })
  /** A cron trigger has fired, and its handler is done. */
  | { readonly type: "cron"; readonly entry: CronLogEntry }
  /** A batch of queue messages is over. */
  | { readonly type: "queue-batch"; readonly entry: QueueLogEntry }
  | {
      readonly type: "queue-remark";
      readonly worker: string;
      readonly level: "warn" | "debug" | "error";
      readonly text: string;
    }
  | Extract<
      BrokerToHost,
      {
        readonly type:
          | "queue-waiting"
          | "queue-listening"
          | "queue-listen-failed"
          | "queue-advanced";
      }
    >
  /**
   * "log" and "requests" messages travel in batches, in the order in which they happened: one IPC
   * message for everything that came up while the one before was being written.
   */
  | { readonly type: "batch"; readonly messages: readonly HostToSession[] }
  | {
      readonly type: "resolve-service";
      readonly request: number;
      readonly service: string;
      readonly from: string;
      /** Address of an earlier answer, at which nobody listens. */
      readonly unreachable?: string;
    }
  | {
      readonly type: "exposed";
      readonly worker: string;
      readonly path: string;
      readonly generation: number;
    }
  | {
      readonly type: "expose-failed";
      readonly worker: string;
      readonly path: string;
      readonly message: string;
    }
  | { readonly type: "computing"; readonly request: number; readonly answer: boolean }
  /**
   * Workers that are inside a turn right now, sent when the set changes and has been stable for a
   * moment, so that after a crash the session can say who was to blame.
   */
  | { readonly type: "busy"; readonly workers: readonly string[] };

export interface CronSettings {
  readonly triggers: readonly { readonly worker: string; readonly cron: string }[];
  /** So much faster than the machine's clock runs that of the schedules. */
  readonly timeScale: number;
}

/** One cron trigger that fired. */
export interface CronLogEntry {
  readonly worker: string;
  readonly cron: string;
  readonly outcome: EventOutcome;
  readonly durationMs: number;
}

/** One finished external request. */
export interface RequestLogEntry {
  readonly worker: string;
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly status: number;
  readonly statusText: string;
  readonly durationMs: number;
  /** The client went away before the response was complete. */
  readonly aborted: boolean;
  /** What is to be said of it beside that. */
  readonly note?: string;
  /** The response began and could not be completed: its body failed, or its thread ended. */
  readonly cut: boolean;
  /** As in LogEntry; with HostSettings.requestIds, where a Worker was asked. */
  readonly requestId?: string;
  readonly traceId?: string;
}
