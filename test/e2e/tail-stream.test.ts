import { cp } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import recorded from "../parity/tail-stream/answers.json" with { type: "json" };
import { expected, play } from "../parity/tail-stream/exchanges.js";
import { printed, RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

test("a streaming consumer, and that of Durable Objects, hears what the real runtime says", async () => {
  await using project = await tempProject();
  await cp(resolve(import.meta.dirname, "../parity/tail-stream/workers"), project.dir, {
    recursive: true,
  });
  await using dev = await runDev(["producer.json", "consumer.json"], { cwd: project.dir });
  expect(dev.output).toMatch(/- consumer \[connected\]\n- consumer \(streaming\) \[connected\]/);
  const heard = await play(dev.url);
  const all = expected(recorded);
  for (const name of Object.keys(all)) expect(heard[name], name).toEqual(all[name]);
});

const PRODUCER = `
import { tracing } from "cloudflare:workers";
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/first") {
      console.log("at once");
      for (;;);
    }
    console.log("begins");
    if (pathname === "/stream") {
      return new Response(new ReadableStream({ start() {}, pull() { return new Promise(() => {}); } }));
    }
    if (pathname === "/wait") await new Promise((resolve) => { globalThis.resolve = resolve; });
    if (pathname === "/later") {
      tracing.startSpan("open");
      while (globalThis.loops !== true) await scheduler.wait(1);
      for (;;);
    }
    if (pathname === "/loop") globalThis.loops = true;
    if (pathname === "/go") globalThis.resolve();
    return new Response("fine");
  },
};`;

const listens = (body: string): string => `export default { ${body} };`;

const producer = (...services: string[]): string =>
  config("producer", { streaming_tail_consumers: services.map((service) => ({ service })) });

test("events arrive while the invocation goes on, in another session too; handlers by type", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    "a/wrangler.json": producer("consumer"),
    "a/src/index.ts": PRODUCER,
    "b/wrangler.json": config("consumer"),
    "b/src/index.ts": `
      import { WorkerEntrypoint } from "cloudflare:workers";
      export default class extends WorkerEntrypoint {
        async tailStream({ event, sequence }) {
          await scheduler.wait(1);
          console.log("onset", sequence, new URL(event.info.url).pathname);
          return {
            log: ({ event, sequence }) => console.log("log", sequence, event.message.join()),
            outcome: ({ event, sequence }) => console.log("outcome", sequence, event.outcome),
          };
        }
      }`,
  });
  await using consumer = await home.dev("b/wrangler.json", { cwd: project.dir });
  await using dev = await home.dev("a/wrangler.json", { cwd: project.dir });
  await printed(dev, /- consumer \(streaming\) \[connected\]/);
  const answer = dev.fetch("/wait");
  await consumer.waitForLine(/onset 0 \/wait/);
  await consumer.waitForLine(/log 1 begins/);
  expect(consumer.output).not.toContain("outcome");
  await dev.fetch("/go");
  expect(await (await answer).text()).toBe("fine");
  await consumer.waitForLine(/outcome 3 ok/);
  await consumer.stop();
  await dev.waitForLine(/- consumer \(streaming\) \[not connected\]/);
  expect(await (await dev.fetch("/alone")).text()).toBe("fine");
});

test("consumers that are deaf, throw, return nonsense, or lose interest", async () => {
  const consumers = {
    deaf: "fetch() { return new Response(); }",
    odd: "tailStream() { return 5; }",
    failing: `tailStream() { throw new Error("at once"); }`,
    late: `tailStream() { return ({ event }) => { console.log("late", event.type); if (event.type === "log") throw new Error("later"); }; }`,
    uninterested: `tailStream() { console.log("uninterested"); }`,
    slow: `tailStream() { return async ({ event }) => { await scheduler.wait(10); console.log("slow", event.type); }; }`,
  };
  const names = Object.keys(consumers);
  await using project = await tempProject({
    "producer.json": producer(...names, "nowhere"),
    "src/index.ts": PRODUCER,
    ...Object.fromEntries(
      Object.entries(consumers).flatMap(([name, body]) => [
        [`${name}.json`, config(name, { main: `src/${name}.js` })],
        [`src/${name}.js`, listens(body)],
      ]),
    ),
  });
  const configs = ["producer", ...names].map((name) => `${name}.json`);
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(dev.output).toMatch(
    /- deaf \(streaming\) \[not connected\] \(deaf exports no tailStream\(\) handler\)\n- odd \(streaming\) \[connected\]/,
  );
  expect(dev.output).toMatch(/- nowhere \(streaming\) \[not connected\]/);
  expect(await (await dev.fetch("/")).text()).toBe("fine");
  const all = [
    /\[deaf\].*A worker configured to act as a streaming tail worker does not export a tailStream\(\) handler\./,
    /\[odd\].*tailStream\(\) handler returned an unusable value\. The tailStream\(\) handler is expected to return either a function, an object, or undefined\. Received number/,
    /\[failing\].*A worker configured to act as a streaming tail worker did not return a valid tailStream\(\) handler\./,
    /\[failing\].*Uncaught Error: at once/,
    /\[late\] late log/,
    /\[late\].*Uncaught Error: later/,
    /\[uninterested\] uninterested/,
    /\[slow\] slow log\n(.*\n)*.*\[slow\] slow return\n(.*\n)*.*\[slow\] slow outcome/,
  ];
  for (const pattern of all) await eventually(() => expect(dev.output).toMatch(pattern));
  await dev.stop();
  expect(dev.output).not.toContain("late return");
});

