import { expect, test } from "vitest";
import type { QueueConsumer, QueueDecision } from "../../../../src/protocol/queues.ts";
import { decide } from "../../../../src/resources/queues/decide.ts";

const consumer: QueueConsumer = {
  queue: "q",
  worker: "w",
  maxBatchSize: 5,
  maxBatchTimeout: 1,
  maxRetries: 2,
  retryDelay: 7,
};
const nothing: QueueDecision = { ackAll: false, acks: [], retries: [] };

/** Fate of the messages a and b, as text. */
function fates(ok: boolean, said: Partial<QueueDecision>, attempts = 1, more = {}): string {
  const messages = ["a", "b"].map((id) => ({ id, attempts }));
  return decide(messages, ok, { ...nothing, ...said }, { ...consumer, ...more })
    .map((fate) => `${fate.id} ${fate.type}${"delay" in fate ? ` ${fate.delay}` : ""}`)
    .join(", ");
}

test.each([
  ["nothing said", true, {}, "a acknowledged, b acknowledged"],
  ["one retried", true, { retries: [{ id: "a" }] }, "a retry 7, b acknowledged"],
  ["one retried later", true, { retries: [{ id: "a", delay: 0 }] }, "a retry 0, b acknowledged"],
  ["failed", false, {}, "a retry 7, b retry 7"],
  ["failed after an ack", false, { acks: ["b"] }, "a retry 7, b acknowledged"],
  [
    "retryAll after an ack",
    true,
    { acks: ["b"], retryAll: { delay: 3 } },
    "a retry 3, b acknowledged",
  ],
  ["ackAll, then failed", false, { ackAll: true }, "a acknowledged, b acknowledged"],
  [
    "a retry before ackAll",
    true,
    { ackAll: true, retries: [{ id: "a" }] },
    "a retry 7, b acknowledged",
  ],
])("%s", (_what, ok, said, expected) => {
  expect(fates(ok, said)).toBe(expected);
});

test("after the last attempt a message is dropped, or goes to the dead letter queue", () => {
  expect(fates(false, {}, 2)).toBe("a retry 7, b retry 7");
  expect(fates(false, {}, 3)).toBe("a dropped, b dropped");
  expect(fates(false, { acks: ["a"] }, 3, { deadLetterQueue: "d" })).toBe(
    "a acknowledged, b dead-letter",
  );
});

test("a handler that said nothing at all, because it was ended", () => {
  expect(decide([{ id: "a", attempts: 1 }], false, undefined, consumer)).toEqual([
    { type: "retry", id: "a", delay: 7 },
  ]);
});
