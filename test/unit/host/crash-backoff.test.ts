import { expect, test } from "vitest";
import { CrashBackoff } from "../../../src/host/crash-backoff.ts";

test("restarts at once, then later and later, then not at all", () => {
  const backoff = new CrashBackoff(() => 0);
  const delays = Array.from({ length: 7 }, () => backoff.next());
  expect(delays.slice(0, 5)).toEqual([...delays.slice(0, 5)].sort((a, b) => Number(a) - Number(b)));
  expect(delays[0]).toBe(0);
  expect(delays.slice(5)).toEqual([undefined, undefined]);
});

test("forgets a run of crashes after a while and with new code", () => {
  let now = 0;
  const backoff = new CrashBackoff(() => now);
  backoff.next();
  backoff.next();
  now += 60_000;
  expect(backoff.next()).toBe(0);
  expect(backoff.next()).toBeGreaterThan(0);
  backoff.reset();
  expect(backoff.next()).toBe(0);
});
