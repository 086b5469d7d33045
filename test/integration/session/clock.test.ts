import { type FiredEvent, startDev } from "drover";
import { expect, test } from "vitest";
import { tempProject } from "../../helpers/temp-project.ts";

const config = (name: string, more: object = {}) =>
  JSON.stringify({ name, main: "index.js", compatibility_date: "2026-06-01", ...more });

const HOUR = 3_600_000;

const objects = {
  durable_objects: { bindings: [{ name: "BELL", class_name: "Bell" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Bell"] }],
};

const bell = `import { DurableObject } from "cloudflare:workers";
  export class Bell extends DurableObject {
    async set(ms, every, fails = 0) {
      this.ctx.storage.kv.put("every", every);
      this.ctx.storage.kv.put("fails", fails);
      await this.ctx.storage.setAlarm(Date.now() + ms);
    }
    async alarm({ retryCount }) {
      const rung = this.ctx.storage.kv.get("rung") ?? [];
      this.ctx.storage.kv.put("rung", [...rung, Math.abs(Date.now() - this.env.NOW) < 600_000]);
      const every = this.ctx.storage.kv.get("every");
      if (every) await this.ctx.storage.setAlarm(Date.now() + every);
      if (retryCount < this.ctx.storage.kv.get("fails")) throw new Error("not yet");
    }
    rung() { return this.ctx.storage.kv.get("rung") ?? []; }
  }`;

interface Bells {
  readonly BELL: {
    getByName(name: string): {
      set(ms: number, every?: number, fails?: number): Promise<void>;
      rung(): Promise<readonly boolean[]>;
    };
  };
}

test("alarms and cron triggers of all Workers fire in order, each once, as time is let go by", async () => {
  await using project = await tempProject({
    "api/wrangler.json": config("api", {
      ...objects,
      vars: { NOW: Date.now() },
      triggers: { crons: ["0 * * * *", "30 * * * *"] },
    }),
    "api/index.js": `${bell}
      export default { scheduled(controller) { if (controller.cron[0] === "3") throw new Error("half past"); } };`,
    "jobs/wrangler.json": config("jobs", { ...objects, vars: { NOW: Date.now() } }),
    "jobs/index.js": `${bell} export default {};`,
  });
  await using dev = await startDev({
    configs: [project.path("api/wrangler.json"), project.path("jobs/wrangler.json")],
    persist: false,
  });
  const env = await dev.worker("api").getEnv<Bells>();
  const jobs = await dev.worker("jobs").getEnv<Bells>();
  await env.BELL.getByName("once").set(20 * 60_000);
  await jobs.BELL.getByName("far").set(48 * HOUR);
  await jobs.BELL.getByName("often").set(HOUR, HOUR);

  const startedAt = dev.clock.now();
  const fired = await dev.clock.advance(3.5 * HOUR);
  const endedAt = dev.clock.now();
  expect(endedAt - startedAt).toBeGreaterThanOrEqual(3.5 * HOUR);
  const crons = fired.flatMap((event) => (event.type === "scheduled" ? [event] : []));
  const times = crons.map(({ scheduledTime }) => scheduledTime);
  // Every full and every half hour of the time, and no other.
  const first = times[0] ?? 0;
  expect(first % (HOUR / 2)).toBe(0);
  expect(first - startedAt).toBeGreaterThan(0);
  expect(first - startedAt).toBeLessThan(HOUR);
  expect(times).toEqual(times.map((_time, index) => first + (index * HOUR) / 2));
  expect([7, 8]).toContain(times.length);
  expect(times.at(-1)).toBeLessThanOrEqual(endedAt);
  for (const { worker, cron, scheduledTime, outcome } of crons) {
    const isFull = scheduledTime % HOUR === 0;
    const expected = isFull ? ["0 * * * *", "ok"] : ["30 * * * *", "exception"];
    expect([worker, cron, outcome]).toEqual(["api", ...expected]);
  }

  const alarms = fired.flatMap((event) => (event.type === "alarm" ? [event] : []));
  expect(alarms.filter(({ name }) => name === "once")).toMatchObject([
    { worker: "api", className: "Bell", outcome: "ok" },
  ]);
  expect(alarms.filter(({ name }) => name === "far")).toEqual([]);
  // One that is set again by `Date`, which stays the machine's, is an hour away again.
  expect(alarms.filter(({ name }) => name === "often")).toHaveLength(3);
  expect(await jobs.BELL.getByName("often").rung()).toEqual(Array.from({ length: 3 }, () => true));
  expect(await env.BELL.getByName("once").rung()).toEqual([true]);

  // Several advances are as good as one.
  await dev.clock.advance(23 * HOUR);
  const later = await dev.clock.advance(23 * HOUR);
  expect(later.filter((event) => event.type === "alarm" && event.name === "far")).toHaveLength(1);
  await expect(dev.clock.advance(-1)).rejects.toThrow(RangeError);
});

test("an alarm that fails is tried again as far as time goes, and can be run at once", async () => {
  await using project = await tempProject({
    "wrangler.json": config("api", { ...objects, vars: { NOW: Date.now() } }),
    "index.js": `${bell} export default {};`,
  });
  await using dev = await startDev({ configs: project.path("wrangler.json"), persist: false });
  const api = dev.worker("api");
  const env = await api.getEnv<Bells>();
  await env.BELL.getByName("weak").set(HOUR, undefined, 2);
  expect(await dev.clock.advance(HOUR - 60_000)).toEqual([]);
  expect(await dev.clock.advance(60_000)).toMatchObject([{ name: "weak", outcome: "exception" }]);
  // Two and four seconds, and some jitter.
  expect(await dev.clock.advance(60_000)).toMatchObject([
    { name: "weak", outcome: "exception" },
    { name: "weak", outcome: "ok" },
  ]);
  expect(await env.BELL.getByName("weak").rung()).toHaveLength(3);
  expect(await dev.clock.advance(24 * HOUR)).toEqual([]);

  await env.BELL.getByName("now").set(HOUR);
  expect(await api.runDurableObjectAlarm("BELL", { name: "now" })).toBe(true);
  expect(await env.BELL.getByName("now").rung()).toEqual([true]);
  expect(await api.runDurableObjectAlarm("BELL", { name: "now" })).toBe(false);
  expect(await dev.clock.advance(2 * HOUR)).toEqual([]);
});

test("objects that another server runs are not reached from outside either", async () => {
  await using project = await tempProject({
    "wrangler.json": config("api", { ...objects, vars: { NOW: 0 } }),
    "index.js": `${bell} export default {};`,
  });
  const configs = project.path("wrangler.json");
  const persistTo = project.path("state");
  await using first = await startDev({ configs, persistTo });
  const env = await first.worker("api").getEnv<Bells>();
  await env.BELL.getByName("a").set(HOUR, undefined, 100);
  await using second = await startDev({ configs, persistTo });
  const elsewhere = /Another session runs the Durable Objects of Worker "api"/;
  const storage = await second.worker("api").getDurableObjectStorage("BELL", { name: "a" });
  await expect(storage.exec("CREATE TABLE t (x)")).rejects.toThrow(elsewhere);
  await expect(second.worker("api").runDurableObjectAlarm("BELL", { name: "a" })).rejects.toThrow(
    elsewhere,
  );
  // Nor does it use up the tries of an alarm that is the other's.
  await expect(second.clock.advance(2 * HOUR)).rejects.toThrow(elsewhere);
  expect(await env.BELL.getByName("a").rung()).toEqual([]);
});

interface Posts {
  readonly SLOW: {
    send(body: unknown, options?: { readonly delaySeconds: number }): Promise<void>;
  };
}

test("delays of messages, of retries and of batches go by, between alarms and cron triggers", async () => {
  const queues = {
    producers: [{ binding: "SLOW", queue: "slow" }],
    consumers: [
      { queue: "slow", max_batch_timeout: 5, max_retries: 1, dead_letter_queue: "dead" },
      { queue: "dead", max_batch_timeout: 0 },
    ],
  };
  // Half an hour away, whenever this runs.
  const crons = [`${(new Date().getUTCMinutes() + 30) % 60} * * * *`];
  await using project = await tempProject({
    "api/wrangler.json": config("api", { ...objects, queues, triggers: { crons } }),
    "api/index.js": `import { DurableObject } from "cloudflare:workers";
      const seen = [];
      export class Bell extends DurableObject {
        async set(ms) { await this.ctx.storage.setAlarm(Date.now() + ms); }
        async alarm() { await this.env.SLOW.send("from the alarm"); }
      }
      export default {
        fetch: () => Response.json(seen),
        async scheduled(controller, env) { await env.SLOW.send("from a cron", { delaySeconds: 60 }); },
        async queue(batch) {
          for (const { body, attempts, timestamp } of batch.messages) {
            seen.push([batch.queue, body, attempts, Math.abs(Date.now() - timestamp) < 600_000]);
          }
          if (batch.queue === "slow" && batch.messages.some(({ body }) => body === "bad")) batch.retryAll({ delaySeconds: 600 });
        },
      };`,
  });
  await using dev = await startDev({ configs: project.path("api/wrangler.json"), persist: false });
  const env = await dev.worker("api").getEnv<Posts & Bells>();
  const kinds = (fired: readonly FiredEvent[]) =>
    fired.map((event) =>
      event.type === "queue"
        ? `${event.queue} ${event.acknowledged}/${event.messages}`
        : event.type,
    );
  const seen = async () => (await (await dev.fetch("/")).json()) as readonly unknown[];

  await env.SLOW.send("late", { delaySeconds: 10 * 60 });
  // Neither the delay nor the batch.
  expect(await dev.clock.advance(9 * 60_000)).toEqual([]);
  expect(await seen()).toEqual([]);
  expect(await dev.clock.advance(66_000)).toEqual([
    { type: "queue", worker: "api", queue: "slow", messages: 1, acknowledged: 1 },
  ]);
  expect(await seen()).toEqual([["slow", "late", 1, true]]);

  // A retry waits, the last one leads to another queue at once.
  await env.SLOW.send("bad");
  expect(kinds(await dev.clock.advance(6_000))).toEqual(["slow 0/1"]);
  expect(kinds(await dev.clock.advance(606_000))).toEqual(["slow 0/1", "dead 1/1"]);
  expect((await seen()).slice(1)).toEqual([
    ["slow", "bad", 1, true],
    ["slow", "bad", 2, true],
    ["dead", "bad", 1, true],
  ]);

  // What other events send is delivered in the same advance, each in its turn.
  await env.BELL.getByName("a").set(24 * HOUR);
  const hour = ["scheduled", "slow 1/1"];
  expect(kinds(await dev.clock.advance(25 * HOUR))).toEqual([
    ...Array.from({ length: 24 }, () => hour).flat(),
    "alarm",
    "slow 1/1",
    ...hour,
  ]);
});
