import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import recorded from "../parity/tail/answers.json" with { type: "json" };
import { expected, play } from "../parity/tail/exchanges.js";
import { printed, RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

const PRODUCER = `
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new TypeError("boom");
    if (pathname === "/five") return 5;
    if (pathname === "/loop") { console.log("before"); for (;;); }
    if (pathname === "/regex") { console.log("before"); /^(a+)+$/.test("a".repeat(100) + "b"); }
    if (pathname === "/wait") { console.log("waits"); await scheduler.wait(60_000); }
    if (pathname === "/hang") return new Promise(() => {});
    if (pathname === "/much") for (let i = 0; i < 40; i += 1) console.log("x".repeat(10_000));
    return new Response("fine");
  },
  email(message) { message.setReject("no"); },
};`;

const CONSUMER = `
export default {
  tail([item], env, ctx) {
    const { event, outcome, exceptions, logs, truncated, scriptName } = item;
    const what = event.request ? new URL(event.request.url).pathname + " " + event.response?.status : JSON.stringify(event);
    console.log("heard", what, outcome, exceptions.map(({ name, message }) => name + ": " + message).join(), logs.length, truncated, scriptName);
    if (what.startsWith("/fail")) throw new RangeError("consumer boom");
  },
};`;

const producer = (...services: string[]): string =>
  config("producer", { tail_consumers: services.map((service) => ({ service })) });

test("a tail consumer hears of fetch, RPC, queue and cron events what the real runtime says", async () => {
  await using project = await tempProject();
  await cp(resolve(import.meta.dirname, "../parity/tail/workers"), project.dir, {
    recursive: true,
  });
  await using dev = await runDev(["producer.json", "consumer.json"], { cwd: project.dir });
  expect(dev.output).toMatch(
    /is sending Tail events to the following Workers:\n- consumer \[connected\]/,
  );
  const heard = await play((path, init) => dev.fetch(path, init ?? {}));
  expect(heard).toEqual(expected(recorded));
});

test("outcomes of what fails, hangs or says too much; a failing consumer is nobody else's concern", async () => {
  await using project = await tempProject({
    "a/wrangler.json": producer("consumer"),
    "a/src/index.ts": PRODUCER,
    "b/wrangler.json": config("consumer"),
    "b/src/index.ts": CONSUMER,
  });
  await using dev = await runDev(["a/wrangler.json", "b/wrangler.json"], { cwd: project.dir });
  expect((await dev.fetch("/throw")).status).toBe(500);
  await dev.waitForLine(/heard \/throw undefined exception TypeError: boom 0 false producer/);
  expect((await dev.fetch("/five")).status).toBe(500);
  await dev.waitForLine(/heard \/five undefined exception TypeError: .* 0 false producer/);
  expect((await dev.fetch("/much")).status).toBe(200);
  await dev.waitForLine(/heard \/much 200 ok {2}27 true producer/);
  expect(await (await dev.fetch("/fail")).text()).toBe("fine");
  await dev.waitForLine(/heard \/fail 200 ok/);
  await dev.waitForLine(/\[consumer\].*Uncaught RangeError: consumer boom/);
  const mail = "From: a@x.test\r\nTo: b@x.test\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n";
  const path = "/cdn-cgi/local/email?from=a@x.test&to=b@x.test";
  expect((await dev.fetch(path, { method: "POST", body: mail })).status).toBe(400);
  await dev.waitForLine(
    /heard \{"rawSize":\d+,"rcptTo":"b@x\.test","mailFrom":"a@x\.test"\} ok {2}0 false producer/,
  );
  expect((await dev.fetch("/hang")).status).toBe(500);
  await dev.waitForLine(/heard \/hang undefined exception Error: The Workers runtime canceled/);
});

test("consumers that are missing, deaf, old or the Worker itself", async () => {
  await using project = await tempProject({
    "a/wrangler.json": producer("nowhere", "deaf", "old", "classic", "producer"),
    "a/src/index.ts": `
      export default {
        fetch() { return new Response("fine"); },
        tail([{ event }]) { console.log("own", Object.keys(event).join()); },
      };`,
    "b/wrangler.json": config("deaf"),
    "b/src/index.ts": "export default { fetch() { return new Response(); } };",
    "c/wrangler.json": config("old", { tail_consumers: [{ service: "producer" }] }),
    "c/src/index.ts": `export default { trace([item]) { console.log("old heard", item.outcome); } };`,
    "d/wrangler.json": config("classic", { main: "src/index.js" }),
    "d/src/index.js": `
      for (const type of ["tail", "trace"]) {
        addEventListener(type, (event) => {
          console.log(event.type, event.constructor.name, event.events === event.traces, event.events[0].outcome);
        });
      }`,
  });
  const configs = ["a", "b", "c", "d"].map((folder) => `${folder}/wrangler.json`);
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(dev.output).toMatch(
    /- nowhere \[not connected\] \(.*\)\n- deaf \[not connected\] \(deaf exports no tail\(\) handler\)\n- old \[connected\]\n- classic \[connected\]\n- producer \[connected\]/,
  );
  expect(await (await dev.fetch("/")).text()).toBe("fine");
  const all = [
    /\[deaf\].*Attempted to send events but we lack a handler, did you remember to export a tail\(\) function\?/,
    /\[deaf\].*Uncaught Error: Handler does not export a tail\(\) function\./,
    /\[old\] old heard ok/,
    /\[classic\] tail TailEvent true ok/,
    /\[classic\] trace TailEvent true ok/,
    /\[producer\] own request,response/,
    // The old one is tailed itself: what it heard was consumed.
    /\[producer\] own consumedEvents/,
  ];
  for (const pattern of all) await eventually(() => expect(dev.output).toMatch(pattern));
  // Nobody hears of what its own hearing caused.
  await dev.stop();
  expect(dev.output.match(/\] own /g)).toHaveLength(2);
});

