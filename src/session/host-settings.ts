/** What the host must know, from the primary's config and the session's options. */
import type { ResolvedConfig } from "../config/types.ts";
import type { HostSettings } from "../protocol/host.ts";

export interface HostSettingsInput {
  readonly primary: ResolvedConfig;
  /** Names of all Workers. */
  readonly workers: readonly string[];
  /** Names in other processes may be asked for. */
  readonly registry: boolean;
  readonly colors: boolean;
  readonly stateRoot: string;
  readonly memoryLimitMb: number | undefined;
  readonly tls: HostSettings["tls"];
}

/** How long a replaced thread may finish what it has begun. */
const DRAIN_MS = 10_000;

export function hostSettingsOf(input: HostSettingsInput): HostSettings {
  const { primary, workers, registry, colors, stateRoot, memoryLimitMb, tls } = input;
  const { dev } = primary;
  return {
    primary: primary.name,
    workers,
    registry,
    upstreamProtocol: dev.upstreamProtocol ?? dev.localProtocol,
    drainMs: DRAIN_MS,
    colors,
    stateRoot,
    ...(dev.host === undefined ? {} : { host: dev.host }),
    ...(tls === undefined ? {} : { tls }),
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
  };
}
