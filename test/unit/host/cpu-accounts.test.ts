import { expect, test } from "vitest";
import { CpuAccounts } from "../../../src/host/cpu-accounts.ts";
import type { WorkerThread } from "../../../src/host/worker-thread.ts";

/** A thread whose clock and words the test sets: `active` in ms, `invocation` by `enter`. */
function fakeThread() {
  const state = { active: 0, invocation: 0, changes: 0 };
  const thread = {
    tid: undefined,
    isGone: false,
    running: () => ({ ...state, link: 0, id: state.invocation }),
    worker: { performance: { eventLoopUtilization: () => ({ active: state.active }) } },
  } as unknown as WorkerThread;
  return {
    thread,
    compute: (ms: number) => {
      state.active += ms;
    },
    enter: (invocation: number) => {
      if (state.invocation !== invocation) state.changes += 1;
      state.invocation = invocation;
    },
  };
}

test("what an invocation computes alone is charged to it exactly", () => {
  const { thread, compute, enter } = fakeThread();
  const accounts = new CpuAccounts();
  enter(1);
  accounts.look(thread, false);
  compute(50);
  expect(accounts.look(thread, false)).toEqual({ invocation: 1, ms: 50 });
  compute(20);
  expect(accounts.look(thread, false)).toEqual({ invocation: 1, ms: 70 });
  enter(2);
  expect(accounts.look(thread, false)).toEqual({ invocation: 2, ms: 0 });
  compute(5);
  expect(accounts.look(thread, false)).toEqual({ invocation: 2, ms: 5 });
});

test("a short invocation that is seen once is not charged for those before it", () => {
  const { thread, compute, enter } = fakeThread();
  const accounts = new CpuAccounts();
  for (let invocation = 1; invocation < 5000; invocation++) {
    compute(50);
    enter(invocation);
    expect(accounts.look(thread, false).ms).toBe(0);
  }
});

test("one that computes among others is found by samples, also after thousands of short ones", () => {
  const { thread, compute, enter } = fakeThread();
  const accounts = new CpuAccounts();
  let other = 100;
  let ms = 0;
  for (let looks = 0; looks < 3000; looks++) {
    compute(49);
    enter(other++);
    compute(1);
    enter(other++);
    accounts.look(thread, false);
    enter(1);
    compute(50);
    ms = accounts.look(thread, false).ms;
  }
  expect(ms).toBeGreaterThan(100_000);
});

test("evaluating the modules is charged to nobody", () => {
  const { thread, compute } = fakeThread();
  const accounts = new CpuAccounts();
  compute(5000);
  expect(accounts.look(thread, false)).toEqual({ invocation: 0, ms: 0 });
});

test("what a resting thread does now and then is charged to nobody", () => {
  const { thread, compute, enter } = fakeThread();
  const accounts = new CpuAccounts();
  enter(1);
  accounts.look(thread, false);
  compute(1);
  expect(accounts.look(thread, true)).toEqual({ invocation: 1, ms: 0 });
  compute(10);
  expect(accounts.look(thread, false)).toEqual({ invocation: 1, ms: 10 });
});
