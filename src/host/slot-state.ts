/** What a worker-slot.ts says of itself: one word of the status page. */
import type { WorkerStatus } from "../protocol/status-page.ts";
import type { Refusal } from "./refusals.ts";
import type { Version, WorkerThread } from "./worker-thread.ts";

/** `refusal`: why nobody is served; what is being loaded may yet end it. */
export function slotState(
  live: WorkerThread | undefined,
  isAsleep: boolean,
  loading: Version | undefined,
  refusal: Refusal | undefined,
): WorkerStatus["status"] {
  if (live !== undefined) return "ready";
  if (isAsleep) return "asleep";
  if (refusal === undefined || loading !== undefined) return "building";
  return refusal.kind === "crashed" ? "crashed" : "build-failed";
}
