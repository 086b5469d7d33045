/**
 * `queues` of a config: what is said of misshapen producers and consumers, in wrangler's words, and the
 * consumers with their defaults (spec/resources.md 8.2).
 */
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isTable } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { type Schema, warnUnknownKeys } from "./schema.ts";
import type { QueueConsumerConfig, ResolvedConfig } from "./types.ts";

type Item = Readonly<Record<string, unknown>>;

/** wrangler's for local development; production's are 10, 5 s and 3. */
const DEFAULTS = { maxBatchSize: 5, maxBatchTimeout: 1, maxRetries: 2, retryDelay: 0 } as const;

/** What production takes. */
const RANGES: Readonly<Record<string, number>> = {
  max_batch_size: 100,
  max_batch_timeout: 60,
  max_retries: 100,
  retry_delay: 86_400,
};

const CONSUMER_NUMBERS = [
  "max_batch_size",
  "max_batch_timeout",
  "max_retries",
  "max_concurrency",
  "visibility_timeout_ms",
  "retry_delay",
] as const;

export const queueProducers: Schema = list("producers", checkProducer);
export const queueConsumers: Schema = list("consumers", checkConsumer);

/** Of a checked config. */
export function resolveQueueConsumers(raw: Item): QueueConsumerConfig[] {
  const { consumers } = isTable(raw.queues) ? raw.queues : {};
  return (Array.isArray(consumers) ? consumers : []).filter(isTable).map((item) => {
    const number = (field: string, fallback: number): number => {
      const value = item[field];
      return typeof value === "number" ? Math.min(value, RANGES[field] as number) : fallback;
    };
    const { dead_letter_queue: deadLetterQueue } = item;
    return {
      queue: String(item.queue),
      maxBatchSize: number("max_batch_size", DEFAULTS.maxBatchSize),
      maxBatchTimeout: number("max_batch_timeout", DEFAULTS.maxBatchTimeout),
      maxRetries: number("max_retries", DEFAULTS.maxRetries),
      retryDelay: number("retry_delay", DEFAULTS.retryDelay),
      ...(typeof deadLetterQueue === "string" && deadLetterQueue !== "" && { deadLetterQueue }),
    };
  });
}

/** The binding of a producer. */
export function queueBinding(name: string, item: Item): BindingSpec {
  const { queue, delivery_delay: delay } = item;
  return {
    type: "resource",
    name,
    kind: "queue",
    id: typeof queue === "string" && queue !== "" ? queue : name,
    ...(typeof delay === "number" && { settings: { deliveryDelay: Math.trunc(delay) } }),
  };
}

/** @throws UserError CONFIG_INVALID in wrangler's words */
export function checkQueueConsumers(
  configs: readonly Pick<ResolvedConfig, "name" | "queueConsumers">[],
): void {
  const found = new Map<string, string>();
  for (const { name, queueConsumers: consumers } of configs) {
    for (const { queue } of consumers) {
      const other = found.get(queue);
      if (other !== undefined) {
        throw createConfigError(
          "CONFIG_INVALID",
          `Multiple consumers defined for queue "${queue}": "${other}" and "${name}"`,
          { hint: "A queue has one consumer: remove it from one of the two." },
        );
      }
      found.set(queue, name);
    }
  }
}

function list(
  key: string,
  check: (item: unknown, path: ConfigPath, diagnostics: Diagnostics) => boolean,
): Schema {
  return {
    kind: "custom",
    check: (value, path, diagnostics) => {
      if (Array.isArray(value)) {
        return value
          .map((item, index) => check(item, [...path, index], diagnostics))
          .every(Boolean);
      }
      const message = `The field "queues.${key}" should be an array but got ${JSON.stringify(value)}.`;
      diagnostics.error(message, path, "value");
      return false;
    },
  };
}

function checkProducer(item: unknown, path: ConfigPath, diagnostics: Diagnostics): boolean {
  const where = formatPath(path);
  const got = JSON.stringify(item);
  if (!isTable(item)) {
    diagnostics.error(`"queues.producers" bindings should be objects, but got ${got}`, path);
    return false;
  }
  const problems: string[] = [];
  if (typeof item.binding !== "string") {
    problems.push('bindings should have a string "binding" field');
  }
  if (item.queue !== undefined && (typeof item.queue !== "string" || item.queue === "")) {
    problems.push('bindings should have a string "queue" field');
  }
  if (item.delivery_delay !== undefined) {
    if (typeof item.delivery_delay !== "number") {
      problems.push('bindings should, optionally, have a number "delivery_delay" field');
    } else {
      diagnostics.warn(
        `The "delivery_delay" field in "${where}" is deprecated and has no effect in production. Queue-level settings should be configured using "wrangler queues update" instead. This setting will be removed in a future version.`,
        [...path, "delivery_delay"],
      );
    }
  }
  if (item.remote !== undefined && typeof item.remote !== "boolean") {
    problems.push('should, optionally, have a boolean "remote" field');
  }
  for (const problem of problems) {
    diagnostics.error(`"${where}" ${problem} but got ${got}.`, path);
  }
  const fields = ["binding", "queue", "delivery_delay", "remote"];
  warnUnknownKeys(item, fields, path, diagnostics);
  return problems.length === 0;
}

function checkConsumer(item: unknown, path: ConfigPath, diagnostics: Diagnostics): boolean {
  const where = formatPath(path);
  const got = JSON.stringify(item);
  if (!isTable(item)) {
    diagnostics.error(`"${where}" should be a objects, but got ${got}`, path);
    return false;
  }
  let isFine = true;
  const fail = (message: string, at: ConfigPath = path): void => {
    diagnostics.error(message, at);
    isFine = false;
  };
  if (typeof item.queue !== "string") {
    fail(`"${where}" should have a string "queue" field but got ${got}.`);
  }
  if (item.type !== undefined && item.type !== "worker") {
    fail(
      `"${where}.type" has an invalid value ${JSON.stringify(item.type)}. Only "worker" consumers can be configured in your Wrangler configuration.`,
      [...path, "type"],
    );
  }
  for (const field of CONSUMER_NUMBERS) {
    const value = item[field];
    if (value === undefined || (field === "max_concurrency" && value === null)) continue;
    if (typeof value !== "number") {
      fail(`"${where}" should, optionally, have a number "${field}" field but got ${got}.`);
      continue;
    }
    const most = RANGES[field];
    if (most === undefined || (value >= 0 && value <= most)) continue;
    fail(`"${where}.${field}" must be between 0 and ${most} but got ${value}.`, [...path, field]);
  }
  if (item.dead_letter_queue !== undefined && typeof item.dead_letter_queue !== "string") {
    fail(`"${where}" should, optionally, have a string "dead_letter_queue" field but got ${got}.`);
  }
  const known = ["queue", "type", "dead_letter_queue", ...CONSUMER_NUMBERS];
  warnUnknownKeys(item, known, path, diagnostics);
  return isFine;
}
