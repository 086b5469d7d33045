/**
 * The clock of a session that is tested: lets alarms, cron triggers and messages of queues come that would come later. One advance goes from
 * event to event, in the order in which they are due in all Workers, and waits for each. `Date` inside Workers stays the machine's. Made by
 * dev-server.ts.
 */
import type { FiredAlarm } from "../protocol/env-access.ts";
import type { QueueLogEntry } from "../protocol/queues.ts";
import type { parseCron } from "../util/cron-schedule.ts";

export type FiredEvent =
  | ({ readonly type: "alarm"; readonly worker: string } & FiredAlarm)
  | {
      readonly type: "scheduled";
      readonly worker: string;
      readonly cron: string;
      /** ms since the epoch. */
      readonly scheduledTime: number;
      readonly outcome: string;
    }
  /** A batch that was delivered; what it did not acknowledge is tried again. */
  | {
      readonly type: "queue";
      readonly worker: string;
      readonly queue: string;
      readonly messages: number;
      readonly acknowledged: number;
    };

export interface TestClock {
  /** Milliseconds since the epoch: the machine's time, and what was advanced. */
  now(): number;
  /**
   * Lets so much time go by for alarms of Durable Objects, for the cron triggers of the configs, and for queues that these Workers
   * consume: delays of messages and of retries, and the time in which a batch fills. Resolves when all that was due has been
   * handled, with what fired, in order. An alarm that its handler sets again fires again if it is due within the same time.
   * Not for timers of Workers, expiry of keys and caches.
   *
   * @throws RangeError for a negative number, Error after 10,000 events
   */
  advance(ms: number): Promise<readonly FiredEvent[]>;
}

export interface ClockWorker {
  readonly name: string;
  readonly crons: readonly string[];
  /** It has classes of Durable Objects. */
  readonly hasObjects: boolean;
  alarms(): Promise<{
    nextAlarm(): Promise<number | null>;
    advance(ms: number): Promise<readonly FiredAlarm[]>;
  }>;
  scheduled(cron: string, scheduledTime: number): Promise<{ readonly outcome: string }>;
}

/** Lets time go by for the queues of the session; undefined: nobody consumes any. */
export type AdvanceQueues = (
  ms: number,
) => Promise<{ readonly next: number | null; readonly handled: readonly QueueLogEntry[] }>;

/** An alarm that sets itself for now, a handler that sends to its own queue, never end. */
const MAX_EVENTS = 10_000;

/** Both as they are now. */
export function createClock(
  workers: () => readonly ClockWorker[],
  queues: () => AdvanceQueues | undefined = () => undefined,
): TestClock {
  let ahead = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const now = (): number => Date.now() + ahead;

  const advance = async (ms: number): Promise<FiredEvent[]> => {
    // With its library, which tests without a clock need not load.
    const { parseCron } = await import("../util/cron-schedule.ts");
    const fired: FiredEvent[] = [];
    const all = workers();
    const withObjects = all.filter(({ hasObjects }) => hasObjects);
    const advanceQueues = queues() ?? noQueues;
    const advanceThem = async (step: number): Promise<number | null> => {
      const { next, handled } = await advanceQueues(step);
      fired.push(...handled.map(firedBatch));
      return next;
    };
    // Handlers take time of the machine's, which is not what is waited for here.
    const from = now();
    let gone = 0;
    let lastCron = from;
    for (;;) {
      const alarm = await nextAlarm(withObjects);
      const cron = nextCron(all, lastCron, parseCron);
      const alarmAt = gone + Math.max(0, alarm ?? Number.POSITIVE_INFINITY);
      const cronAt = cron === undefined ? Number.POSITIVE_INFINITY : cron.time - from;
      // What the last events sent is waited for, if it is due.
      const queueAt = gone + ((await advanceThem(0)) ?? Number.POSITIVE_INFINITY);
      const at = Math.min(alarmAt, cronAt, queueAt);
      const isLast = at > ms;
      const step = (isLast ? ms : at) - gone;
      gone += step;
      ahead += step;
      const alarms = await Promise.all(withObjects.map((worker) => advanceAlarms(worker, step)));
      fired.push(...alarms.flat());
      await advanceThem(step);
      if (isLast) return fired;
      if (cron !== undefined && cronAt === at) {
        lastCron = cron.time;
        fired.push(...(await Promise.all(cron.triggers.map((each) => fire(each, cron.time)))));
      }
      if (fired.length > MAX_EVENTS) {
        throw new Error(
          `More than ${MAX_EVENTS} events within ${ms} ms: an alarm that sets itself for now, or a queue that fills itself?`,
        );
      }
    }
  };
  return {
    now,
    advance(ms) {
      if (!(ms >= 0 && Number.isFinite(ms))) {
        return Promise.reject(new RangeError(`Expected milliseconds, 0 or more, but got ${ms}.`));
      }
      // One after the other, as time goes.
      const result = turn.then(() => advance(ms));
      turn = result.catch(() => {});
      return result;
    },
  };
}

const noQueues: AdvanceQueues = async () => ({ next: null, handled: [] });

function firedBatch({ worker, queue, total, acknowledged }: QueueLogEntry): FiredEvent {
  return { type: "queue", worker, queue, messages: total, acknowledged };
}

async function nextAlarm(workers: readonly ClockWorker[]): Promise<number | undefined> {
  const all = workers.map(async (worker) => (await worker.alarms()).nextAlarm());
  const known = (await Promise.all(all)).filter((ms) => ms !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}

async function advanceAlarms(worker: ClockWorker, ms: number): Promise<FiredEvent[]> {
  const alarms = await (await worker.alarms()).advance(ms);
  return alarms.map((alarm) => ({ type: "alarm", worker: worker.name, ...alarm }));
}

interface Trigger {
  readonly worker: ClockWorker;
  readonly cron: string;
}

/** All triggers that fire next after `after`. */
function nextCron(
  workers: readonly ClockWorker[],
  after: number,
  parse: typeof parseCron,
): { readonly time: number; readonly triggers: readonly Trigger[] } | undefined {
  let time = Number.POSITIVE_INFINITY;
  let triggers: Trigger[] = [];
  for (const worker of workers) {
    for (const cron of worker.crons) {
      const next = parse(cron).nextRun(new Date(after))?.getTime();
      if (next === undefined || next > time) continue;
      if (next < time) triggers = [];
      time = next;
      triggers.push({ worker, cron });
    }
  }
  return triggers.length === 0 ? undefined : { time, triggers };
}

async function fire({ worker, cron }: Trigger, scheduledTime: number): Promise<FiredEvent> {
  const { outcome } = await worker.scheduled(cron, scheduledTime);
  return { type: "scheduled", worker: worker.name, cron, scheduledTime, outcome };
}
