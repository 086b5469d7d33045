/**
 * The path on which a session hands a batch of messages to the `queue` handler of one of its Workers
 * without a queue: asked by `drover trigger` and the test API, answered by the host.
 *
 *     POST /cdn-cgi/drover/queue?queue=NAME     body: PlayedMessage[] as JSON; answer: PlayedBatch
 */
export const QUEUE_PATH = "/cdn-cgi/drover/queue";

export interface PlayedMessage {
  readonly body: unknown;
  /** Default: a new one. */
  readonly id?: string;
  /** Milliseconds since the epoch; default: now. */
  readonly timestamp?: number;
  /** This delivery included; default 1. */
  readonly attempts?: number;
}

/** What the handler said; the names are those of `FetcherQueueResult` of the platform's types. */
export interface PlayedBatch {
  readonly outcome: "ok" | "exception" | "exceededCpu" | "exceededMemory";
  readonly ackAll: boolean;
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number };
  readonly explicitAcks: readonly string[];
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[];
}
