import { existsSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AlarmOutcome, Alarms, type DueAlarm } from "../../../src/durable-objects/alarms.ts";
import { openDatabase } from "../../../src/storage/sqlite/database.ts";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";

/* When alarms run, on a fake clock (spec/durable-objects.md 17). */

const START = Date.UTC(2026, 0, 1);
const ID = "a".repeat(64);
const OTHER = "b".repeat(64);

let files: TempProject;

beforeEach(async () => {
  files = await tempProject();
  vi.useFakeTimers({ now: START, toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await files[Symbol.asyncDispose]();
});

type Handler = (alarm: DueAlarm, retryCount: number, alarms: Alarms) => AlarmOutcome;

interface Run {
  readonly id: string;
  readonly name: string | undefined;
  /** ms after START. */
  readonly at: number;
  readonly retryCount: number;
}

function open(handler: Handler = () => "done") {
  const runs: Run[] = [];
  const givenUp: string[] = [];
  const alarms: Alarms = new Alarms({
    path: files.path("metadata.sqlite"),
    run: async (alarm, retryCount) => {
      runs.push({ id: alarm.id, name: alarm.name, at: Date.now() - START, retryCount });
      const outcome = handler(alarm, retryCount, alarms);
      // As the object does when its handler succeeded and set no other.
      if (outcome === "done" && alarms.timeOf(alarm.id) === alarm.time) {
        alarms.set(alarm.id, alarm.name, null);
      }
      return outcome;
    },
    onGivenUp: ({ id }) => givenUp.push(id),
  });
  return { alarms, runs, givenUp, [Symbol.dispose]: () => alarms.close() };
}

/** Stored rows, as wrangler reads them. */
function rows(): unknown[] {
  const database = openDatabase(files.path("metadata.sqlite"));
  try {
    return database
      .prepare("SELECT actor_id, scheduled_time, actor_name FROM _cf_ALARM ORDER BY 2")
      .withBigInts()
      .all();
  } finally {
    database.close();
  }
}

test("an alarm runs once at its time, and is stored in nanoseconds until then", async () => {
  using it = open();
  it.alarms.set(ID, "n", START + 500);
  expect(rows()).toEqual([[ID, BigInt(START + 500) * 1_000_000n, "n"]]);
  await vi.advanceTimersByTimeAsync(499);
  expect(it.runs).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(it.runs).toEqual([{ id: ID, name: "n", at: 500, retryCount: 0 }]);
  await vi.advanceTimersByTimeAsync(1e9);
  expect(it.runs).toHaveLength(1);
  expect(rows()).toEqual([]);
});

test("one that always throws runs seven times: 2, 4, 8, 16, 32, 64 s apart; then it is given up", async () => {
  using it = open(() => "failed");
  it.alarms.set(ID, undefined, START);
  for (let seconds = 0; seconds < 126; seconds += 1) {
    // Between runs the original time is shown.
    expect(it.alarms.timeOf(ID)).toBe(START);
    await vi.advanceTimersByTimeAsync(1000);
  }
  await vi.advanceTimersByTimeAsync(1e6);
  expect(it.runs.map(({ at, retryCount }) => [at / 1000, retryCount])).toEqual([
    [0, 0],
    [2, 1],
    [6, 2],
    [14, 3],
    [30, 4],
    [62, 5],
    [126, 6],
  ]);
  expect(it.givenUp).toEqual([ID]);
  expect(rows()).toEqual([]);
});

test("the pause has up to a quarter of jitter", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.999999);
  using it = open(() => "failed");
  it.alarms.set(ID, undefined, START);
  await vi.advanceTimersByTimeAsync(2400);
  expect(it.runs).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(it.runs).toHaveLength(2);
});

test("a throw after setAlarm runs the new alarm at its time, as a first run", async () => {
  using it = open((alarm, _retries, alarms) => {
    if (alarm.time === START) alarms.set(ID, undefined, START + 5000);
    return alarm.time === START ? "failed" : "done";
  });
  it.alarms.set(ID, undefined, START);
  await vi.advanceTimersByTimeAsync(1e6);
  expect(it.runs.map(({ at, retryCount }) => [at, retryCount])).toEqual([
    [0, 0],
    [5000, 0],
  ]);
});

