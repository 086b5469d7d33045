/**
 * The Worker's side of what tests do with its Durable Objects from outside: their ids, SQL on their storage,
 * eviction, alarms (protocol/env-access.ts). Every use passes the object's input gate. Sessions of tests only; in the Worker's
 * thread, called by env-access.ts.
 */
import type { DurableObjects } from "../../durable-objects/objects.ts";
import type { FiredAlarm, ObjectAccess } from "../../protocol/env-access.ts";
import { outside } from "../../rpc/outside.ts";

/** Work on objects is theirs, not the session's that asks: it runs outside of its invocation. */
export function createObjectAccess(objects: DurableObjects | undefined): ObjectAccess {
  const own = (className: string): DurableObjects => {
    if (objects?.hasClass(className) === true) return objects;
    throw new TypeError(`The Worker runs no Durable Object class "${className}".`);
  };
  return {
    objectIds: (className) => own(className).idsOf(className),
    evictObject: (className, object) => outside(() => own(className).evict(className, object)),
    execSql: (className, object, sql, params) =>
      outside(() => own(className).execSql(className, object, sql, params)),
    runAlarm: (className, object) => outside(() => own(className).runAlarm(className, object)),
    async nextAlarm() {
      const next = await outside(async () => objects?.nextAlarmIn());
      return next ?? null;
    },
    async advance(ms) {
      const runs = await outside(async () => (await objects?.advance(ms)) ?? []);
      return runs.map(({ className, alarm, outcome }): FiredAlarm => {
        const { id, name, time: scheduledTime } = alarm;
        const result = outcome === "done" ? "ok" : "exception";
        return { className, id, name, scheduledTime, outcome: result };
      });
    },
  };
}
