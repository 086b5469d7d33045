/** What a Worker's thread must know, from its resolved config. */
import type { ResolvedConfig } from "../config/types.ts";
import type { BindingSpec, WorkerSpec } from "../protocol/worker-spec.ts";

export interface SpecOptions {
  readonly strict: boolean;
  readonly limits: WorkerSpec["limits"];
  readonly showsEnv?: boolean;
  readonly overrides?: readonly BindingOverride[];
}

/** What stands in `env` instead of what the config says, or beside it. */
export interface BindingOverride {
  /** Of the Worker of this name, or of this config; absent: of every Worker. */
  readonly worker?: string;
  readonly configPath?: string;
  readonly binding: BindingSpec;
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
    bindings: overridden(config, options.overrides ?? []),
    ...(options.showsEnv === true && { showsEnv: true }),
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

function overridden(
  { name, configPath: path, bindings }: Pick<ResolvedConfig, "name" | "configPath" | "bindings">,
  overrides: readonly BindingOverride[],
): readonly BindingSpec[] {
  const own = overrides
    .filter(({ worker = name, configPath = path }) => worker === name && configPath === path)
    .map(({ binding }) => binding);
  const names = new Set(own.map((binding) => binding.name));
  return [...bindings.filter((binding) => !names.has(binding.name)), ...own];
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
