import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/* Handlers as @microlabs/otel-cf-workers makes them: Proxies that show nothing of a function. Asked of wrangler 4.164. */
test("handlers and methods may be Proxies without members", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "traced",
      main: "index.js",
      compatibility_date: "2026-10-01",
      services: [{ binding: "OTHER", service: "traced", entrypoint: "Other" }],
      durable_objects: { bindings: [{ name: "BOX", class_name: "Box" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Box"] }],
    }),
    "index.js": `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
      const wrap = (fn) => new Proxy(fn, { get: () => undefined, apply: (target, self, args) => Reflect.apply(target, self, args) });
      const wrapMethods = (cls, ...names) => {
        for (const name of names) cls.prototype[name] = wrap(cls.prototype[name]);
        return new Proxy(cls, { construct: (target, args, type) => Reflect.construct(target, args, type) });
      };
      export const Other = wrapMethods(class extends WorkerEntrypoint {
        fetch() { return new Response("other"); }
        add(a, b) { return a + b; }
      }, "fetch", "add");
      export const Box = wrapMethods(class extends DurableObject {
        fetch() { return new Response("box"); }
        size() { return 3; }
        alarm() { this.ctx.storage.kv.put("rang", true); }
      }, "fetch", "size", "alarm");
      let cron;
      export default {
        fetch: wrap(async (request, env, ctx) => {
          const box = env.BOX.getByName("a");
          const texts = [env.OTHER, box].map(async (it) => (await it.fetch("http://x/")).text());
          return Response.json([...(await Promise.all(texts)), await env.OTHER.add(1, 2), await box.size(), typeof ctx.waitUntil, cron ?? null]);
        }),
        scheduled: wrap(async (controller) => { cron = controller.cron; }),
      };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const answer = ["other", "box", 3, 3, "function"];
  expect(await (await dev.fetch("/")).json()).toEqual([...answer, null]);
  await dev.fetch("/cdn-cgi/local/scheduled?cron=*+*+*+*+*");
  expect(await (await dev.fetch("/")).json()).toEqual([...answer, "* * * * *"]);
});
