/**
 * What becomes of each message of a batch (spec/resources.md 8.4). Pure; used by consumer.ts.
 */
import type { QueueConsumer, QueueDecision } from "../../protocol/queues.ts";

/** A message of the batch; `attempts` includes this delivery. */
export interface Delivered {
  readonly id: string;
  readonly attempts: number;
}

export type Fate =
  | { readonly type: "acknowledged"; readonly id: string }
  /** `delay` in seconds. */
  | { readonly type: "retry"; readonly id: string; readonly delay: number }
  | { readonly type: "dead-letter"; readonly id: string; readonly queue: string }
  | { readonly type: "dropped"; readonly id: string };

/**
 * `ok`: the handler and its waitUntil work came to a good end. What was acknowledged before a failure
 * stays so, as in production; wrangler delivers it again.
 */
export function decide(
  messages: readonly Delivered[],
  ok: boolean,
  decision: QueueDecision | undefined,
  consumer: QueueConsumer,
): Fate[] {
  const { ackAll = false, retryAll, acks = [], retries = [] } = decision ?? {};
  const acknowledged = new Set(acks);
  const retried = new Map(retries.map(({ id, delay }) => [id, delay]));
  return messages.map(({ id, attempts }) => {
    const isRetried = retried.has(id) || (!ackAll && (!ok || retryAll !== undefined));
    if (acknowledged.has(id) || !isRetried) return { type: "acknowledged", id };
    if (attempts <= consumer.maxRetries) {
      const delay = retried.get(id) ?? retryAll?.delay ?? consumer.retryDelay;
      return { type: "retry", id, delay };
    }
    const { deadLetterQueue } = consumer;
    if (deadLetterQueue === undefined) return { type: "dropped", id };
    return { type: "dead-letter", id, queue: deadLetterQueue };
  });
}
