import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* Expected answers are those of wrangler 4.164 to the same requests. */

const PATH = "/cdn-cgi/local/scheduled";

const HANDLERS = `
let ran = 0;
export default {
  fetch(request) { return new Response("fetch " + new URL(request.url).pathname); },
  async scheduled(controller, env, ctx) {
    ran += 1;
    const kind = controller.constructor.name + " " + Object.keys(controller).join();
    console.log("ran", kind, JSON.stringify(controller), typeof controller.noRetry, env.GREETING, ctx.constructor.name);
    switch (controller.cron) {
      case "throw": throw new Error("sched boom");
      case "noRetry": return controller.noRetry();
      case "noRetry throw": controller.noRetry(); throw new TypeError("nope");
      case "waitUntil": return ctx.waitUntil(Promise.reject(new Error("wait boom")));
      case "later": return ctx.waitUntil(scheduler.wait(20).then(() => console.log("later done")));
      case "hang": return new Promise(() => {});
      case "string": throw "a string";
      case "loop": for (;;);
      case "torn": { const { noRetry } = controller; return noRetry(); }
      case "construct": return new controller.constructor();
    }
  },
};
`;

async function play(dev: RunningDev, query = "", init = {}): Promise<[number, string]> {
  const response = await dev.fetch(`${PATH}${query}`, init);
  return [response.status, await response.text()];
}

