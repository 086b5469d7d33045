/** What a Worker's slot knows of the debuggers around it; no code. */
import type { Version, WorkerThread } from "../worker-thread.ts";

/** Asked by the slots; implemented by inspector.ts. */
export interface Debuggers {
  /**
   * `thread` is about to evaluate `version`: clients of the Worker move to it, so that breakpoints
   * at module scope hit. Undefined without clients; else resolves when they are there.
   */
  beforeLoad(worker: string, thread: WorkerThread, version: Version): Promise<void> | undefined;
  /** What was being loaded has failed: its clients go back to the thread that serves. */
  onLoadFailed(worker: string): void;
  /** A client is there, or waited for: the Worker needs a thread. */
  isWatched(worker: string): boolean;
}
