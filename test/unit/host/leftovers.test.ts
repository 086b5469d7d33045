import { expect, test } from "vitest";
import { Leftovers } from "../../../src/host/leftovers.ts";
import type { WorkerThread } from "../../../src/host/worker-thread.ts";

function watch(): { look: Leftovers["look"]; told: string[]; taken: string[][] } {
  const told: string[] = [];
  const taken: string[][] = [];
  const leftovers = new Leftovers({
    tell: (worker) => told.push(worker),
    onPoolTaken: (workers) => taken.push([...workers]),
  });
  return { look: (threads, passed) => leftovers.look(threads, passed), told, taken };
}

const thread = (workerName: string) => ({ workerName }) as WorkerThread;

test("a thread that stays is told of once, after 5 s", () => {
  const { look, told } = watch();
  const stays = thread("a");
  for (let ms = 0; ms < 10_000; ms += 1000) look([stays], 1000);
  look([], 1000);
  expect(told).toEqual(["a"]);
});

test("a pool that takes no job for 10 s while threads stay is told of, with their Workers", () => {
  const { look, taken } = watch();
  const staying = [thread("a"), thread("b"), thread("a")];
  // Nothing is awaited between the looks: no job of the pool can be answered.
  for (let ms = 0; ms < 10_000; ms += 1000) look(staying, 1000);
  expect(taken).toEqual([]);
  look(staying, 1000);
  expect(taken).toEqual([["a", "b"]]);
});

test("a pool that answers is none of its business", async () => {
  const { look, taken } = watch();
  for (let looks = 0; looks < 30; looks++) {
    look([thread("a")], 1000);
    await new Promise<void>((resolve) => setImmediate(() => setTimeout(resolve, 1)));
  }
  expect(taken).toEqual([]);
});
