/** What the watchdog and the limits look at: a Worker with its threads. No code. */
import type { SerializedError } from "../protocol/errors.ts";
import type { Breach } from "./breach.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface Watched {
  /** The Worker that people know it by. */
  readonly name: string;
  /** All that run its code. */
  threads(): WorkerThread[];
  owns(thread: WorkerThread): boolean;
  /** How long the thread has not reached its event loop. */
  onStuck(thread: WorkerThread, ms: number): void;
  /** Ends the thread for a reason of the host's own. */
  kill(thread: WorkerThread, reason: string): void;
  /** One invocation went over a limit: it alone ends, if its thread still hears. */
  endInvocation(thread: WorkerThread, breach: Breach): void;
  /** Its top-level code went over a limit: it has not started. */
  endStart(thread: WorkerThread, error: SerializedError): void;
  /** Nothing less than its thread can be ended. */
  endForBreach(thread: WorkerThread, breach: Breach): Promise<void>;
}
