/** What a Worker's thread must know, from its resolved config. */
import type { ResolvedConfig } from "../config/types.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";

export interface SpecOptions {
  readonly strict: boolean;
  readonly limits: WorkerSpec["limits"];
}

/** `stateRoot`: folder of local state. */
export function workerSpecOf(
  config: ResolvedConfig,
  options: SpecOptions,
  stateRoot: string,
): WorkerSpec {
  const { durableObjects: classes } = config;
  return {
    name: config.name,
    compatibilityDate: config.compatibilityDate,
    compatibilityFlags: config.compatibilityFlags,
    bindings: config.bindings,
    ...(config.assets !== undefined && { hasAssets: true }),
    ...(classes.length > 0 && { durableObjects: { classes, stateRoot, ...objectTimes() } }),
    ...(config.tailConsumers.length > 0 && { tailConsumers: config.tailConsumers }),
    ...(config.streamingTailConsumers.length > 0 && {
      streamingTailConsumers: config.streamingTailConsumers,
    }),
    strict: options.strict,
    limits: options.limits,
    ...(options.limits === "off" ? {} : { cpuMs: config.cpuMs }),
  };
}

/**
 * For tests and the impatient: ms after which an idle Durable Object is dropped, and ms that a
 * critical section may last.
 */
function objectTimes(): { readonly idleMs?: number; readonly sectionLimitMs?: number } {
  const idleMs = Number(process.env.DROVER_DURABLE_OBJECT_IDLE_MS);
  const sectionLimitMs = Number(process.env.DROVER_DURABLE_OBJECT_SECTION_MS);
  return { ...(idleMs > 0 && { idleMs }), ...(sectionLimitMs > 0 && { sectionLimitMs }) };
}
