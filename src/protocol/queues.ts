/**
 * Queues between their three places: the producer's and consumer's threads, the broker in the storage
 * thread (resources/queues/) and the host, which knows the Workers. Plain data only.
 */

export type QueueContentType = "json" | "text" | "bytes" | "v8";

/** A message as a producer sends it. */
export interface SentMessage {
  readonly type: QueueContentType;
  readonly body: Uint8Array;
  /** Seconds; absent: none. */
  readonly delay?: number;
}

/** A message as a handler gets it. */
export interface QueuedMessage {
  readonly id: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly timestamp: number;
  /** This delivery included. */
  readonly attempts: number;
  readonly type: QueueContentType;
  readonly body: Uint8Array;
}

/** What waits in a queue: neither delayed nor with a handler. */
export interface QueueMetrics {
  readonly backlogCount: number;
  readonly backlogBytes: number;
  /** Milliseconds since the epoch; absent if nothing waits. */
  readonly oldestMessageTimestamp?: number;
}

/** Who consumes a queue, and how (spec/resources.md 8.2). */
export interface QueueConsumer {
  readonly queue: string;
  readonly worker: string;
  readonly maxBatchSize: number;
  /** Seconds. */
  readonly maxBatchTimeout: number;
  readonly maxRetries: number;
  /** Seconds. */
  readonly retryDelay: number;
  readonly deadLetterQueue?: string;
}

export interface QueueBatch {
  readonly queue: string;
  readonly messages: readonly QueuedMessage[];
  /** What is left after this batch. */
  readonly metrics: QueueMetrics;
}

/** What a handler said of its batch. */
export interface QueueDecision {
  readonly ackAll: boolean;
  /** `delay` in seconds. */
  readonly retryAll?: { readonly delay?: number };
  /** Ids. */
  readonly acks: readonly string[];
  readonly retries: readonly { readonly id: string; readonly delay?: number }[];
}

/** What became of a batch, from the host to the broker. */
export type BatchEnd =
  /** Its handler ran; `ok`: to a good end. */
  | { readonly type: "handled"; readonly ok: boolean; readonly decision: QueueDecision | undefined }
  /** No handler ran, or its thread went before it was done: no attempt is counted. */
  | { readonly type: "lost"; readonly reason: string; readonly retry: "now" | "when-loaded" };

/** Host -> broker. */
export type HostToBroker =
  /** Everybody who consumes in this session; sent when the thread starts and on each change. */
  | { readonly type: "queue-consumers"; readonly consumers: readonly QueueConsumer[] }
  /** Sockets of brokers of other sessions, by the queues that they consume. */
  | { readonly type: "queue-routes"; readonly routes: Readonly<Record<string, string>> }
  | { readonly type: "queue-batch-end"; readonly batch: number; readonly end: BatchEnd }
  /** The Worker serves (again): what waited for it is delivered. */
  | { readonly type: "queue-worker-loaded"; readonly worker: string }
  /** Take messages of other sessions' brokers on this socket path. */
  | { readonly type: "queue-listen"; readonly path: string }
  | AdvanceQueues;

/** A test lets time go by for delays and for batches that fill; answered by QueuesAdvanced. */
export interface AdvanceQueues {
  readonly type: "queue-advance";
  readonly request: number;
  /** 0: what is due now is waited for. */
  readonly ms: number;
}

export interface QueuesAdvanced {
  readonly type: "queue-advanced";
  readonly request: number;
  /** ms until the next message or batch is due; null: nothing waits. */
  readonly next: number | null;
  /** Batches that ended meanwhile, in order. */
  readonly handled: readonly QueueLogEntry[];
}

/** Broker -> host. */
export type BrokerToHost =
  | {
      readonly type: "queue-batch";
      /** Number of this delivery, never reused by a thread. */
      readonly batch: number;
      readonly worker: string;
      readonly content: QueueBatch;
    }
  /** A batch is over: the log line. */
  | { readonly type: "queue-handled"; readonly entry: QueueLogEntry }
  /** Something to say about messages, as a Worker's log line. */
  | {
      readonly type: "queue-remark";
      /** Undefined: the session's. */
      readonly worker: string | undefined;
      readonly level: "warn" | "debug" | "error";
      readonly text: string;
    }
  /** How many messages wait in queues that nobody consumes here; sent when that changes. */
  | { readonly type: "queue-waiting"; readonly waiting: Readonly<Record<string, number>> }
  | QueuesAdvanced
  | { readonly type: "queue-listening"; readonly path: string }
  | { readonly type: "queue-listen-failed"; readonly path: string; readonly message: string };

/** One finished batch. */
export interface QueueLogEntry {
  readonly worker: string;
  readonly queue: string;
  readonly acknowledged: number;
  readonly total: number;
  readonly durationMs: number;
}

/** Messages that a broker hands to the one of another session. */
export interface RelayedMessage extends QueuedMessage {
  /** Not before; milliseconds since the epoch. */
  readonly due: number;
}

/** So many messages wait in a queue at most: beyond, the oldest are dropped. */
export const MAX_WAITING = 10_000;