test("Workers that tail themselves and each other hear of everything but their own hearing", async () => {
  const loud = listens(`
    fetch() { return new Response("fine"); },
    tailStream({ event }) { console.log("heard", event.info.type); },`);
  const both = { streaming_tail_consumers: [{ service: "one" }, { service: "two" }] };
  await using project = await tempProject({
    "one.json": config("one", { main: "src/one.js", ...both }),
    "src/one.js": loud,
    "two.json": config("two", { main: "src/two.js", ...both }),
    "src/two.js": loud,
  });
  await using dev = await runDev(["one.json", "two.json"], { cwd: project.dir });
  expect(await (await dev.fetch("/")).text()).toBe("fine");
  const all = ["one", "two"].flatMap((name) => [`[${name}] heard fetch`, `[${name}] heard trace`]);
  for (const line of all) await eventually(() => expect(dev.output).toContain(line));
  await dev.stop();
  expect(dev.output.match(/heard fetch/g)).toHaveLength(2);
  expect(dev.output.match(/heard trace/g)).toHaveLength(2);
});

test("streams whose Worker was ended with its thread end: the guilty one's with what it did, with their spans", async () => {
  await using project = await tempProject({
    "producer.json": config("producer", {
      streaming_tail_consumers: [{ service: "consumer" }],
      limits: { cpu_ms: 200 },
    }),
    "src/index.ts": PRODUCER,
    "consumer.json": config("consumer", { main: "src/consumer.js" }),
    "src/consumer.js": listens(`
      tailStream(onset) {
        const { pathname } = new URL(onset.event.info.url);
        return ({ event, sequence }) =>
          console.log("heard", pathname, sequence, event.type, event.outcome ?? event.message);
      },`),
  });
  await using dev = await runDev(["producer.json", "consumer.json"], { cwd: project.dir });
  const answers = ["/wait", "/later"].map((path) => dev.fetch(path, { method: "POST" }));
  const hear = (line: string) => eventually(() => expect(dev.output).toContain(`heard ${line}`));
  await hear("/later 2 spanOpen");
  await hear("/wait 1 log");
  await dev.fetch("/loop");
  for (const answer of answers) expect((await answer).status).toBe(503);
  await hear("/later 5 outcome exceededCpu");
  await hear("/wait 2 outcome canceled");
  const heard = (path: string) =>
    [...dev.output.matchAll(/heard (\S+) (\d .*)/g)].filter((line) => line[1] === path);
  expect(heard("/later").map((line) => line[2])).toEqual([
    "1 log [ 'begins' ]",
    "2 spanOpen undefined",
    "3 exception Worker exceeded CPU time limit.",
    "4 spanClose ok",
    "5 outcome exceededCpu",
  ]);
});

test("a consumer in another session hears why streams end, and of events that were over before anything left", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    "a/wrangler.json": config("producer", {
      streaming_tail_consumers: [{ service: "consumer" }],
      limits: { cpu_ms: 200 },
    }),
    "a/src/index.ts": PRODUCER,
    "b/wrangler.json": config("consumer", { main: "src/consumer.js" }),
    "b/src/consumer.js": listens(`
      tailStream(onset) {
        const { pathname } = new URL(onset.event.info.url);
        console.log("heard", pathname, onset.sequence, onset.event.type, onset.timestamp instanceof Date);
        return ({ event, sequence }) =>
          console.log("heard", pathname, sequence, event.type, event.outcome ?? event.message);
      },`),
  });
  await using consumer = await home.dev("b/wrangler.json", { cwd: project.dir });
  await using dev = await home.dev("a/wrangler.json", { cwd: project.dir });
  await printed(dev, /- consumer \(streaming\) \[connected\]/);
  const hear = (line: string) =>
    eventually(() => expect(consumer.output).toContain(`heard ${line}`));
  const answers = ["/wait", "/later"].map((path) => dev.fetch(path, { method: "POST" }));
  await hear("/later 2 spanOpen");
  await hear("/wait 1 log");
  await dev.fetch("/loop");
  for (const answer of answers) expect((await answer).status).toBe(503);
  await hear("/later 5 outcome exceededCpu");
  await hear("/wait 2 outcome canceled");
  expect((await dev.fetch("/first")).status).toBe(503);
  await hear("/first 3 outcome exceededCpu");
  const heard = (path: string) =>
    [...consumer.output.matchAll(/heard (\S+) (\d .*)/g)].filter((line) => line[1] === path);
  expect(heard("/later")).toHaveLength(6);
  expect(heard("/first").map((line) => line[2])).toEqual([
    "0 onset true",
    "1 log [ 'at once' ]",
    "2 exception Worker exceeded CPU time limit.",
    "3 outcome exceededCpu",
  ]);
  // Each but once.
  expect((await dev.fetch("/")).status).toBe(200);
  await hear("/ 3 outcome ok");
  expect(heard("/wait")).toHaveLength(3);
});
