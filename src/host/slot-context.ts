/** What a worker-slot.ts uses of the host around it; no code. */
import type { HostSettings } from "../protocol/host.ts";
import type { ThreadToHost } from "../protocol/thread.ts";
import type { Breach } from "./breach.ts";
import type { LoaderMessage } from "./dynamic/contract.ts";
import type { Debuggers } from "./inspector/debuggers.ts";
import type { SessionLink } from "./session-link.ts";
import type { Spares } from "./spares.ts";
import type { StaleNotice } from "./stale-notice.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface SlotContext {
  readonly spares: Spares;
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  readonly debuggers: Debuggers;
  /** There are so many Workers that those that nobody has called do without a thread. */
  readonly maySleep: () => boolean;
  /** A thread is given something to do. */
  readonly onWork: (worker: string) => void;
  /** The live generation changed or is gone: links to it are stale. */
  readonly onSwitched: (worker: string) => StaleNotice;
  readonly onStaleSeen: (thread: WorkerThread, notice: number) => void;
  /** Its thread will be ended for this: who called it is to hear why, and has when it resolves. */
  readonly onBreach: (thread: WorkerThread, breach: Breach) => Promise<void>;
  readonly onAssetRequest: (
    asked: string,
    thread: WorkerThread,
    message: Extract<ThreadToHost, { readonly type: "asset-request" }>,
  ) => void;
  /** It loads a dynamic Worker, or gives one up. */
  readonly onDynamic: (from: string, thread: WorkerThread, message: LoaderMessage) => void;
  readonly onLinkRequest: (
    from: string,
    thread: WorkerThread,
    message: Extract<ThreadToHost, { readonly type: "link-request" }>,
  ) => void;
}
