import { expect, test } from "vitest";
import { Load, Moments, runningOf } from "../../../src/rpc/link/crowd.ts";

const STEP_MS = 5000;
const KEPT = Math.exp(-STEP_MS / 60_000);

/** Asks once a second, as a busy thread does, while the system's mean of a minute follows `wanting`. */
function follow(crowd: Load, from: { load: number; at: number }, wanting: number, seconds: number) {
  let { load, at } = from;
  let heard = 0;
  for (let second = 0; second < seconds; second++) {
    at += 1000;
    if (at % STEP_MS === 0) load = Math.round((load * KEPT + wanting * (1 - KEPT)) * 100) / 100;
    heard = crowd.hear(load, at + 300);
  }
  return { load, at, heard };
}

test("a crowd is known within seconds, and so is its end, where the system's mean takes a minute", () => {
  const crowd = new Load();
  const calm = follow(crowd, { load: 1, at: 0 }, 1, 30);
  expect(calm.heard).toBeCloseTo(1, 0);
  const busy = follow(crowd, calm, 8, 20);
  expect(busy.heard).toBeGreaterThan(6);
  expect(busy.load).toBeLessThan(4);
  const over = follow(crowd, follow(crowd, busy, 8, 120), 1, 20);
  expect(over.heard).toBeLessThan(3);
  expect(over.load).toBeGreaterThan(5);
});

test("what was not asked for a minute says nothing: the system's mean is all there is then", () => {
  const crowd = new Load();
  follow(crowd, { load: 8, at: 0 }, 8, 30);
  expect(crowd.hear(0.5, 200_000)).toBe(0.5);
  expect(crowd.hear(0.5, 201_000)).toBe(0.5);
});

test("a system that knows no load has no crowd", () => {
  const crowd = new Load();
  for (let at = 0; at < 100_000; at += 1000) expect(crowd.hear(0, at)).toBe(0);
});

test("of single moments, one says little and a second's say it", () => {
  const moments = new Moments();
  let at = 0;
  const heard = (wanting: number, looks: number) => {
    let mean = 0;
    for (let look = 0; look < looks; look++) {
      at += 100;
      mean = moments.hear(wanting, at);
    }
    return mean;
  };
  expect(heard(2, 10)).toBe(2);
  expect(heard(6, 1)).toBeLessThan(3);
  expect(heard(6, 9)).toBeGreaterThan(5);
  expect(heard(1, 10)).toBeLessThan(2);
  at += 10_000;
  expect(heard(8, 1)).toBe(8);
});

test("the threads that run are read of what Linux says", () => {
  expect(runningOf("9.29 7.58 8.27 10/379 4340\n")).toBe(10);
  expect(runningOf("9.29 7.58 8.27")).toBe(undefined);
});
