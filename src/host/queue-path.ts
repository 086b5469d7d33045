/**
 * Answers protocol/queue-path.ts: the messages of the request become one batch for the handler, and
 * what it said of them is told. No queue knows of it: nothing is delivered again. Main thread of the
 * host; used by front-door.ts.
 */
import { randomUUID } from "node:crypto";
import type { EventAnswer } from "../protocol/events.ts";
import { type PlayedBatch, type PlayedMessage, QUEUE_PATH } from "../protocol/queue-path.ts";
import type { QueuedMessage } from "../protocol/queues.ts";
import { messageOf } from "../util/errors.ts";
import { EventDelivery } from "./event-delivery.ts";
import type { Exchange } from "./exchange.ts";
import type { WorkerSlot } from "./worker-slot.ts";

const TEXT = "text/plain;charset=utf-8";
/** More than a hundred messages of the largest size. */
const MAX_BYTES = 32 * 1024 * 1024;

/** True: `target` is the path, and the exchange will have its answer. */
export function playQueue(exchange: Exchange, slot: WorkerSlot, target: string): boolean {
  if (target !== QUEUE_PATH && !target.startsWith(`${QUEUE_PATH}?`)) return false;
  if (exchange.request.method !== "POST") {
    exchange.answer(405, TEXT, "Only POST plays a batch.");
    return true;
  }
  const queue = new URL(target, "http://localhost").searchParams.get("queue") ?? "";
  readMessages(exchange, Date.now()).then(
    (messages) => deliver(exchange, slot, queue, messages),
    (error: unknown) => exchange.answer(400, TEXT, messageOf(error)),
  );
  return true;
}

function deliver(
  exchange: Exchange,
  slot: WorkerSlot,
  queue: string,
  messages: readonly QueuedMessage[],
): void {
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  const onAnswer = (answer: EventAnswer): void =>
    exchange.answer(200, "application/json", JSON.stringify(resultOf(answer)));
  const ends = { onAnswer, onFailure: exchange.fail.bind(exchange) };
  slot.dispatch(new EventDelivery({ type: "queue", queue, messages, metrics }, ends));
}

/** Rejects with what is wrong with the body. */
async function readMessages({ request }: Exchange, now: number): Promise<QueuedMessage[]> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Error("The messages are too large for one batch.");
  }
  const messages: unknown = JSON.parse(text);
  if (!Array.isArray(messages) || !messages.every(isMessage)) {
    throw new Error('Expected a list of messages such as [{ "body": 1 }].');
  }
  return messages.map(({ body, id = randomUUID(), timestamp = now, attempts = 1 }) => ({
    id,
    timestamp,
    attempts,
    type: "json",
    body: new TextEncoder().encode(JSON.stringify(body)),
  }));
}

function isMessage(value: unknown): value is PlayedMessage {
  if (typeof value !== "object" || value === null || !("body" in value)) return false;
  const { id = "", timestamp = 0, attempts = 1 } = value as Readonly<Record<string, unknown>>;
  const isCount = Number.isInteger(attempts) && (attempts as number) > 0;
  return typeof id === "string" && Number.isFinite(timestamp) && isCount;
}

function resultOf({ outcome, queue }: EventAnswer): PlayedBatch {
  const { ackAll = false, retryAll, acks = [], retries = [] } = queue ?? {};
  const delayed = (delay: number | undefined): { delaySeconds?: number } =>
    delay === undefined ? {} : { delaySeconds: delay };
  return {
    outcome,
    ackAll,
    retryBatch: { retry: retryAll !== undefined, ...delayed(retryAll?.delay) },
    explicitAcks: acks,
    retryMessages: retries.map(({ id, delay }) => ({ msgId: id, ...delayed(delay) })),
  };
}
