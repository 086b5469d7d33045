/**
 * The alarms of one class: rows of its `metadata.sqlite`, one timer on the earliest of them, retries
 * (spec/durable-objects.md 17, 21). In the thread that runs the class. The object's own value decides
 * whether an alarm is run; the rows say when to look.
 */
import { existsSync } from "node:fs";
import { ALARMS_SCHEMA } from "../storage/schemas.ts";
import type { SqliteDatabase } from "../storage/sqlite/contract.ts";
import { openDatabase } from "../storage/sqlite/database.ts";
import { messageOf } from "../util/errors.ts";

const NS_PER_MS = 1_000_000n;
/** The clock is looked at so often: timers stand still while the machine sleeps, and know nothing of a clock that is set. */
const LOOK_MS = 30_000;
/** Runs after the first one that failed. */
export const RETRIES = 6;
/** Of the exponent, where there is no last attempt. */
const LONGEST_BACK_OFF = 9;

export interface DueAlarm {
  readonly id: string;
  readonly name: string | undefined;
  /** ms since 1970. */
  readonly time: number;
}

/** An alarm that was run because the clock went on. */
export interface RunAlarm {
  readonly alarm: DueAlarm;
  readonly outcome: AlarmOutcome;
}

/** `unreachable`: the object could not be asked, which is no fault of its handler. */
export type AlarmOutcome = "done" | "failed" | "unreachable";

interface Retry {
  readonly at: number;
  /** Runs of the handler that failed. */
  readonly count: number;
  /** Attempts in a row that did not come as far as the handler. */
  readonly unreachable: number;
}

export interface AlarmsOptions {
  readonly path: string;
  /** Runs the handler; resolves when its outcome is known. Never rejects. */
  readonly run: (alarm: DueAlarm, retryCount: number) => Promise<AlarmOutcome>;
  /** It failed for the last time, or is gone. */
  readonly onGivenUp: (alarm: DueAlarm) => void;
}

export class Alarms {
  readonly #options: AlarmsOptions;
  #database: SqliteDatabase | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #running: Map<string, Promise<RunAlarm>> = new Map();
  /** How far the clock of the alarms is ahead of the machine's, ms (`advance`). */
  #ahead = 0;
  /** What it was when an alarm was set by a clock that knows nothing of it, where it was not 0. */
  readonly #setAhead: Map<string, number> = new Map();
  readonly #retries: Map<string, Retry> = new Map();
  #isClosed = false;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Look at what earlier sessions left; overdue alarms run now. */
  start(): void {
    if (this.isStored) this.#arm();
  }

  /** Whether there is a file of them. */
  get isStored(): boolean {
    return existsSync(this.#options.path);
  }

  /** `null`: none any more. A new time is a new alarm: it begins with the first run. */
  set(id: string, name: string | undefined, time: number | null): void {
    this.#retries.delete(id);
    this.#note(id, time);
    this.#write(id, name, time);
    this.#arm();
  }

  /** The row alone, before the object commits an earlier time. */
  announce(id: string, name: string | undefined, time: number): void {
    const stored = this.timeOf(id);
    if (stored !== undefined && time >= stored) return;
    this.#note(id, time);
    this.#write(id, name, time);
  }

  /** ms on the alarms' clock until the next one is due, 0 or less if it is; waits for those that run. */
  async nextIn(): Promise<number | undefined> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    const next = this.#isClosed || !this.#isThere ? undefined : this.#next();
    return next === undefined ? undefined : next - this.#now();
  }

