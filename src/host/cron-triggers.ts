/**
 * The cron triggers of the Workers of this host, with `--cron`: gives each that fires to its Worker's
 * slot and says what became of it. The schedules' code is loaded with the first one. Main thread of
 * the host; owned by host.ts.
 */
import type { EventAnswer, EventOutcome } from "../protocol/events.ts";
import type { CronSettings } from "../protocol/host.ts";
import type { Clock, CronClock, Trigger } from "./cron.ts";
import { EventDelivery } from "./event-delivery.ts";
import type { SessionLink } from "./session-link.ts";
import type { WorkerSlot } from "./worker-slot.ts";

export interface CronTriggersContext {
  readonly session: SessionLink;
  readonly settings: () => { readonly cron?: CronSettings };
  readonly slots: ReadonlyMap<string, WorkerSlot>;
}

const machineClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export class CronTriggers {
  readonly #context: CronTriggersContext;
  #clock: CronClock | undefined;
  #loading: Promise<void> | undefined;
  #isClosed = false;

  constructor(context: CronTriggersContext) {
    this.#context = context;
  }

  /** The settings have changed. */
  update(): void {
    const { cron } = this.#context.settings();
    if (cron === undefined || (cron.triggers.length === 0 && this.#clock === undefined)) return;
    this.#loading = (this.#loading ?? Promise.resolve()).then(() => this.#apply());
  }

  close(): void {
    this.#isClosed = true;
    this.#clock?.close();
  }

  async #apply(): Promise<void> {
    const { CronClock } = await import("./cron.ts");
    const { cron } = this.#context.settings();
    if (cron === undefined || this.#isClosed) return;
    this.#clock ??= new CronClock({
      clock: machineClock,
      scale: cron.timeScale,
      fire: (trigger, time) => this.#fire(trigger, time),
    });
    for (const { trigger, problem } of this.#clock.update(cron.triggers)) {
      this.#log(
        trigger.worker,
        "warn",
        `The cron trigger "${trigger.cron}" never fires: ${problem}.`,
      );
    }
  }

  #fire({ worker, cron }: Trigger, scheduledTime: number): void {
    const startedAt = performance.now();
    const done = (outcome: EventOutcome): void => {
      const durationMs = performance.now() - startedAt;
      this.#context.session.queue({ type: "cron", entry: { worker, cron, outcome, durationMs } });
    };
    const onAnswer = ({ outcome }: EventAnswer): void => done(outcome);
    const onFailure = ({ message }: { readonly message: string }): void => {
      this.#log(worker, "error", `The cron trigger "${cron}" was not handled: ${message}`);
      done("exception");
    };
    const event = { type: "scheduled", cron, scheduledTime } as const;
    this.#context.slots.get(worker)?.dispatch(new EventDelivery(event, { onAnswer, onFailure }));
  }

  #log(worker: string, level: "warn" | "error", text: string): void {
    const entry = { kind: "runtime", level, text, time: Date.now() } as const;
    this.#context.session.queue({ type: "log", worker, entry });
  }
}
