import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BuildTurns } from "../../../src/session/build-turns.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Turns of a session of so many Workers; `built` is who was let go, in that order. */
function harness(count: number) {
  const turns = new BuildTurns(() => count);
  const built: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string, end: () => void) => {
    built.push(name);
    ends.set(name, end);
  };
  return {
    turns,
    built,
    build(name: string, isUrgent = false) {
      const turn = turns.take(name, isUrgent);
      if (typeof turn === "function") begin(name, turn);
      else void turn.then((end) => begin(name, end));
    },
    end(name: string) {
      ends.get(name)?.();
    },
  };
}

test("among few Workers the others build beside the primary", () => {
  const { build, built } = harness(2);
  build("api", true);
  build("users");
  expect(built).toEqual(["api", "users"]);
});

test("among many Workers the primary builds alone, the others after it in their order", async () => {
  const { build, built, end } = harness(10);
  build("api", true);
  build("a");
  build("b");
  expect(built).toEqual(["api"]);
  end("api");
  await vi.advanceTimersByTimeAsync(0);
  expect(built.slice(0, 3)).toEqual(["api", "a", "b"]);
});

test("who is asked for builds at once, and no other begins for a moment", async () => {
  const { turns, build, built, end } = harness(100);
  const others = Array.from({ length: 99 }, (_, i) => `w${i}`);
  build("api", true);
  for (const name of others) build(name);
  turns.hurry("w98");
  await vi.advanceTimersByTimeAsync(0);
  expect(built).toEqual(["api", "w98"]);
  end("api");
  end("w98");
  await vi.advanceTimersByTimeAsync(0);
  expect(built).toEqual(["api", "w98"]);
  await vi.runAllTimersAsync();
  expect(built.slice(0, 3)).toEqual(["api", "w98", "w0"]);
});

test("who asks again and again holds up nobody", async () => {
  const { turns, build, built, end } = harness(10);
  build("api", true);
  build("a");
  turns.hurry("api");
  end("api");
  await vi.runAllTimersAsync();
  expect(built).toEqual(["api", "a"]);
  build("b");
  end("a");
  turns.hurry("api");
  await vi.advanceTimersByTimeAsync(0);
  expect(built).toEqual(["api", "a", "b"]);
});
