/** What a Worker's thread asks of others than its slot. Main thread of the host; called by worker-slot.ts. */
import type { ThreadToHost } from "../protocol/thread.ts";
import type { SlotContext } from "./slot-context.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** False: it is for the slot of that Worker itself. */
export function passOn(
  worker: string,
  thread: WorkerThread,
  message: ThreadToHost,
  context: SlotContext,
): boolean {
  switch (message.type) {
    case "link-request":
      context.onLinkRequest(worker, thread, message);
      return true;
    case "dynamic-load":
    case "dynamic-drop":
      context.onDynamic(worker, thread, message);
      return true;
    case "asset-request":
      context.onAssetRequest(worker, thread, message);
      return true;
    case "link-stale-seen":
      context.onStaleSeen(thread, message.notice);
      return true;
    default:
      return false;
  }
}
