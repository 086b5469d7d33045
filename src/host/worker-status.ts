/**
 * What the status page shows of a Worker's threads: counts and usage of the one that serves, and the
 * dynamic Workers that it has loaded. Main thread of the host; asked by front-door.ts.
 */
import type { DynamicStatus, StatusWorker, Usage } from "../protocol/status-page.ts";
import { isLost } from "./computing.ts";
import type { WorkerSlot } from "./worker-slot.ts";
import type { WorkerThread } from "./worker-thread.ts";

/** One that the Worker `name` has loaded. */
export interface ShownDynamicWorker {
  readonly name: string;
  readonly isLive: boolean;
  threads(): WorkerThread[];
}

export interface StatusSources {
  /** CPU time and memory of a thread; `collect`: without its garbage. */
  readonly usageOf: (thread: WorkerThread, collect: boolean) => Promise<Usage>;
  readonly dynamicWorkers: () => Iterable<ShownDynamicWorker>;
}

/** Never rejects: threads that do not answer are shown without counts. */
export async function statusOf(
  { name, live }: WorkerSlot,
  { usageOf, dynamicWorkers }: StatusSources,
  collect: boolean,
): Promise<Pick<StatusWorker, "usage" | "objects" | "dynamic">> {
  const loaded = [...dynamicWorkers()].filter((worker) => worker.name === name);
  const [counts, usage, dynamic] = await Promise.all([
    live?.count(() => isLost(live)),
    live && usageOf(live, collect),
    Promise.all(
      loaded.flatMap((worker) =>
        worker.threads().map(
          async (thread): Promise<DynamicStatus> => ({
            name: thread.workerName,
            status: worker.isLive ? "ready" : "starting",
            ...(worker.isLive && { usage: await usageOf(thread, collect) }),
          }),
        ),
      ),
    ),
  ]);
  return {
    ...(usage && { usage }),
    ...(counts && { rpc: counts.rpc, objects: counts.objects }),
    ...(dynamic.length > 0 && { dynamic }),
  };
}
