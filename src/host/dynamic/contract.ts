/** What links and slots know of dynamic Workers; no code. */
import type { ThreadToHost } from "../../protocol/thread.ts";
import type { LinkWaiter } from "../waiting-room.ts";
import type { WorkerThread } from "../worker-thread.ts";

/** What a Worker's thread says of those that it loads. */
export type LoaderMessage = Extract<ThreadToHost, { readonly type: `dynamic-${string}` }>;

/** Where a link leads. */
export interface LinkTarget {
  readonly name: string;
  /** Calls back with the thread that serves, as soon as there is one, or with why there is none. */
  whenLinkable(waiter: LinkWaiter): void;
}

/** One that a debugger can be attached to. */
export interface DynamicTarget {
  /** Unique among those that are there: `loader[id]`, with a number behind it if that is taken. */
  readonly target: string;
  /** Of its loader's Worker. */
  readonly name: string;
  /** Undefined unless it serves. */
  readonly debugged: WorkerThread | undefined;
}

/** All dynamic Workers of the host. */
export interface DynamicThreads {
  /** Of that name, loaded by the Worker in this thread. */
  find(loader: WorkerThread, service: string): LinkTarget | undefined;
  /** All that may have links. */
  linkedThreads(): WorkerThread[];
}
