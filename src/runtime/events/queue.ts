/**
 * `queue(batch, env, ctx)`: what the handler gets, and what it said of each message (spec/resources.md
 * 8.3, 8.4). Who calls first wins; later calls are ignored with production's warnings.
 */
import { logRuntime } from "../../isolate/log.ts";
import type { QueueEvent } from "../../protocol/events.ts";
import type { QueueDecision, QueuedMessage } from "../../protocol/queues.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { toInteger, toOptions, wrongParameter } from "../bindings/convert.ts";
import { parseBody, type ValueReader } from "../bindings/queues/bodies.ts";
import type { OpenedEvent } from "./opened-event.ts";

const INTERNAL: unique symbol = Symbol("internal");

/** What has been said so far of one batch. */
class Decisions {
  ackAll = false;
  retryAll: { readonly delay?: number } | undefined;
  readonly acks: Set<string> = new Set();
  readonly retries: Map<string, number | undefined> = new Map();

  read(): QueueDecision {
    return {
      ackAll: this.ackAll,
      ...(this.retryAll !== undefined && { retryAll: this.retryAll }),
      acks: [...this.acks],
      retries: [...this.retries].map(([id, delay]) => ({
        id,
        ...(delay !== undefined && { delay }),
      })),
    };
  }
}

class QueueMessage {
  readonly attempts: number;
  readonly body: unknown;
  readonly timestamp: Date;
  readonly id: string;
  readonly #decisions: Decisions;

  constructor(key?: unknown, message?: QueuedMessage, body?: unknown, decisions?: Decisions) {
    if (key !== INTERNAL || message === undefined || decisions === undefined) {
      throw new TypeError("Illegal constructor");
    }
    this.attempts = message.attempts;
    this.body = body;
    this.timestamp = new Date(message.timestamp);
    this.id = message.id;
    this.#decisions = decisions;
  }

  static isOne = (value: object): boolean => #decisions in value;

  retry(options?: unknown): void {
    const delay = delayOf(options, "QueueMessage", "retry");
    const { id } = this;
    const { ackAll, retryAll, acks, retries } = this.#decisions;
    if (ackAll) ignored(`retry() on message ${id}`, "ackAll()", "retry() on a message");
    else if (acks.has(id)) ignored(`retry() on message ${id}`, "ack()", "retry() on a message");
    else if (retryAll !== undefined) {
      ignored(`retry() on message ${id}`, "retryAll()", "retry() on a message");
    } else if (!retries.has(id)) retries.set(id, delay);
  }

  ack(): void {
    const { id } = this;
    const { ackAll, retryAll, acks, retries } = this.#decisions;
    if (ackAll) return;
    if (retryAll !== undefined) {
      ignored(`ack() on message ${id}`, "retryAll()", "ack() on a message");
    } else if (retries.has(id)) ignored(`ack() on message ${id}`, "retry()", "ack() on a message");
    else acks.add(id);
  }
}
const isMessage = QueueMessage.isOne;
Reflect.deleteProperty(QueueMessage, "isOne");
defineInterface(QueueMessage, "QueueMessage", { brand: isMessage });

class QueueController {
  readonly metadata: object;
  readonly queue: string;
  readonly messages: readonly QueueMessage[];
  readonly #decisions: Decisions;

  constructor(
    key?: unknown,
    event?: QueueEvent,
    messages?: readonly QueueMessage[],
    decisions?: Decisions,
  ) {
    if (key !== INTERNAL || !event || !messages || !decisions) {
      throw new TypeError("Illegal constructor");
    }
    const { backlogCount, backlogBytes, oldestMessageTimestamp: oldest } = event.metrics;
    const oldestMessageTimestamp = oldest === undefined ? undefined : new Date(oldest);
    this.metadata = { metrics: { backlogCount, backlogBytes, oldestMessageTimestamp } };
    this.queue = event.queue;
    this.messages = messages;
    this.#decisions = decisions;
  }

  static isOne = (value: object): boolean => #decisions in value;

  retryAll(options?: unknown): void {
    const delay = delayOf(options, "QueueController", "retryAll");
    if (this.#decisions.ackAll) ignored("retryAll()", "ackAll()", "retryAll()");
    else this.#decisions.retryAll = delay === undefined ? {} : { delay };
  }

  ackAll(): void {
    if (this.#decisions.retryAll !== undefined) ignored("ackAll()", "retryAll()", "ackAll()");
    else this.#decisions.ackAll = true;
  }
}
const isController = QueueController.isOne;
Reflect.deleteProperty(QueueController, "isOne");
defineInterface(QueueController, "QueueController", { brand: isController });

export function openQueue(
  event: QueueEvent,
  read: ValueReader,
  waitsForTasks: boolean,
): OpenedEvent {
  const decisions = new Decisions();
  const messages = event.messages.map(
    (message) =>
      new QueueMessage(INTERNAL, message, parseBody(message.body, message.type, read), decisions),
  );
  return {
    handler: "queue",
    argument: new QueueController(INTERNAL, event, messages, decisions),
    missing:
      "Received a QueueEvent but we lack a handler for QueueEvents. Did you remember to export a queue() function?",
    missingError: "Handler does not export a queue() function.",
    waitsForTasks,
    result: () => ({ queue: decisions.read() }),
  };
}

/** Seconds. */
function delayOf(options: unknown, iface: string, method: string): number | undefined {
  const wrong = (): TypeError => wrongParameter(method, iface, 1, "QueueRetryOptions");
  return toInteger(toOptions(options, wrong)?.delaySeconds);
}

function ignored(call: string, before: string, what: string): void {
  logRuntime(
    "warn",
    `Received a call to ${call} after ${before} was already called. Calling ${what} after calling ${before} has no effect.`,
  );
}
