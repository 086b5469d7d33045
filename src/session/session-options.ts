/** What a dev session is started with. Types only. */
import type { ConfigFlags, ConfigSource } from "../config/flags.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";
import type { SessionListener } from "./events.ts";
import type { HostProcess } from "./host-process.ts";
import type { InspectorOptions } from "./inspector-door.ts";
import type { PeerDirectory } from "./peers.ts";
import type { TlsFiles } from "./tls.ts";
import type { WorkerPorts } from "./worker-ports.ts";
import type { BindingOverride } from "./worker-spec.ts";

export interface DevSessionOptions {
  /** The first is the primary. */
  readonly sources: readonly ConfigSource[];
  readonly flags: ConfigFlags;
  /** False: built once, nothing is watched. */
  readonly watch: boolean;
  readonly strict: boolean;
  readonly limits: WorkerSpec["limits"];
  /** Console output of Workers is formatted with ANSI colours. */
  readonly colors: boolean;
  readonly tls?: TlsFiles;
  readonly memoryLimitMb?: number;
  /** `--live-reload` */
  readonly liveReload?: boolean;
  /** `--worker-port` */
  readonly workerPorts?: WorkerPorts;
  /** Requests go by the routes of the configs; `--routes-dispatch`. */
  readonly routesDispatch?: boolean;
  /** Socket of this process that the Workers' outbound HTTP requests go to. */
  readonly outbound?: string;
  /** "request" events name their requests, as "log" events do. */
  readonly requestIds?: boolean;
  /** "trace" events tell what Workers did for requests; `--trace`. */
  readonly traces?: boolean;
  /** `--test-scheduled` */
  readonly testScheduled?: boolean;
  /** Cron triggers fire on their schedules, so much faster than the machine's clock; `--cron`. */
  readonly cron?: { readonly timeScale: number };
  /** `--persist-to`: where local state lies, from the working directory. */
  readonly persistTo?: string | undefined;
  /** Workers that nobody has called yet keep their threads, however many there are; default false. */
  readonly keepAwake?: boolean;
  /** Where debuggers connect; undefined: nowhere. */
  readonly inspector?: InspectorOptions;
  readonly peers?: PeerDirectory;
  /** A host that was forked earlier; the session owns it from now on. */
  readonly host?: HostProcess;
  /** The Workers' bindings may be used from this process. */
  readonly showsEnv?: boolean;
  /** Bindings that the program plays. */
  readonly overrides?: readonly BindingOverride[];
  readonly listener: SessionListener;
}
