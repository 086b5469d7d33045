import { cachedDataVersionTag } from "node:v8";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { growHeapsForNow } from "../../../src/host/heap-growth.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("V8's flags are as they were some moments after the last large buffers", () => {
  // The tag covers the flags: compiled code of other flags is refused.
  const before = cachedDataVersionTag();
  growHeapsForNow();
  const meanwhile = cachedDataVersionTag();
  expect(meanwhile).not.toBe(before);
  vi.advanceTimersByTime(1500);
  growHeapsForNow();
  vi.advanceTimersByTime(1500);
  expect(cachedDataVersionTag()).toBe(meanwhile);
  vi.advanceTimersByTime(1000);
  expect(cachedDataVersionTag()).toBe(before);
});
