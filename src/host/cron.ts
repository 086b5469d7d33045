/**
 * Fires cron triggers on their schedules (`--cron`), in UTC as production does, on a clock that may run
 * faster (`--time-scale`). Knows schedules by name only; what a trigger does is its owner's business.
 * Main thread of the host; made by cron-triggers.ts.
 */
import type { Cron } from "croner";
import { parseCron } from "../util/cron-schedule.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  after(ms: number, run: () => void): { cancel(): void };
}

export interface Trigger {
  readonly worker: string;
  readonly cron: string;
}

export interface CronOptions {
  readonly clock: Clock;
  /** Seconds of the schedules per second of the clock. */
  readonly scale: number;
  readonly fire: (trigger: Trigger, scheduledTime: number) => void;
}

/** Longest wait of one timer; the schedule is asked again then. */
const MAX_WAIT_MS = 60 * 60 * 1000;

export class CronClock {
  readonly #options: CronOptions;
  readonly #startedAt: number;
  readonly #timers: Map<string, { cancel(): void }> = new Map();

  constructor(options: CronOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** The time of the schedules, milliseconds since the epoch. */
  now(): number {
    const { clock, scale } = this.#options;
    return this.#startedAt + (clock.now() - this.#startedAt) * scale;
  }

  /** All triggers from now on; those that were there before keep their timers. Returns what is wrong. */
  update(triggers: readonly Trigger[]): { readonly trigger: Trigger; readonly problem: string }[] {
    const wanted = new Map(triggers.map((trigger) => [JSON.stringify(trigger), trigger]));
    for (const [key, timer] of this.#timers) {
      if (wanted.has(key)) continue;
      timer.cancel();
      this.#timers.delete(key);
    }
    const problems: { trigger: Trigger; problem: string }[] = [];
    for (const [key, trigger] of wanted) {
      if (this.#timers.has(key)) continue;
      try {
        this.#arm(key, trigger, parseCron(trigger.cron), this.now());
      } catch (error) {
        problems.push({ trigger, problem: error instanceof Error ? error.message : String(error) });
      }
    }
    return problems;
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** `from`: each time fires once, however long the one before took. */
  #arm(key: string, trigger: Trigger, schedule: Cron, from: number): void {
    const next = schedule.nextRun(new Date(from))?.getTime();
    // Such as 31 February.
    if (next === undefined) return;
    const { clock, scale, fire } = this.#options;
    const wait = Math.max(0, (next - this.now()) / scale);
    const isLong = wait > MAX_WAIT_MS;
    const timer = clock.after(isLong ? MAX_WAIT_MS : wait, () => {
      // A timer may be early by a fraction.
      if (isLong || this.now() < next - 1) {
        this.#arm(key, trigger, schedule, from);
        return;
      }
      // A machine that slept has missed what was due meanwhile, as a Worker would.
      const late = this.now() - next > MISSED_MS * scale;
      this.#arm(key, trigger, schedule, late ? this.now() : next);
      fire(trigger, next);
    });
    this.#timers.set(key, timer);
  }
}

const MISSED_MS = 5_000;