test("a throw after deleteAlarm is not tried again", async () => {
  using it = open((_alarm, _retries, alarms) => {
    alarms.set(ID, undefined, null);
    return "failed";
  });
  it.alarms.set(ID, undefined, START);
  await vi.advanceTimersByTimeAsync(1e6);
  expect(it.runs).toHaveLength(1);
  expect(it.givenUp).toEqual([]);
});

test("an object's handlers never overlap; other objects' do", async () => {
  const ends: (() => void)[] = [];
  const started: string[] = [];
  const alarms: Alarms = new Alarms({
    path: files.path("metadata.sqlite"),
    run: (alarm) => {
      started.push(alarm.id);
      // The handler sets the next one while it runs.
      if (started.length === 1) alarms.set(ID, undefined, START + 10);
      return new Promise((resolve) => ends.push(() => resolve("done")));
    },
    onGivenUp: () => {},
  });
  try {
    alarms.set(ID, undefined, START);
    await vi.advanceTimersByTimeAsync(0);
    alarms.set(OTHER, undefined, START + 5);
    await vi.advanceTimersByTimeAsync(1000);
    expect(started).toEqual([ID, OTHER]);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual([ID, OTHER, ID]);
  } finally {
    alarms.close();
  }
});

test("overdue ones of an earlier session run at its start, later ones at their time; retries begin anew", async () => {
  {
    using before = open(() => "failed");
    before.alarms.set(ID, "early", START + 1000);
    before.alarms.set(OTHER, "late", START + 60_000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(before.runs).toHaveLength(1);
  }
  await vi.advanceTimersByTimeAsync(20_000);
  using it = open();
  it.alarms.start();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(it.runs).toEqual([
    { id: ID, name: "early", at: 21_000, retryCount: 0 },
    { id: OTHER, name: "late", at: 60_000, retryCount: 0 },
  ]);
});

test("one that lies further ahead than a timer reaches runs at its time, as the clock has it then", async () => {
  const month = 40 * 24 * 3600 * 1000;
  using it = open();
  it.alarms.set(ID, undefined, START + month);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(it.runs).toEqual([]);
  // The machine sleeps, and its timers with it.
  vi.setSystemTime(START + month - 45_000);
  await vi.advanceTimersByTimeAsync(44_999);
  expect(it.runs).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(it.runs).toHaveLength(1);
});

test("a name that is not told again is kept; only an earlier time is announced", () => {
  using it = open();
  it.alarms.set(ID, "n", START + 500);
  it.alarms.set(ID, undefined, START + 600);
  it.alarms.announce(ID, undefined, START + 700);
  expect(rows()).toEqual([[ID, BigInt(START + 600) * 1_000_000n, "n"]]);
  it.alarms.announce(ID, undefined, START + 100);
  expect(it.alarms.timeOf(ID)).toBe(START + 100);
});

test("nothing is stored where there never was an alarm; a broken file is named", () => {
  using it = open();
  it.alarms.start();
  expect(it.alarms.earliest()).toBe(undefined);
  const path = files.path("metadata.sqlite");
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, "no database ".repeat(500));
  expect(() => it.alarms.start()).toThrow(`file is not a database (${path})`);
  expect(it.alarms.earliest()).toBe(undefined);
});

test("one that was due while the machine slept runs soon after it, not as late as it slept", async () => {
  using it = open();
  const hour = 3_600_000;
  it.alarms.set(ID, undefined, START + hour);
  await vi.advanceTimersByTimeAsync(1_000);
  // Timers stood still meanwhile.
  vi.setSystemTime(START + 2 * hour);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(it.runs).toHaveLength(1);
  expect(it.runs[0]?.at).toBeLessThanOrEqual(2 * hour + 30_000);
});
