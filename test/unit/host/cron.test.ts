import { describe, expect, test } from "vitest";
import { CronClock, type Trigger } from "../../../src/host/cron.ts";
import { parseCron } from "../../../src/util/cron-schedule.ts";

/** Time that a test moves. */
class FakeClock {
  #now: number;
  #timers: { at: number; run: () => void }[] = [];

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): { cancel(): void } {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Runs what is due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** The machine sleeps: nothing runs meanwhile. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  get waiting(): number {
    return this.#timers.length;
  }
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function recording(start: string, scale = 1) {
  const clock = new FakeClock(start);
  const fired: string[] = [];
  const cron = new CronClock({
    clock,
    scale,
    fire: ({ worker, cron: text }, time) =>
      fired.push(`${worker} ${text} ${new Date(time).toISOString().slice(0, 19)}`),
  });
  return { clock, fired, cron };
}

const trigger = (cron: string, worker = "w"): Trigger => ({ worker, cron });

describe("Cloudflare's forms", () => {
  // Examples of its documentation, and what they say in words.
  test.each([
    ["* * * * *", "2026-01-01T00:01", "2026-01-01T00:02"],
    ["*/30 * * * *", "2026-01-01T00:30", "2026-01-01T01:00"],
    ["45 * * * *", "2026-01-01T00:45", "2026-01-01T01:45"],
    ["0 17 * * sun", "2026-01-04T17:00", "2026-01-11T17:00"],
    ["0 17 * * 1", "2026-01-04T17:00", "2026-01-11T17:00"],
    ["10 7 * * mon-fri", "2026-01-01T07:10", "2026-01-02T07:10"],
    ["10 7 * * 2-6", "2026-01-01T07:10", "2026-01-02T07:10"],
    ["0 0 * * 7", "2026-01-03T00:00", "2026-01-10T00:00"],
    ["0 15 1 * *", "2026-01-01T15:00", "2026-02-01T15:00"],
    ["0 18 * * 6L", "2026-01-30T18:00", "2026-02-27T18:00"],
    ["0 18 * * friL", "2026-01-30T18:00", "2026-02-27T18:00"],
    ["59 23 LW * *", "2026-01-30T23:59", "2026-02-27T23:59"],
    ["0 0 15W * *", "2026-01-15T00:00", "2026-02-16T00:00"],
    ["0 0 * * MON#1", "2026-01-05T00:00", "2026-02-02T00:00"],
    ["0 0 1 jan-mar *", "2026-02-01T00:00", "2026-03-01T00:00"],
    ["5/20 * * * *", "2026-01-01T00:05", "2026-01-01T00:25"],
  ])("%s", (text, first, second) => {
    const runs = parseCron(text).nextRuns(2, new Date("2026-01-01T00:00:00Z"));
    expect(runs.map((date) => date.toISOString().slice(0, 16))).toEqual([first, second]);
  });

  test.each([
    ["* * * *", /4 fields instead of 5/],
    ["* * * * * *", /6 fields instead of 5/],
    ["@daily", /1 fields instead of 5/],
    ["60 * * * *", /Invalid value for minute: 60/],
    ["0 0 * * 0", /days of the week are 1 to 7/],
    ["0 0 * * 8", /days of the week are 1 to 7/],
    ["x * * * *", /./],
  ])("refuses %s", (text, problem) => {
    expect(() => parseCron(text)).toThrow(problem);
  });
});

test("each time fires once, with the time that was meant", () => {
  const { clock, fired, cron } = recording("2026-01-01T00:00:30Z");
  expect(cron.update([trigger("* * * * *"), trigger("*/2 * * * *", "v")])).toEqual([]);
  clock.advance(29_999);
  expect(fired).toEqual([]);
  clock.advance(1);
  clock.advance(MINUTE);
  expect(fired.toSorted()).toEqual([
    "v */2 * * * * 2026-01-01T00:02:00",
    "w * * * * * 2026-01-01T00:01:00",
    "w * * * * * 2026-01-01T00:02:00",
  ]);
});

test("--time-scale makes an hour of a minute", () => {
  const { clock, fired, cron } = recording("2026-01-01T00:00:00Z", 60);
  cron.update([trigger("0 * * * *")]);
  clock.advance(2 * MINUTE);
  expect(fired).toEqual(["w 0 * * * * 2026-01-01T01:00:00", "w 0 * * * * 2026-01-01T02:00:00"]);
});

test("a schedule far away fires too, and a machine that slept has missed what was due", () => {
  const { clock, fired, cron } = recording("2026-01-01T00:00:00Z");
  cron.update([trigger("0 0 1 * *")]);
  clock.advance(31 * 24 * HOUR);
  expect(fired).toEqual(["w 0 0 1 * * 2026-02-01T00:00:00"]);

  const other = recording("2026-01-01T00:00:30Z");
  other.cron.update([trigger("* * * * *")]);
  other.clock.sleep(10 * MINUTE);
  other.clock.advance(MINUTE);
  expect(other.fired).toEqual([
    "w * * * * * 2026-01-01T00:01:00",
    "w * * * * * 2026-01-01T00:11:00",
  ]);
});

test("a changed config keeps what stays, ends what goes, and names what is wrong", () => {
  const { clock, fired, cron } = recording("2026-01-01T00:00:00Z");
  cron.update([trigger("* * * * *"), trigger("*/2 * * * *")]);
  clock.advance(30_000);
  expect(cron.update([trigger("* * * * *"), trigger("61 * * * *")])).toEqual([
    { trigger: trigger("61 * * * *"), problem: "Invalid value for minute: 61" },
  ]);
  clock.advance(2 * MINUTE);
  expect(fired).toEqual(["w * * * * * 2026-01-01T00:01:00", "w * * * * * 2026-01-01T00:02:00"]);
  expect(clock.waiting).toBe(1);
  cron.close();
  expect(clock.waiting).toBe(0);
});
