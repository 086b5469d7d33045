/**
 * The live objects of one class, at most one per id, and their alarms. In the thread of the Worker
 * that exports the class; made by objects.ts.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { logException, logRuntime } from "../isolate/log.ts";
import { MAX_LISTED_OBJECTS, type ObjectClassStatus } from "../protocol/status-page.ts";
import { type AlarmOutcome, Alarms, type DueAlarm, type RunAlarm } from "./alarms.ts";
import { observeEvent } from "./event-observer.ts";
import { type InstanceOwner, type ObjectClass, ObjectInstance } from "./instance.ts";
import { isFileFault } from "./storage/object-database.ts";

const NO_ALARM_HANDLER =
  "Attempted to run a scheduled alarm without a handler, did you remember to export an alarm() function?";

export interface NamespaceHostOptions {
  readonly class: ObjectClass;
  /** Folder of the class in the state folder. */
  readonly folder: string;
}

export class NamespaceHost implements InstanceOwner {
  readonly class: ObjectClass;
  readonly #folder: string;
  readonly #instances: Map<string, ObjectInstance> = new Map();
  readonly #alarms: Alarms;

  constructor(options: NamespaceHostOptions) {
    this.class = options.class;
    this.#folder = options.folder;
    this.#alarms = new Alarms({
      path: join(options.folder, "metadata.sqlite"),
      run: (alarm, retryCount) => this.#runAlarm(alarm, retryCount),
      onGivenUp: (alarm) => this.#giveUp(alarm),
    });
  }

  /** Reads the alarms that are stored; overdue ones run. Throws if the file cannot be read. */
  startAlarms(): void {
    this.#alarms.start();
  }

  /** Whether an earlier session may have left some. */
  get hasAlarms(): boolean {
    return this.#alarms.isStored;
  }

  get instances(): readonly ObjectInstance[] {
    return [...this.#instances.values()];
  }

  /** Undefined: it does not live. */
  live(id: string): ObjectInstance | undefined {
    return this.#instances.get(id);
  }

  /** The live object of that id, made if there is none; its constructor runs with the first event. */
  instance(id: string, name: string | undefined): ObjectInstance {
    let instance = this.#instances.get(id);
    if (instance === undefined) {
      instance = new ObjectInstance(this.class, id, insideName(name), this);
      this.#instances.set(id, instance);
    }
    return instance;
  }

  /** For the status page. */
  status(): ObjectClassStatus {
    const { instances } = this;
    const hibernating = instances.filter(({ hibernates }) => hibernates).length;
    const nextAlarm = this.#alarms.earliest();
    return {
      className: this.class.name,
      live: instances.length - hibernating,
      hibernating,
      sockets: instances.reduce((sum, { sockets }) => sum + sockets.size, 0),
      ...(nextAlarm !== undefined && { nextAlarm }),
      objects: instances.slice(0, MAX_LISTED_OBJECTS).map((instance) => {
        const { hex: id, hibernates, sockets } = instance;
        const { name } = instance.id;
        const alarm = nextAlarm === undefined ? undefined : this.#alarms.timeOf(id);
        return {
          id,
          ...(name !== undefined && { name }),
          hibernates,
          sockets: sockets.size,
          ...(alarm !== undefined && { alarm }),
        };
      }),
    };
  }

  /** For tests, whose clock may go on (protocol/env-access.ts): `Alarms.nextIn`. */
  nextAlarmIn(): Promise<number | undefined> {
    return this.#alarms.nextIn();
  }

  /** `Alarms.advance`. */
  advanceAlarms(ms: number): Promise<readonly RunAlarm[]> {
    return this.#alarms.advance(ms);
  }

  /** `Alarms.runNow`. */
  runAlarmNow(id: string): Promise<RunAlarm | undefined> {
    return this.#alarms.runNow(id);
  }

  /** Ids of the objects that store something or live. */
  ids(): readonly string[] {
    const files = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    const stored = files.flatMap((name) => /^([0-9a-f]{64})\.sqlite$/.exec(name)?.[1] ?? []);
    return [...new Set([...stored, ...this.#instances.keys()])].sort();
  }

  close(): void {
    this.#alarms.close();
  }

  pathOf(id: string): string {
    return join(this.#folder, `${id}.sqlite`);
  }

  onAlarm(instance: ObjectInstance, time: number | null): void {
    this.#alarms.set(instance.hex, instance.id.name, time);
  }

  beforeAlarm(instance: ObjectInstance, time: number): void {
    this.#alarms.announce(instance.hex, instance.id.name, time);
  }

  onGone(instance: ObjectInstance): void {
    if (this.#instances.get(instance.hex) === instance) this.#instances.delete(instance.hex);
  }

  async #runAlarm(alarm: DueAlarm, retryCount: number): Promise<AlarmOutcome> {
    const instance = this.instance(alarm.id, alarm.name);
    const { engine } = instance;
    let isAsked = false;
    try {
      return await instance.run(async (object): Promise<AlarmOutcome> => {
        const stored = engine.storedAlarm();
        isAsked = true;
        if (stored !== alarm.time) {
          // A crash came between the two files: what the object says holds.
          this.#alarms.set(alarm.id, alarm.name, stored);
          return "done";
        }
        const handler: unknown = Reflect.get(object, "alarm");
        if (typeof handler !== "function") {
          logRuntime("warn", NO_ALARM_HANDLER, NO_ALARM_HANDLER);
          engine.setAlarm(null);
          await engine.sync();
          return "done";
        }
        engine.beginAlarm();
        let outcome: AlarmOutcome = "done";
        try {
          const info = { scheduledTime: alarm.time, retryCount, isRetry: retryCount > 0 };
          const event = { type: "alarm", scheduledTime: alarm.time } as const;
          await observeEvent({ className: this.class.name, hex: alarm.id }, event, undefined, () =>
            Reflect.apply(handler, object, [info]),
          );
        } catch (error) {
          logException(error, "Uncaught");
          outcome = "failed";
        }
        engine.touch();
        engine.endAlarm(outcome === "done");
        await engine.sync();
        return outcome;
      });
    } catch (error) {
      // What reset an object was logged where it happened; a file that cannot be read was not.
      if (!instance.isGone) logException(error, "Uncaught");
      if (!instance.retriesAlarm) {
        this.#giveUp(alarm);
        return "done";
      }
      const isReached = isAsked || instance.isGone;
      return isReached && !isFileFault(error) ? "failed" : "unreachable";
    }
  }

  #giveUp(alarm: DueAlarm): void {
    const instance = this.instance(alarm.id, alarm.name);
    void instance
      .run(async () => {
        if (instance.engine.storedAlarm() !== alarm.time) return;
        instance.engine.setAlarm(null);
        await instance.engine.sync();
      })
      .catch(() => {});
  }
}

/** Longer names are not told inside (spec/durable-objects.md 2.2). */
function insideName(name: string | undefined): string | undefined {
  return name === undefined || Buffer.byteLength(name) > 1024 ? undefined : name;
}
