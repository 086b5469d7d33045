/** What a Worker's thread must know, from its resolved config. */
import type { ResolvedConfig } from "../config/types.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";

export interface SpecOptions {
  readonly strict: boolean;
  readonly limits: WorkerSpec["limits"];
}

export function workerSpecOf(config: ResolvedConfig, options: SpecOptions): WorkerSpec {
  return {
    name: config.name,
    compatibilityDate: config.compatibilityDate,
    compatibilityFlags: config.compatibilityFlags,
    bindings: config.bindings,
    ...(config.assets !== undefined && { hasAssets: true }),
    strict: options.strict,
    limits: options.limits,
    ...(options.limits === "off" ? {} : { cpuMs: config.cpuMs }),
  };
}
