/** What the host must know, from the primary's config and the session's options. */
import type { ResolvedConfig } from "../config/types.ts";
import type { CronSettings, HostSettings } from "../protocol/host.ts";
import type { QueueConsumer } from "../protocol/queues.ts";
import type { DevSessionOptions } from "./session-options.ts";

type FromOptions =
  | "colors"
  | "keepAwake"
  | "memoryLimitMb"
  | "limits"
  | "liveReload"
  | "testScheduled"
  | "requestIds"
  | "traces"
  | "outbound"
  | "routesDispatch"
  | "cron";

export interface HostSettingsInput extends Pick<DevSessionOptions, FromOptions> {
  readonly primary: ResolvedConfig;
  /** All Workers, in order. */
  readonly workers: readonly Pick<ResolvedConfig, "name" | "dev" | "crons" | "routes">[];
  /** Names in other processes may be asked for. */
  readonly registry: boolean;
  readonly stateRoot: string;
  readonly mailFolder: string;
  readonly tls: HostSettings["tls"];
  readonly queueConsumers: readonly QueueConsumer[];
  readonly hasQueueBacklog: boolean;
  readonly inspector: HostSettings["inspector"];
}

/** How long a replaced thread may finish what it has begun. */
const DRAIN_MS = 10_000;

/** Production's. */
const ENFORCED = { memoryLimitMb: 128, enforceMemory: true } as const;

export function hostSettingsOf(input: HostSettingsInput): HostSettings {
  const { primary, workers, registry, colors, stateRoot, memoryLimitMb, limits, tls, cron } = input;
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
    keepAwake: input.keepAwake ?? false,
    liveReload: input.liveReload ?? false,
    testScheduled: input.testScheduled ?? false,
    requestIds: input.requestIds ?? false,
    traces: input.traces ?? false,
    queueConsumers: input.queueConsumers,
    hasQueueBacklog: input.hasQueueBacklog,
    ...(input.routesDispatch === true && {
      routes: Object.fromEntries(workers.map(({ name, routes }) => [name, routes])),
    }),
    ...(input.outbound === undefined ? {} : { outbound: input.outbound }),
    ...(cron === undefined ? {} : { cron: { ...cron, triggers: triggersOf(workers) } }),
    ...(input.inspector === undefined ? {} : { inspector: input.inspector }),
    ...(tls === undefined ? {} : { tls }),
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
    ...(limits === "enforce" ? ENFORCED : {}),
    ...dynamicTimes(),
  };
}

/** For tests and the impatient: ms without use after which a dynamic Worker ends. */
function dynamicTimes(): Pick<HostSettings, "dynamicIdleMs"> {
  const dynamicIdleMs = Number(process.env.DROVER_DYNAMIC_WORKER_IDLE_MS);
  return dynamicIdleMs > 0 ? { dynamicIdleMs } : {};
}

function triggersOf(workers: HostSettingsInput["workers"]): CronSettings["triggers"] {
  return workers.flatMap(({ name, crons }) => crons.map((cron) => ({ worker: name, cron })));
}
