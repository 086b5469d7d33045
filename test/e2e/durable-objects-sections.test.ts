import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* Critical sections, with callers that wait (spec/durable-objects.md 26: 10-12). */

const APP = `
import { DurableObject } from "cloudflare:workers";
export class Loaded extends DurableObject {
  loads = 0;
  calls = 0;
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(50);
      await ctx.storage.put("loaded", true);
      this.callsBefore = this.calls;
      this.loads += 1;
    });
  }
  call() {
    this.calls += 1;
    return [this.loads, this.callsBefore];
  }
}
export class Section extends DurableObject {
  log = [];
  section() {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("begins");
      const said = await this.env.HELPER.callBack(async (word) => {
        this.log.push("callback " + word);
        await this.ctx.storage.put("word", word);
        await scheduler.wait(50);
        return word + "!";
      });
      this.log.push("helper said " + said);
    });
  }
  async fails() {
    try {
      await this.ctx.blockConcurrencyWhile(async () => {
        await this.env.HELPER.later();
        throw new RangeError("not now");
      });
    } finally {
      this.log.push("never seen");
    }
  }
  other() {
    this.log.push("other");
    return this.log;
  }
}
export default { async fetch(request, env) {
  if (new URL(request.url).pathname === "/loads") {
    const stub = env.LOADED.getByName("one");
    return Response.json(await Promise.all(Array.from({ length: 10 }, () => stub.call())));
  }
  const stub = env.SECTION.getByName("one");
  if (new URL(request.url).pathname === "/fails") {
    const told = await Promise.allSettled([stub.fails(), stub.other(), stub.other()]);
    const log = await env.SECTION.getByName("one").other();
    return Response.json([told.map(({ reason }) => [reason.name, reason.message, reason.durableObjectReset]), log]);
  }
  const section = stub.section();
  const other = stub.other();
  await section;
  return Response.json(await other);
} };`;

const HELPER = `
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  async later() {
    await scheduler.wait(20);
  }
  async callBack(callback) {
    return "heard " + (await callback("hello"));
  }
}`;

const project = () =>
  tempProject({
    "app/wrangler.json": config("app", {
      durable_objects: {
        bindings: [
          { name: "LOADED", class_name: "Loaded" },
          { name: "SECTION", class_name: "Section" },
        ],
      },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Loaded", "Section"] }],
      services: [{ binding: "HELPER", service: "helper" }],
    }),
    "app/src/index.ts": APP,
    "helper/wrangler.json": config("helper"),
    "helper/src/index.ts": HELPER,
  });

test("what a constructor loads is there once, before the first of ten calls", async () => {
  await using files = await project();
  const configs = ["app/wrangler.json", "helper/wrangler.json"];
  await using dev = await runDev(configs, { cwd: files.dir });
  expect(await (await dev.fetch("/loads")).json()).toEqual(Array(10).fill([1, 0]));
});

test("a function that a section hands to another Worker runs inside of it; other calls wait", async () => {
  await using files = await project();
  const configs = ["app/wrangler.json", "helper/wrangler.json"];
  await using dev = await runDev(configs, { cwd: files.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    "begins",
    "callback hello",
    "helper said heard hello!",
    "other",
  ]);
});

test("a section that rejects is the end of its instance: whoever waits hears why, the next call has a new one", async () => {
  await using files = await project();
  const configs = ["app/wrangler.json", "helper/wrangler.json"];
  await using dev = await runDev(configs, { cwd: files.dir });
  const told = ["RangeError", "not now", true];
  expect(await (await dev.fetch("/fails")).json()).toEqual([[told, told, told], ["other"]]);
});