test("a cron trigger is played, and its outcome answered, in wrangler's words", async () => {
  await using project = await tempProject({
    "wrangler.json": config("cron", {
      vars: { GREETING: "hello" },
      triggers: { crons: ["*/5 * * * *"] },
    }),
    "src/index.ts": HANDLERS,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  await dev.waitForLine(/Scheduled Workers are not automatically triggered/);
  await dev.waitForLine(new RegExp(`curl "${dev.url}/cdn-cgi/local/scheduled"`));

  expect(await play(dev, "?cron=*/5+*+*+*+*&time=1700000000000")).toEqual([200, "ok"]);
  await dev.waitForLine(
    /ran ScheduledController cron,scheduledTime \{"cron":"\*\/5 \* \* \* \*","scheduledTime":1700000000000\} function hello ExecutionContext/,
  );
  expect(await play(dev)).toEqual([200, "ok"]);
  const [, time] = await dev.waitForLine(/\{"cron":"","scheduledTime":(\d+)\}/);
  expect(Math.abs(Date.now() - Number(time))).toBeLessThan(60_000);
  expect(await play(dev, "?format=json")).toEqual([200, '{"outcome":"ok","noRetry":false}']);

  const outcomes = {
    throw: [500, '{"outcome":"exception","noRetry":false}'],
    noRetry: [200, '{"outcome":"ok","noRetry":true}'],
    "noRetry throw": [500, '{"outcome":"exception","noRetry":true}'],
    waitUntil: [500, '{"outcome":"exception","noRetry":false}'],
    string: [500, '{"outcome":"exception","noRetry":false}'],
    hang: [500, '{"outcome":"exception","noRetry":false}'],
    torn: [500, '{"outcome":"exception","noRetry":false}'],
    construct: [500, '{"outcome":"exception","noRetry":false}'],
  };
  for (const [cron, answer] of Object.entries(outcomes)) {
    expect([cron, ...(await play(dev, `?format=json&cron=${cron}`))]).toEqual([cron, ...answer]);
  }
  await dev.waitForLine(/Uncaught Error: sched boom/);
  await dev.waitForLine(/\(in waitUntil\) Error: wait boom/);
  await dev.waitForLine(/Uncaught TypeError: Illegal invocation/);
  await dev.waitForLine(/Uncaught TypeError: Illegal constructor/);

  expect(await play(dev, "?cron=throw")).toEqual([500, "exception"]);
  // The answer comes when waitUntil work is done.
  expect(await play(dev, "?cron=later")).toEqual([200, "ok"]);
  await dev.waitForLine(/later done/);

  for (const [time, seen] of [
    ["2024-01-01", 2024],
    ["1e3", 1],
    ["-5", -5],
  ]) {
    expect(await play(dev, `?time=${time}`)).toEqual([200, "ok"]);
    await dev.waitForLine(new RegExp(`"scheduledTime":${seen}\\}`));
  }
  for (const time of ["abc", "8640000000000001"]) {
    const message = "TypeError: The value cannot be converted because it is not a valid Date.";
    expect(await play(dev, `?time=${time}`)).toEqual([500, message]);
  }
});

test("all of wrangler's paths and any method play it; nothing else does", async () => {
  await using project = await tempProject({
    "wrangler.json": config("cron"),
    "src/index.ts": HANDLERS,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  for (const path of ["handler", "mf", "local"]) {
    const response = await dev.fetch(`/cdn-cgi/${path}/scheduled?cron=${path}`);
    expect(response.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
    expect(await response.text()).toBe("ok");
    await dev.waitForLine(new RegExp(`"cron":"${path}"`));
  }
  expect(await play(dev, "", { method: "POST", body: "x" })).toEqual([200, "ok"]);
  expect(await play(dev, "", { method: "HEAD" })).toEqual([200, ""]);
  const json = await dev.fetch(`${PATH}?format=json`);
  expect(json.headers.get("content-type")).toBe("application/json");
  await json.text();
  for (const path of [`${PATH}/`, "/__scheduled", "/cdn-cgi/local/queue"]) {
    expect(await (await dev.fetch(path)).text()).toBe(`fetch ${path}`);
  }
  const foreign = await dev.fetch(PATH, { headers: { origin: "https://evil.example" } });
  expect([foreign.status, await foreign.text()]).toEqual([403, "Invalid Origin header"]);
  // As in wrangler, none of them has a line of its own.
  expect(dev.output).not.toMatch(/(GET|POST|HEAD) \/cdn-cgi\/\w+\/scheduled /);
  expect(dev.output).not.toContain("Scheduled Workers are not automatically triggered");
});

test("with --test-scheduled /__scheduled plays it, for every Worker of the session", async () => {
  await using project = await tempProject({
    "a/wrangler.json": config("a", { triggers: { crons: ["* * * * *"] } }),
    "a/src/index.ts": HANDLERS,
    "b/wrangler.json": config("b", { triggers: { crons: ["* * * * *"] } }),
    "b/src/index.ts": `
      import { WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint {
        scheduled(controller) { console.log("class", controller.cron, arguments.length, typeof this.ctx.waitUntil); }
      }`,
  });
  const configs = ["a/wrangler.json", "b/wrangler.json"];
  await using dev = await runDev(configs, { cwd: project.dir, args: ["--test-scheduled"] });
  const first = await dev.fetch("/__scheduled?cron=a+b");
  expect([first.status, await first.text()]).toEqual([200, "Ran scheduled event"]);
  await dev.waitForLine(/"cron":"a b"/);
  await dev.waitForLine(/GET \/__scheduled 200 OK/);
  const failed = await dev.fetch("/__scheduled?cron=throw");
  expect(failed.status).toBe(500);
  expect(await failed.text()).toContain("sched boom");
  const second = await dev.fetch("/__scheduled?cron=x", { worker: "b" });
  expect(await second.text()).toBe("Ran scheduled event");
  await dev.waitForLine(/class x 3 function/);
  expect(dev.output).not.toContain("Scheduled Workers are not automatically triggered");
});

test("a Worker without handler says so, and a save mends it", async () => {
  await using project = await tempProject({
    "wrangler.json": config("none"),
    "src/index.ts": "export default { fetch() { return new Response('x'); } };",
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await play(dev)).toEqual([500, "exception"]);
  await dev.waitForLine(/Received a ScheduledEvent but we lack a handler for ScheduledEvents/);
  await dev.waitForLine(/Uncaught Error: Handler does not export a scheduled\(\) function\n/);
  await writeFile(project.path("src/index.ts"), "throw new Error('not today'); export default {};");
  await dev.waitForLine(/Failed to start: Error: not today/);
  // The last good version serves.
  expect(await play(dev)).toEqual([500, "exception"]);
  await writeFile(project.path("src/index.ts"), HANDLERS);
  await dev.waitForLine(/updated and ready/);
  expect(await play(dev)).toEqual([200, "ok"]);
});

test("limits.cpu_ms holds for it, and a Worker that sleeps is woken by it", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `w${index}`);
  const files = names.flatMap((name) => [
    [`${name}/wrangler.json`, config(name, { limits: { cpu_ms: 200 } })],
    [`${name}/src/index.ts`, HANDLERS.replaceAll('"ran"', `"${name} ran"`)],
  ]);
  await using project = await tempProject(Object.fromEntries(files));
  const configs = names.map((name) => `${name}/wrangler.json`);
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(dev.output).toContain("Workers sleep");
  expect(await play(dev, "?cron=wake", { worker: "w7" })).toEqual([200, "ok"]);
  await dev.waitForLine(/w7 ran/);
  const answer = [500, '{"outcome":"exceededCpu","noRetry":false}'];
  expect(await play(dev, "?cron=loop&format=json", { worker: "w7" })).toEqual(answer);
  await dev.waitForLine(/Uncaught Error: Worker exceeded CPU time limit\./);
  expect(await play(dev, "?cron=again", { worker: "w7" })).toEqual([200, "ok"]);
});

test("an event that runs when its Worker is edited is finished by the old version", async () => {
  const version = (name: string): string => `
    let go;
    export default {
      fetch() { go?.(); return new Response("${name}"); },
      async scheduled(controller) {
        console.log("${name} begins");
        await fetch(controller.cron);
        console.log("${name} ends");
      },
    };`;
  await using project = await tempProject({
    "wrangler.json": config("cron"),
    "src/index.ts": version("v1"),
    "gate/wrangler.json": config("gate"),
    "gate/src/index.ts": `
      let open; const opened = new Promise((resolve) => { open = resolve; });
      export default { async fetch(request) {
        if (request.url.endsWith("/open")) { open(); return new Response("open"); }
        await opened; return new Response("passed");
      } };`,
  });
  await using gate = await runDev("gate/wrangler.json", { cwd: project.dir });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const running = play(dev, `?cron=${encodeURIComponent(gate.url)}/wait`);
  await dev.waitForLine(/v1 begins/);
  await writeFile(project.path("src/index.ts"), version("v2"));
  await dev.waitForLine(/updated and ready/);
  expect(await (await dev.fetch("/")).text()).toBe("v2");
  await (await gate.fetch("/open")).text();
  expect(await running).toEqual([200, "ok"]);
  await dev.waitForLine(/v1 ends/);
});

test("with --cron triggers fire on their schedules, here a thousand times as fast", async () => {
  await using project = await tempProject({
    "wrangler.json": config("cron", { triggers: { crons: ["*/5 * * * *", "0 0 * * 9"] } }),
    "src/index.ts": HANDLERS,
  });
  const args = ["--cron", "--time-scale", "1000"];
  await using dev = await runDev("wrangler.json", { cwd: project.dir, args });
  const [, first] = await dev.waitForLine(/"cron":"\*\/5 \* \* \* \*","scheduledTime":(\d+)/);
  const [, second] = await dev.waitForLine(/"cron":"\*\/5 \* \* \* \*","scheduledTime":(\d+)/);
  expect(Number(first) % 300_000).toBe(0);
  expect(Number(second) - Number(first)).toBe(300_000);
  // Lines of the Worker and of drover come on ways of their own.
  await eventually(() => expect(dev.output).toMatch(/CRON \*\/5 \* \* \* \* ok \(\d+ms\)/));
  expect(dev.output).toContain(
    'The cron trigger "0 0 * * 9" never fires: days of the week are 1 to 7.',
  );
  expect(dev.output).not.toContain("not automatically triggered");
});
