import { expect, test } from "vitest";
import { type ClockWorker, createClock } from "../../../src/api/clock.ts";

function worker(name: string, more: Partial<ClockWorker>): ClockWorker {
  return {
    name,
    crons: [],
    hasObjects: false,
    alarms: () => Promise.reject(new Error("it has no objects")),
    scheduled: () => Promise.resolve({ outcome: "ok" }),
    ...more,
  };
}

test("an alarm that sets itself for now is not run without end", async () => {
  const mad = worker("mad", {
    hasObjects: true,
    alarms: async () => ({
      nextAlarm: async () => 0,
      advance: async () => [
        { className: "A", id: "1", name: undefined, scheduledTime: 0, outcome: "ok" },
      ],
    }),
  });
  await expect(createClock(() => [mad]).advance(5)).rejects.toThrow("More than 10000 events");
});

test("triggers of one time fire together; advances wait for each other", async () => {
  const seen: string[] = [];
  const scheduled = (name: string) => async (cron: string, time: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`${name} ${cron} ${time % 3_600_000}`);
    return { outcome: "ok" };
  };
  const clock = createClock(() => [
    worker("a", { crons: ["0 * * * *", "0 0 31 2 *"], scheduled: scheduled("a") }),
    worker("b", { crons: ["0 * * * *"], scheduled: scheduled("b") }),
  ]);
  const [first, second] = await Promise.all([clock.advance(3_600_000), clock.advance(3_600_000)]);
  expect([first.length, second.length]).toEqual([2, 2]);
  expect(seen).toEqual(["a 0 * * * * 0", "b 0 * * * * 0", "a 0 * * * * 0", "b 0 * * * * 0"]);
  expect(clock.now() - Date.now()).toBeGreaterThanOrEqual(7_200_000);
});
