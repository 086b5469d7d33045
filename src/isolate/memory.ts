/** The memory of this thread, for the host's watchdog. Thread: the Worker's. */
import { runInNewContext } from "node:vm";
import type { MemoryUse } from "../protocol/thread.ts";
import { nodeV8 } from "../util/late-modules.ts";

/** `collect`: only what is in use; garbage is thrown away first (about 10 ms per 100 MB). */
export function measureMemory(collect: boolean): MemoryUse {
  if (collect) collectGarbage();
  const { total_heap_size, used_heap_size, external_memory } = nodeV8().getHeapStatistics();
  const heapBytes = collect ? used_heap_size : total_heap_size;
  return { heapBytes, externalBytes: external_memory };
}

/**
 * V8 gives `gc` only to contexts that are made while the flag is set. It is taken back at once: code
 * caches are only good for the flags that they were made with.
 */
export function collectGarbage(): void {
  const { setFlagsFromString } = nodeV8();
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  gc();
}
