/**
 * `env.QUEUE` of a producer (spec/resources.md 8.1): checks and serializes messages here, in the Worker's
 * thread, and calls the queue in the storage thread (resources/queues/queue.ts).
 */
import { requireInvocation } from "../../../isolate/invocation.ts";
import { inSpan } from "../../../isolate/spans.ts";
import type { QueueMetrics, SentMessage } from "../../../protocol/queues.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { refuseCloning } from "../clone-refusals.ts";
import { ILLEGAL_INVOCATION, toInteger, toOptions, wrongParameter } from "../convert.ts";
import type { BindingFlags, ResourceCaller } from "../resource.ts";
import {
  assertBatchSize,
  assertDelay,
  assertMessageSize,
  contentTypeOf,
  serializeBody,
  type ValueWriter,
} from "./bodies.ts";

const NAME = "WorkerQueue";
const INTERNAL: unique symbol = Symbol("internal");

/** Where messages go, and how they are written. */
interface Producer {
  readonly call: ResourceCaller;
  /** Of messages that name none. */
  readonly contentType: "json" | "v8";
  /** Seconds, of messages that name none. */
  readonly delay: number;
  readonly write: ValueWriter;
}

let producerOf: (value: WorkerQueue) => Producer;

export class WorkerQueue {
  readonly #producer: Producer;

  constructor(key?: unknown, producer?: Producer) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#producer = producer as Producer;
  }

  static {
    producerOf = (value) => {
      if (typeof value !== "object" || value === null || !(#producer in value)) {
        throw new TypeError(ILLEGAL_INVOCATION);
      }
      return value.#producer;
    };
  }

  metrics(): Promise<object> {
    return metrics(producerOf(this));
  }

  send(...args: readonly unknown[]): Promise<object> {
    return send(producerOf(this), args);
  }

  sendBatch(...args: readonly unknown[]): Promise<object> {
    return sendBatch(producerOf(this), args);
  }
}
defineInterface(WorkerQueue, NAME);

export interface WorkerQueueOptions {
  readonly call: ResourceCaller;
  readonly flags: BindingFlags;
  readonly write: ValueWriter;
  /** `delivery_delay`, seconds. */
  readonly delay: number;
}

export function createWorkerQueue({ call, flags, write, delay }: WorkerQueueOptions): WorkerQueue {
  const contentType = flags.queues_json_messages === true ? "json" : "v8";
  const queue = new WorkerQueue(INTERNAL, { call, contentType, delay, write });
  refuseCloning(
    queue,
    'Could not serialize object of type "WorkerQueue". This type does not support serialization.',
  );
  return queue;
}

async function metrics({ call }: Producer): Promise<object> {
  requireInvocation("Queue.metrics");
  return shown(await call<QueueMetrics>("metrics"));
}

async function send(producer: Producer, args: readonly unknown[]): Promise<object> {
  if (args.length === 0) throw wrongParameter("send", NAME, 1, "Value");
  const [value, second] = args;
  const options = toOptions(second, () => wrongParameter("send", NAME, 2, "SendOptions")) ?? {};
  const named = options.contentType;
  const delay = toInteger(options.delaySeconds);
  if (value === undefined) throw new TypeError("Message body cannot be undefined");
  requireInvocation("Queue.send");
  const type =
    named === undefined ? producer.contentType : contentTypeOf(`${named as string}`.toLowerCase());
  const body = serializeBody(value, type, producer.write);
  // As production does: the message is the queue's from here on.
  if (type === "bytes") detach(value as ArrayBufferView);
  assertMessageSize(body.byteLength, "send");
  return await post(producer, "send", [{ type, body, delay: delay ?? producer.delay }]);
}

async function sendBatch(producer: Producer, args: readonly unknown[]): Promise<object> {
  const [value, second] = args;
  if (args.length === 0 || !isSequence(value)) {
    throw wrongParameter("sendBatch", NAME, 1, "Sequence");
  }
  const wrong = (): TypeError => wrongParameter("sendBatch", NAME, 2, "SendBatchOptions");
  const batchDelay = toInteger(toOptions(second, wrong)?.delaySeconds);
  const messages = [...value].map((item): SentMessage => {
    const { body: content, contentType: named, delaySeconds } = requestOf(item);
    const delay = toInteger(delaySeconds) ?? batchDelay ?? producer.delay;
    if (content === undefined) throw new TypeError("Message body cannot be undefined");
    const type = named === undefined ? producer.contentType : contentTypeOf(`${named as string}`);
    return { type, body: serializeBody(content, type, producer.write), delay };
  });
  if (messages.length === 0) throw new TypeError("sendBatch() requires at least one message");
  requireInvocation("Queue.sendBatch");
  assertBatchSize(messages.map(({ body }) => body.byteLength));
  return await post(producer, "sendBatch", messages);
}

async function post(
  { call }: Producer,
  method: "send" | "sendBatch",
  messages: readonly SentMessage[],
): Promise<object> {
  for (const { delay = 0 } of messages) assertDelay(delay, method);
  const before = await inSpan("queue_send", () => call<QueueMetrics>("send", messages));
  return { metadata: { metrics: shown(before) } };
}

function requestOf(item: unknown): Readonly<Record<string, unknown>> {
  if (item === undefined || item === null) {
    throw new TypeError(
      "Cannot initialize N7workerd3api11WorkerQueue18MessageSendRequestE with required members from an undefined or null value.",
    );
  }
  if (typeof item !== "object" && typeof item !== "function") {
    throw new TypeError("Incorrect type: the provided value is not of type 'MessageSendRequest'.");
  }
  return item as Readonly<Record<string, unknown>>;
}

function isSequence(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** The view's memory goes away, as it does where it is handed over. */
function detach(view: ArrayBufferView): void {
  if (view.buffer instanceof ArrayBuffer) structuredClone(view.buffer, { transfer: [view.buffer] });
}

function shown({ backlogCount, backlogBytes, oldestMessageTimestamp }: QueueMetrics): object {
  const oldest =
    oldestMessageTimestamp === undefined ? undefined : new Date(oldestMessageTimestamp);
  return { backlogCount, backlogBytes, oldestMessageTimestamp: oldest };
}