  /**
   * The clock goes on by `ms`, and what is due runs. Alarms that handlers set by `Date`, which does not follow, are as far
   * away as they were meant to be.
   */
  async advance(ms: number): Promise<readonly RunAlarm[]> {
    this.#ahead += ms;
    if (this.#isClosed || !this.#isThere) return [];
    this.#fire();
    return await Promise.all(this.#running.values());
  }

  /** Runs an object's alarm now, whenever it is due; undefined if it has none. */
  async runNow(id: string): Promise<RunAlarm | undefined> {
    if (this.#isClosed || !this.#isThere) return undefined;
    const running = this.#running.get(id);
    if (running !== undefined) return await running;
    const alarm = this.#rows().find((row) => row.id === id);
    return alarm === undefined ? undefined : await this.#start(alarm);
  }

  timeOf(id: string): number | undefined {
    const row = this.#open()
      .prepare("SELECT scheduled_time FROM _cf_ALARM WHERE actor_id = ?")
      .withBigInts()
      .get(id);
    return typeof row?.[0] === "bigint" ? Number(row[0] / NS_PER_MS) : undefined;
  }

  /** The earliest alarm, retries aside; ms since 1970. Undefined: there is none, or it cannot be read. */
  earliest(): number | undefined {
    if (this.#isClosed || !this.#isThere) return;
    try {
      return this.#rows()[0]?.time;
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#database?.close();
    this.#database = undefined;
  }

  get #isThere(): boolean {
    return this.#database !== undefined || existsSync(this.#options.path);
  }

  #now(): number {
    return Date.now() + this.#ahead;
  }

  #note(id: string, time: number | null): void {
    if (time === null || this.#ahead === 0) this.#setAhead.delete(id);
    else this.#setAhead.set(id, this.#ahead);
  }

  /** On the alarms' clock. */
  #dueAt({ id, time }: DueAlarm): number {
    return this.#retries.get(id)?.at ?? time + (this.#setAhead.get(id) ?? 0);
  }

  #open(): SqliteDatabase {
    if (this.#database === undefined) {
      const { path } = this.#options;
      try {
        const database = openDatabase(path, { waitsForDisk: false });
        // Closed like any other from here on.
        this.#database = database;
        database.exec(ALARMS_SCHEMA);
      } catch (error) {
        this.#database?.close();
        this.#database = undefined;
        throw new Error(`${messageOf(error)} (${path})`, { cause: error });
      }
    }
    return this.#database;
  }

  #write(id: string, name: string | undefined, time: number | null): void {
    if (this.#isClosed) return;
    if (time === null) {
      this.#open().prepare("DELETE FROM _cf_ALARM WHERE actor_id = ?").run(id);
      return;
    }
    this.#open()
      .prepare(
        `INSERT INTO _cf_ALARM (actor_id, scheduled_time, actor_name) VALUES (?, ?, ?)
         ON CONFLICT(actor_id) DO UPDATE SET scheduled_time = excluded.scheduled_time,
         actor_name = coalesce(excluded.actor_name, actor_name)`,
      )
      .run(id, BigInt(time) * NS_PER_MS, name ?? null);
  }

  #arm(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    const next = this.#next();
    if (next === undefined) return;
    const delay = Math.min(Math.max(0, next - this.#now()), LOOK_MS);
    this.#timer = setTimeout(() => this.#fire(), delay);
    this.#timer.unref();
  }

  /** When to look again: the earliest of the rows and retries that do not run. */
  #next(): number | undefined {
    let next: number | undefined;
    for (const alarm of this.#rows()) {
      if (this.#running.has(alarm.id)) continue;
      const at = this.#dueAt(alarm);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  #rows(): DueAlarm[] {
    const rows = this.#open()
      .prepare("SELECT actor_id, scheduled_time, actor_name FROM _cf_ALARM ORDER BY scheduled_time")
      .withBigInts()
      .all();
    return rows.map(([id, time, name]) => ({
      id: String(id),
      time: Number((time as bigint) / NS_PER_MS),
      name: typeof name === "string" ? name : undefined,
    }));
  }

  #fire(): void {
    const now = this.#now();
    for (const alarm of this.#rows()) {
      if (!this.#running.has(alarm.id) && this.#dueAt(alarm) <= now) void this.#start(alarm);
    }
    this.#arm();
  }

  #start(alarm: DueAlarm): Promise<RunAlarm> {
    const run = this.#run(alarm, this.#retries.get(alarm.id)?.count ?? 0);
    this.#running.set(alarm.id, run);
    return run;
  }

  async #run(alarm: DueAlarm, retryCount: number): Promise<RunAlarm> {
    const outcome = await this.#options.run(alarm, retryCount);
    this.#running.delete(alarm.id);
    if (this.#isClosed) return { alarm, outcome };
    // Set anew by the handler meanwhile: that one stands.
    const isSame = this.timeOf(alarm.id) === alarm.time;
    if (isSame && outcome === "unreachable") {
      const unreachable = (this.#retries.get(alarm.id)?.unreachable ?? 0) + 1;
      const at = this.#now() + backOff(Math.min(unreachable, LONGEST_BACK_OFF));
      this.#retries.set(alarm.id, { at, count: retryCount, unreachable });
    } else if (isSame && outcome === "failed") {
      if (retryCount >= RETRIES) {
        this.#retries.delete(alarm.id);
        this.#write(alarm.id, alarm.name, null);
        this.#options.onGivenUp(alarm);
      } else {
        const count = retryCount + 1;
        this.#retries.set(alarm.id, { at: this.#now() + backOff(count), count, unreachable: 0 });
      }
    } else this.#retries.delete(alarm.id);
    this.#arm();
    return { alarm, outcome };
  }
}

/** With some jitter, so that alarms that failed together do not come back together. */
function backOff(exponent: number): number {
  return 2 ** exponent * 1000 * (1 + Math.random() / 4);
}
