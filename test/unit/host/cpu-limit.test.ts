import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { CpuLimit } from "../../../src/host/cpu-limit.ts";
import type { WorkerSlot } from "../../../src/host/worker-slot.ts";
import type { WorkerThread } from "../../../src/host/worker-thread.ts";

/** One invocation that has used more than the 200 ms that it may, and the slot of its thread. */
function overLimit() {
  let active = 0;
  let hasEnded = false;
  const done: string[] = [];
  const thread = {
    tid: undefined,
    isGone: false,
    cpuLimitMs: 200,
    running: () => ({ invocation: 1, changes: 0, link: 0, id: 1, limit: 0 }),
    hasEnded: () => hasEnded,
    worker: { performance: { eventLoopUtilization: () => ({ active }) } },
  } as unknown as WorkerThread;
  const slot = {
    owns: () => true,
    endInvocation: () => done.push("asked"),
    endForBreach: async () => done.push("ended"),
  } as unknown as WorkerSlot;
  const limit = new CpuLimit();
  const look = async (ms: number) => {
    active += ms;
    limit.look(slot, thread, 1);
    await turn();
    return done;
  };
  return { limit, look, answer: () => (hasEnded = true) };
}

test("a thread that computes on without an answer is ended", async () => {
  const { look } = overLimit();
  await look(0);
  expect(await look(201)).toEqual(["asked"]);
  expect(await look(99)).toEqual(["asked"]);
  expect(await look(1)).toEqual(["asked", "ended"]);
});

test("many looks at a thread that gets no processor are no reason", async () => {
  const { look, answer } = overLimit();
  await look(0);
  await look(201);
  for (let looks = 0; looks < 50; looks++) expect(await look(1)).toEqual(["asked"]);
  answer();
  expect(await look(500)).toEqual(["asked"]);
});

test("an answer that arrives with the look counts", async () => {
  const { look, answer } = overLimit();
  await look(0);
  await look(201);
  const done = look(150);
  answer();
  expect(await done).toEqual(["asked"]);
});

test("one that computes for long after its answer is ended", async () => {
  const { look, answer } = overLimit();
  await look(0);
  await look(201);
  answer();
  expect(await look(1001)).toEqual(["asked", "ended"]);
});
