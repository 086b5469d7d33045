/** What the log says of Workers that take long; times in ms. For worker-slot.ts. */

/** `cpuLimitMs`: when its thread is ended for it, if ever. */
export function stuckText(worker: string, ms: number, cpuLimitMs: number | undefined): string {
  const end =
    cpuLimitMs === undefined
      ? ""
      : ` It is ended after ${cpuLimitMs / 1000} s of CPU time ("limits.cpu_ms").`;
  return `Worker "${worker}" has been running without a pause for ${ms / 1000} s: an endless loop? Requests to it wait. Saving a fix replaces it.${end}`;
}

/** `isServed`: a version before it serves meanwhile. */
export function slowStartText(worker: string, ms: number, isServed: boolean): string {
  return `Worker "${worker}" has been evaluating its top-level code for ${ms / 1000} s; requests to ${isServed ? "it still get the previous version" : "it wait"}.`;
}
