import { expect, test } from "vitest";
import { Spares } from "../../../src/host/spares.ts";
import type { ThreadSource } from "../../../src/host/worker-thread.ts";

/** Threads that boot and do nothing. */
const source: ThreadSource = {
  entry: new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", () => {});
      parentPort.postMessage({ type: "booted" });`)}`,
  ),
  execArgv: [],
  data: () => ({ runtimeSource: new SharedArrayBuffer(1), runtimeCodeCache: null }),
  onCodeCache: () => {},
  loadHttpClient: () => Promise.reject(new Error("no network here")),
};

const anybody = { isUrgent: false };
const awaited = { isUrgent: true };

test("among many Workers the primary and the one asked for next find booted threads", async () => {
  const spares = new Spares(source);
  spares.fill(2);
  spares.reserve = 1;
  // Whoever comes first of the others, before the primary is built, boots one of its own.
  const threads = [
    await spares.take(anybody),
    await spares.take(awaited),
    await spares.take(awaited),
  ];
  const [own, primary, next] = threads.map(({ worker }) => worker.threadId);
  expect([primary, next]).toEqual([(own as number) - 2, (own as number) - 1]);
  for (const thread of threads) thread.terminate();
  spares.close();
});

test("after one that is waited for, the others leave the processors to what is asked next", async () => {
  const spares = new Spares(source);
  spares.fill(2);
  spares.reserve = 1;
  const began: string[] = [];
  const primary = await spares.take(awaited);
  const other = spares.take(anybody).then((thread) => {
    began.push("other");
    return thread;
  });
  // Evaluated; its first request leads to a Worker that sleeps, which is given its thread at once.
  spares.settled(primary);
  const next = await spares.take(awaited);
  began.push("next");
  spares.settled(next);
  const threads = [primary, next, await other];
  expect(began).toEqual(["next", "other"]);
  for (const thread of threads) thread.terminate();
  spares.close();
});
