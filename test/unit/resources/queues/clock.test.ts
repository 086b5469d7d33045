import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MovableClock, systemClock } from "../../../../src/resources/queues/clock.ts";

/* The clock of the broker, on a machine whose timers stand still while it sleeps. */

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("whoever waits for an hour looks at the clock in between", () => {
  const clock = new MovableClock(systemClock);
  const looks: number[] = [];
  const due = 3_600_000;
  const wait = (): void => {
    clock.after(due - clock.now(), () => {
      looks.push(clock.now());
      if (clock.now() < due) wait();
    });
  };
  wait();
  expect(clock.next()).toBe(due);
  vi.advanceTimersByTime(30_000);
  expect(looks).toEqual([30_000]);
  vi.setSystemTime(2 * due);
  vi.advanceTimersByTime(30_000);
  expect(looks).toEqual([30_000, 2 * due + 30_000]);
});

test("a batch's time is waited for in one go", () => {
  let runs = 0;
  new MovableClock(systemClock).after(60_000, () => (runs += 1));
  vi.advanceTimersByTime(59_999);
  expect(runs).toBe(0);
  vi.advanceTimersByTime(1);
  expect(runs).toBe(1);
});
