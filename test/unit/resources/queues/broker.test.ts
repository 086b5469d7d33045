import { renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type {
  BatchEnd,
  BrokerToHost,
  QueueConsumer,
  QueueDecision,
} from "../../../../src/protocol/queues.ts";
import { Broker } from "../../../../src/resources/queues/broker.ts";
import type { Relay } from "../../../../src/resources/queues/relay.ts";
import { tempProject } from "../../../helpers/temp-project.ts";

/* The broker on a real file, with a clock of the test's own: times of batches, delays, retries. */

const START = Date.parse("2026-01-01T00:00:00Z");

class FakeClock {
  #now = START;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): { cancel(): void } {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

const noRelay = { listen: () => {}, hand: () => Promise.reject(new Error("no")), close: () => {} };

const consumer: QueueConsumer = {
  queue: "q",
  worker: "w",
  maxBatchSize: 3,
  maxBatchTimeout: 5,
  maxRetries: 2,
  retryDelay: 0,
};

function createBroker(root: string, settings: Partial<QueueConsumer> | undefined = {}) {
  const clock = new FakeClock();
  const said: BrokerToHost[] = [];
  const relay = noRelay as unknown as Relay;
  const broker = new Broker({ root, clock, relay, send: (message) => said.push(message) });
  if (settings !== undefined) {
    broker.onMessage({ type: "queue-consumers", consumers: [{ ...consumer, ...settings }] });
  }
  const batches = () => said.filter((message) => message.type === "queue-batch");
  /** Bodies of each batch so far, with their attempts. */
  const bodies = () =>
    batches().map(({ content }) =>
      content.messages.map(({ body, attempts }) => `${Buffer.from(body)}#${attempts}`).join(" "),
    );
  const end = (content: BatchEnd): void =>
    broker.onMessage({
      type: "queue-batch-end",
      batch: batches().at(-1)?.batch ?? 0,
      end: content,
    });
  const handled = (ok = true, decision?: Partial<QueueDecision>): void =>
    end({ type: "handled", ok, decision: { ackAll: false, acks: [], retries: [], ...decision } });
  const send = (texts: string, delay = 0) =>
    broker.send(
      "q",
      texts.split(" ").map((text) => ({ type: "text", body: Buffer.from(text), delay })),
    );
  return { clock, said, broker, batches, bodies, end, handled, send };
}

test("a batch goes when it is full, else when the time since its first message is over", async () => {
  await using project = await tempProject();
  const { clock, bodies, handled, send, broker } = createBroker(project.dir);
  send("a");
  clock.advance(4_000);
  send("b");
  clock.advance(999);
  expect(bodies()).toEqual([]);
  clock.advance(1);
  expect(bodies()).toEqual(["a#1 b#1"]);
  // What comes while a batch runs waits for it.
  send("c d e f");
  expect(bodies()).toHaveLength(1);
  handled();
  expect(bodies().slice(1)).toEqual(["c#1 d#1 e#1"]);
  handled();
  expect(bodies()).toHaveLength(2);
  clock.advance(5_000);
  expect(bodies().slice(2)).toEqual(["f#1"]);
  broker.close();
});

test("metrics are of what waits: not of delayed messages, nor of those with the handler", async () => {
  await using project = await tempProject();
  const { clock, send, broker, handled } = createBroker(project.dir);
  expect(send("aa")).toEqual({ backlogCount: 0, backlogBytes: 0 });
  clock.advance(1_000);
  const one = { backlogCount: 1, backlogBytes: 2, oldestMessageTimestamp: START };
  expect(send("later", 60)).toEqual(one);
  expect(send("bbb")).toEqual(one);
  expect(send("c")).toEqual({ ...one, backlogCount: 2, backlogBytes: 5 });
  // Three are with the handler now.
  expect(broker.metrics("q")).toEqual({ backlogCount: 0, backlogBytes: 0 });
  handled();
  clock.advance(59_999);
  expect(broker.metrics("q")).toEqual({ backlogCount: 0, backlogBytes: 0 });
  clock.advance(1);
  expect(broker.metrics("q")).toMatchObject({ backlogCount: 1, backlogBytes: 5 });
  broker.close();
});

test("a retry comes after its delay, behind the others; a failure retries all", async () => {
  await using project = await tempProject();
  const { clock, bodies, batches, handled, send, broker } = createBroker(project.dir, {
    retryDelay: 10,
    maxBatchTimeout: 0,
  });
  send("a b");
  clock.advance(0);
  const id = batches()[0]?.content.messages[0]?.id as string;
  handled(true, { retries: [{ id, delay: 30 }] });
  clock.advance(29_999);
  expect(bodies()).toEqual(["a#1 b#1"]);
  clock.advance(1);
  expect(bodies().slice(1)).toEqual(["a#2"]);
  handled(false);
  clock.advance(10_000);
  expect(bodies().slice(2)).toEqual(["a#3"]);
  broker.close();
});

test("a batch that was lost comes again uncounted, at once or when the Worker is loaded", async () => {
  await using project = await tempProject();
  const { bodies, end, send, broker } = createBroker(project.dir);
  send("a b c");
  end({ type: "lost", reason: "restarted", retry: "now" });
  expect(bodies()).toEqual(["a#1 b#1 c#1", "a#1 b#1 c#1"]);
  end({ type: "lost", reason: "crashed", retry: "when-loaded" });
  send("d");
  expect(bodies()).toHaveLength(2);
  broker.onMessage({ type: "queue-worker-loaded", worker: "another" });
  expect(bodies()).toHaveLength(2);
  broker.onMessage({ type: "queue-worker-loaded", worker: "w" });
  expect(bodies().slice(2)).toEqual(["a#1 b#1 c#1"]);
  broker.close();
});

test("another broker on the same folder finds everything that was not done", async () => {
  await using project = await tempProject();
  const first = createBroker(project.dir);
  first.send("a b c");
  first.send("d");
  first.broker.close();
  const second = createBroker(project.dir);
  expect(second.bodies()).toEqual(["a#1 b#1 c#1"]);
  second.handled();
  second.clock.advance(5_000);
  expect(second.bodies().slice(1)).toEqual(["d#1"]);
  second.handled();
  second.broker.close();
  const third = createBroker(project.dir);
  third.clock.advance(60_000);
  expect(third.bodies()).toEqual([]);
  third.broker.close();
});

test("what the store could not do when the queue was looked at is done later, though nobody sends", async () => {
  await using project = await tempProject();
  const first = createBroker(project.dir, undefined);
  first.send("a b c");
  const { path } = first.broker.messages;
  first.broker.close();
  renameSync(path, `${path}.kept`);
  writeFileSync(path, "no database, but long enough");
  const { clock, said, bodies, handled, broker } = createBroker(project.dir);
  clock.advance(2_500);
  rmSync(path);
  renameSync(`${path}.kept`, path);
  clock.advance(1_000);
  expect(bodies()).toEqual(["a#1 b#1 c#1"]);
  handled();
  expect(said.filter(({ type }) => type === "queue-remark")).toEqual([
    {
      type: "queue-remark",
      worker: "w",
      level: "error",
      text: `Queue "q": file is not a database: SQLITE_NOTADB (${path})`,
    },
  ]);
  broker.close();
});

test("what nobody consumes is counted, and bounded", async () => {
  await using project = await tempProject();
  const { said, broker } = createBroker(project.dir, undefined);
  broker.onMessage({ type: "queue-consumers", consumers: [] });
  const sent = Array.from({ length: 100 }, (_, index) => ({
    type: "text" as const,
    body: Buffer.from(String(index)),
  }));
  for (let round = 0; round < 101; round += 1) broker.send("alone", sent);
  expect(said.findLast(({ type }) => type === "queue-waiting")).toEqual({
    type: "queue-waiting",
    waiting: { alone: 10_000 },
  });
  expect(said.filter(({ type }) => type === "queue-remark")).toEqual([
    {
      type: "queue-remark",
      worker: undefined,
      level: "warn",
      text: 'Dropped 100 of the oldest messages on queue "alone": more than 10000 wait.',
    },
  ]);
  broker.close();
});