test("a consumer in another session", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    "a/wrangler.json": producer("consumer"),
    "a/src/index.ts": PRODUCER,
    "b/wrangler.json": config("consumer"),
    "b/src/index.ts": CONSUMER,
  });
  await using consumer = await home.dev("b/wrangler.json", { cwd: project.dir });
  await using dev = await home.dev("a/wrangler.json", { cwd: project.dir });
  await printed(dev, /- consumer \[connected\]/);
  expect(await (await dev.fetch("/far")).text()).toBe("fine");
  await consumer.waitForLine(/heard \/far 200 ok {2}0 false producer/);
  await consumer.stop();
  await dev.waitForLine(/- consumer \[not connected\]/);
  expect(await (await dev.fetch("/alone")).text()).toBe("fine");
});

test("events that end with their thread: the one that computes too long, those that it takes along", async () => {
  await using project = await tempProject({
    "a/wrangler.json": config("producer", {
      tail_consumers: [{ service: "consumer" }],
      limits: { cpu_ms: 200 },
    }),
    "a/src/index.ts": PRODUCER,
    "b/wrangler.json": config("consumer"),
    "b/src/index.ts": CONSUMER,
  });
  await using dev = await runDev(["a/wrangler.json", "b/wrangler.json"], { cwd: project.dir });
  const waiting = dev.fetch("/wait", { method: "POST", body: "x" });
  await dev.waitForLine(/waits/);
  expect((await dev.fetch("/loop")).status).toBe(503);
  expect((await waiting).status).toBe(503);
  const heard = [
    "heard /loop undefined exceededCpu Error: Worker exceeded CPU time limit. 1 false producer",
    "heard /wait undefined canceled  1 false producer",
  ];
  for (const line of heard) await eventually(() => expect(dev.output).toContain(line));
  expect(await (await dev.fetch("/")).text()).toBe("fine");
  expect((await dev.fetch("/regex")).status).toBe(503);
  await dev.waitForLine(/heard \/regex undefined exceededCpu/);
  expect(dev.output.match(/heard \/loop/g)).toHaveLength(1);
});
