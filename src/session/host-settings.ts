/** What the host must know, from the primary's config and the session's options. */
import type { ResolvedConfig } from "../config/types.ts";
import type { CronSettings, HostSettings } from "../protocol/host.ts";
import type { QueueConsumer } from "../protocol/queues.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";

export interface HostSettingsInput {
  readonly primary: ResolvedConfig;
  /** All Workers, in order. */
  readonly workers: readonly Pick<ResolvedConfig, "name" | "dev" | "crons">[];
  /** Names in other processes may be asked for. */
  readonly registry: boolean;
  readonly colors: boolean;
  readonly stateRoot: string;
  readonly mailFolder: string;
  readonly keepAwake: boolean;
  readonly memoryLimitMb: number | undefined;
  readonly limits: WorkerSpec["limits"];
  readonly tls: HostSettings["tls"];
  readonly liveReload: boolean;
  readonly testScheduled: boolean;
  readonly requestIds: boolean;
  readonly cron: { readonly timeScale: number } | undefined;
  readonly queueConsumers: readonly QueueConsumer[];
  readonly hasQueueBacklog: boolean;
}

/** How long a replaced thread may finish what it has begun. */
const DRAIN_MS = 10_000;

/** Production's. */
const ENFORCED = { memoryLimitMb: 128, enforceMemory: true } as const;

export function hostSettingsOf(input: HostSettingsInput): HostSettings {
  const {
    primary,
    workers,
    registry,
    colors,
    stateRoot,
    keepAwake,
    memoryLimitMb,
    limits,
    tls,
    cron,
  } = input;
  const { dev } = primary;
  return {
    primary: primary.name,
    workers: workers.map(({ name }) => name),
    hosts: Object.fromEntries(
      workers.flatMap(({ name, dev: { host } }) => (host === undefined ? [] : [[name, host]])),
    ),
    registry,
    upstreamProtocol: dev.upstreamProtocol ?? dev.localProtocol,
    drainMs: DRAIN_MS,
    colors,
    stateRoot,
    mailFolder: input.mailFolder,
    keepAwake,
    liveReload: input.liveReload,
    testScheduled: input.testScheduled,
    requestIds: input.requestIds,
    queueConsumers: input.queueConsumers,
    hasQueueBacklog: input.hasQueueBacklog,
    ...(cron === undefined ? {} : { cron: { ...cron, triggers: triggersOf(workers) } }),
    ...(tls === undefined ? {} : { tls }),
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
    ...(limits === "enforce" ? ENFORCED : {}),
  };
}

function triggersOf(workers: HostSettingsInput["workers"]): CronSettings["triggers"] {
  return workers.flatMap(({ name, crons }) => crons.map((cron) => ({ worker: name, cron })));
}
