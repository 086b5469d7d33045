import { expect, test } from "vitest";
import { checkQueueConsumers } from "../../../src/config/queues.ts";
import { configErrorOf, resolveFiles } from "./helpers.ts";

/* Texts as wrangler 4.164 says them. */

const config = (queues: unknown, more: object = {}): Record<string, string> => ({
  "wrangler.json": JSON.stringify({
    name: "w",
    main: "src/index.ts",
    compatibility_date: "2026-01-01",
    queues,
    ...more,
  }),
});

const errorsOf = async (queues: unknown): Promise<string> =>
  (await configErrorOf(() => resolveFiles(config(queues)))).message;

test.each([
  [{ producers: [5] }, '"queues.producers" bindings should be objects, but got 5'],
  [
    { producers: [{ binding: "Q", queue: "" }] },
    '"queues.producers[0]" bindings should have a string "queue" field but got {"binding":"Q","queue":""}.',
  ],
  [
    { producers: [{ binding: "Q", remote: "x" }] },
    '"queues.producers[0]" should, optionally, have a boolean "remote" field but got {"binding":"Q","remote":"x"}.',
  ],
  [
    { consumers: [{ queu: "q" }] },
    '"queues.consumers[0]" should have a string "queue" field but got {"queu":"q"}.',
  ],
  [{ consumers: [7] }, '"queues.consumers[0]" should be a objects, but got 7'],
  [
    { consumers: [{ queue: "q", type: "http_pull" }] },
    '"queues.consumers[0].type" has an invalid value "http_pull". Only "worker" consumers can be configured in your Wrangler configuration.',
  ],
  [
    { consumers: [{ queue: "q", max_batch_size: "a" }] },
    '"queues.consumers[0]" should, optionally, have a number "max_batch_size" field but got {"queue":"q","max_batch_size":"a"}.',
  ],
  [
    { consumers: [{ queue: "q", dead_letter_queue: 5 }] },
    '"queues.consumers[0]" should, optionally, have a string "dead_letter_queue" field but got {"queue":"q","dead_letter_queue":5}.',
  ],
  [
    { consumers: [{ queue: "q", max_batch_size: 101 }] },
    '"queues.consumers[0].max_batch_size" must be between 0 and 100 but got 101.',
  ],
  [{ producers: {} }, 'The field "queues.producers" should be an array but got {}.'],
  [{ consumers: {} }, 'The field "queues.consumers" should be an array but got {}.'],
])("%j", async (queues, message) => {
  expect(await errorsOf(queues)).toContain(message);
});

test("producers are bindings, by the queue's name or their own; consumers have wrangler's defaults", async () => {
  const { bindings, queueConsumers, warnings, rows } = await resolveFiles(
    config({
      producers: [{ binding: "A", queue: "jobs", delivery_delay: 5.7 }, { binding: "B" }],
      consumers: [
        { queue: "jobs" },
        {
          queue: "more",
          type: "worker",
          max_batch_size: 10,
          max_batch_timeout: 0,
          max_retries: 0,
          retry_delay: 60,
          dead_letter_queue: "dead",
          max_concurrency: null,
        },
      ],
    }),
  );
  expect(bindings).toEqual([
    { type: "resource", name: "A", kind: "queue", id: "jobs", settings: { deliveryDelay: 5 } },
    { type: "resource", name: "B", kind: "queue", id: "B" },
  ]);
  expect(rows).toMatchObject([
    { name: "A", value: "jobs", resource: "Queue", mode: "local" },
    { name: "B", value: "", resource: "Queue", mode: "local" },
  ]);
  expect(queueConsumers).toEqual([
    { queue: "jobs", maxBatchSize: 5, maxBatchTimeout: 1, maxRetries: 2, retryDelay: 0 },
    {
      queue: "more",
      maxBatchSize: 10,
      maxBatchTimeout: 0,
      maxRetries: 0,
      retryDelay: 60,
      deadLetterQueue: "dead",
    },
  ]);
  expect(warnings[0]?.message).toContain(
    'The "delivery_delay" field in "queues.producers[0]" is deprecated',
  );
});

test("a queue has one consumer", async () => {
  const queues = { consumers: [{ queue: "xq" }] };
  const one = await resolveFiles(config(queues, { name: "qc" }));
  const other = await resolveFiles(config(queues, { name: "qn" }));
  expect(() => checkQueueConsumers([one])).not.toThrow();
  expect(() => checkQueueConsumers([one, other])).toThrow(
    'Multiple consumers defined for queue "xq": "qc" and "qn"',
  );
});
