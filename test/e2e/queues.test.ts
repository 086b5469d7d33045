import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/* Texts and keys are those of wrangler 4.164. */

const PRODUCER = `
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const bodies = url.searchParams.getAll("b");
    const delaySeconds = Number(url.searchParams.get("delay") ?? 0);
    if (url.pathname === "/metrics") return Response.json(await env.Q.metrics());
    if (url.pathname === "/many") {
      const count = Number(url.searchParams.get("n"));
      return Response.json(await env.Q.sendBatch(Array.from({ length: count }, (_, i) => ({ body: i })), { delaySeconds }));
    }
    const answers = [];
    for (const body of bodies) answers.push(await env.Q.send(body, { delaySeconds }));
    return Response.json(answers);
  },
};
`;

/** Says what it got, and does what the body asks for. */
const CONSUMER = `
const shown = (m) => m.body + "#" + m.attempts;
export default {
  fetch() { return new Response("consumer"); },
  async queue(batch, env, ctx) {
    console.log("got", batch.queue, batch.messages.map(shown).join(" "));
    for (const message of batch.messages) {
      switch (String(message.body).split(" ")[0]) {
        case "throw": throw new Error("queue boom");
        case "retry": message.retry(); break;
        case "ack-throw": message.ack(); throw new Error("after ack");
        case "waitUntil": ctx.waitUntil(Promise.reject(new Error("wait boom"))); break;
        case "ack-retry": message.ack(); message.retry(); batch.retryAll(); batch.ackAll(); break;
        case "ackAll": batch.ackAll(); message.retry(); message.ack(); batch.retryAll(); break;
        case "retry-ack": message.retry(); message.ack(); batch.ackAll(); break;
      }
    }
  },
};
`;

const consumerConfig = (more: object = {}): string =>
  config("consumer", { queues: { consumers: [{ queue: "jobs", max_batch_size: 1, ...more }] } });
const producerConfig: string = config("producer", {
  queues: { producers: [{ binding: "Q", queue: "jobs" }] },
});
const both = (more?: object): Record<string, string> => ({
  "producer/wrangler.json": producerConfig,
  "producer/src/index.ts": PRODUCER,
  "consumer/wrangler.json": consumerConfig(more),
  "consumer/src/index.ts": CONSUMER,
});
const BOTH = ["producer/wrangler.json", "consumer/wrangler.json"];

const send = async (dev: RunningDev, ...bodies: readonly string[]): Promise<unknown> => {
  const query = bodies.map((body) => `b=${encodeURIComponent(body)}`).join("&");
  const response = await dev.fetch(`/send?${query}`);
  expect([response.status, response.ok && "ok"]).toEqual([200, "ok"]);
  return response.json();
};

test("messages reach the consumer of the session, and each batch has its line", async () => {
  await using project = await tempProject(both());
  await using dev = await runDev(BOTH, { cwd: project.dir });
  expect(dev.output).toMatch(/env\.Q \(jobs\) +Queue +local \[connected\]/);
  expect(dev.output).not.toContain("Not supported by drover");
  const nothing = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  expect(await send(dev, "a")).toEqual([nothing]);
  await dev.waitForLine(/got jobs a#1/);
  await dev.waitForLine(/\[drover:info\] \[consumer\] QUEUE jobs 1\/1 \(\d+ms\)/);
  expect(await (await dev.fetch("/metrics")).json()).toEqual(nothing.metadata.metrics);
});

test("a failed batch comes again with its attempts, then goes to the dead letter queue with its id", async () => {
  const files = both({ max_retries: 2, dead_letter_queue: "dead" });
  await using project = await tempProject({
    ...files,
    "dead/wrangler.json": config("dead", {
      queues: { consumers: [{ queue: "dead", max_batch_size: 1, max_retries: 0 }] },
    }),
    "dead/src/index.ts": CONSUMER.replace("got", "dead got").replaceAll("boom", "dead boom"),
  });
  await using dev = await runDev([...BOTH, "dead/wrangler.json"], { cwd: project.dir });
  await send(dev, "throw");
  for (const attempt of [1, 2, 3]) {
    await dev.waitForLine(new RegExp(`got jobs throw#${attempt}`));
    await dev.waitForLine(/Uncaught Error: queue boom/);
    if (attempt < 3) await dev.waitForLine(/QUEUE jobs 0\/1/);
  }
  const [, id] = await dev.waitForLine(
    /Moving message "([0-9a-f]{32})" on queue "jobs" to dead letter queue "dead" after 3 failed attempts\.\.\./,
  );
  await dev.waitForLine(/QUEUE jobs 0\/1/);
  await dev.waitForLine(/dead got dead throw#1/);
  await dev.waitForLine(
    new RegExp(`Dropped message "${id}" on queue "dead" after 1 failed attempt!`),
  );
  await dev.waitForLine(/QUEUE dead 0\/1/);
});

test("who calls first wins, an acknowledgement outlives a failure, waitUntil counts", async () => {
  await using project = await tempProject(
    both({ max_batch_size: 2, max_batch_timeout: 60, max_retries: 0 }),
  );
  await using dev = await runDev(BOTH, { cwd: project.dir });
  const warning = (call: string, before: string, what: string): RegExp =>
    new RegExp(
      `Received a call to ${call} after ${before} was already called\\. Calling ${what} after calling ${before} has no effect\\.`.replaceAll(
        "()",
        "\\(\\)",
      ),
    );
  const id = "[0-9a-f]{32}";

  await send(dev, "ack-throw", "x");
  await dev.waitForLine(/QUEUE jobs 1\/2/);
  await send(dev, "waitUntil", "x");
  await dev.waitForLine(/QUEUE jobs 0\/2/);
  await send(dev, "retry", "x");
  await dev.waitForLine(/QUEUE jobs 1\/2/);
  await send(dev, "ack-retry", "x");
  await dev.waitForLine(warning(`retry() on message ${id}`, "ack()", "retry() on a message"));
  await dev.waitForLine(warning("ackAll()", "retryAll()", "ackAll()"));
  await dev.waitForLine(/QUEUE jobs 1\/2/);
  await send(dev, "ackAll", "x");
  await dev.waitForLine(warning(`retry() on message ${id}`, "ackAll()", "retry() on a message"));
  await dev.waitForLine(warning("retryAll()", "ackAll()", "retryAll()"));
  await dev.waitForLine(/QUEUE jobs 2\/2/);
  await send(dev, "retry-ack", "x");
  await dev.waitForLine(warning(`ack() on message ${id}`, "retry()", "ack() on a message"));
  await dev.waitForLine(/QUEUE jobs 1\/2/);
});

test("a batch goes when it is full, or when its time is over", async () => {
  await using project = await tempProject(both({ max_batch_size: 3, max_batch_timeout: 1 }));
  await using dev = await runDev(BOTH, { cwd: project.dir });
  await dev.fetch("/many?n=7");
  await dev.waitForLine(/got jobs 0#1 1#1 2#1/);
  await dev.waitForLine(/got jobs 3#1 4#1 5#1/);
  await dev.waitForLine(/got jobs 6#1/);
  await dev.waitForLine(/QUEUE jobs 1\/1/);
});

test("a delayed message is no part of the backlog until it is due", async () => {
  await using project = await tempProject(both());
  await using dev = await runDev(BOTH, { cwd: project.dir });
  await (await dev.fetch("/send?b=later&delay=1")).json();
  await send(dev, "now");
  await dev.waitForLine(/got jobs now#1/);
  await dev.waitForLine(/got jobs later#1/);
});

test("a Worker without queue() says so, and a save delivers to the new code", async () => {
  await using project = await tempProject({
    ...both({ max_retries: 100, retry_delay: 1 }),
    "consumer/src/index.ts": "export default { fetch() { return new Response(''); } };",
  });
  await using dev = await runDev(BOTH, { cwd: project.dir });
  await send(dev, "a");
  await dev.waitForLine(
    /Received a QueueEvent but we lack a handler for QueueEvents\. Did you remember to export a queue\(\) function\?/,
  );
  await dev.waitForLine(/Uncaught Error: Handler does not export a queue\(\) function\./);
  await writeFile(project.path("consumer/src/index.ts"), CONSUMER);
  await dev.waitForLine(/got jobs a#\d+/);
  await dev.waitForLine(/QUEUE jobs 1\/1/);
});

test("what nobody consumes waits on disk, visibly, until somebody does", async () => {
  await using project = await tempProject(both());
  {
    await using alone = await runDev("producer/wrangler.json", {
      cwd: project.dir,
      args: ["--no-registry"],
    });
    expect(alone.output).toMatch(/env\.Q \(jobs\) +Queue +local \[not connected\]/);
    await send(alone, "one", "two", "three");
    await alone.waitForLine(/1 message waits on queue "jobs": no consumer/);
    await eventually(async () => {
      const page = (await (await alone.fetch("/cdn-cgi/drover/status")).json()) as {
        workers: { connections: unknown }[];
      };
      expect(page.workers[0]?.connections).toMatchObject([
        { binding: "Q", kind: "queue", service: "jobs", connected: false, reason: "3 waiting" },
      ]);
    });
    expect(await (await alone.fetch("/metrics")).json()).toMatchObject({
      backlogCount: 3,
      backlogBytes: 17,
    });
  }
  {
    await using again = await runDev("producer/wrangler.json", {
      cwd: project.dir,
      args: ["--no-registry"],
    });
    // Before or after the Ready line.
    await eventually(() => {
      expect(again.output).toMatch(/3 messages wait on queue "jobs": no consumer/);
    });
  }
  await using dev = await runDev(BOTH, { cwd: project.dir, args: ["--no-registry"] });
  await eventually(() => {
    expect(dev.output).toMatch(/got jobs one#1[\s\S]*got jobs two#1[\s\S]*got jobs three#1/);
  });
});

test("an edit of either Worker loses nothing, and what was with the old version comes again uncounted", async () => {
  const slow = (name: string): string => `
    export default { async queue(batch) {
      console.log("${name} got", batch.messages.map((m) => m.body + "#" + m.attempts).join());
      ${name === "v1" ? "for (;;) await scheduler.wait(1000);" : ""}
    } };`;
  await using project = await tempProject({ ...both(), "consumer/src/index.ts": slow("v1") });
  await using dev = await runDev(BOTH, { cwd: project.dir });
  await send(dev, "a");
  await dev.waitForLine(/v1 got a#1/);
  await send(dev, "b");
  await writeFile(project.path("consumer/src/index.ts"), slow("v2"));
  // The old version is given its 10 s.
  await dev.waitForLine(/v2 got a#1/);
  await dev.waitForLine(/v2 got b#1/);
});

test("a queue has one consumer", async () => {
  await using project = await tempProject({
    ...both(),
    "other/wrangler.json": config("other", { queues: { consumers: [{ queue: "jobs" }] } }),
    "other/src/index.ts": CONSUMER,
  });
  await using dev = await runDev([...BOTH, "other/wrangler.json"], {
    cwd: project.dir,
    waitForReady: false,
  });
  expect(await dev.exited).toEqual({ code: 2, signal: null });
  expect(dev.output).toContain(
    'Multiple consumers defined for queue "jobs": "consumer" and "other"',
  );
});

test("a batch that uses up its CPU time is a failed one, and a sleeping consumer is woken", async () => {
  const idle = Array.from({ length: 8 }, (_, index) => `idle${index}`);
  await using project = await tempProject({
    ...both(),
    "consumer/wrangler.json": config("consumer", {
      limits: { cpu_ms: 200 },
      queues: { consumers: [{ queue: "jobs", max_batch_size: 1, max_retries: 1 }] },
    }),
    "consumer/src/index.ts": `
      export default { async queue(batch) {
        const [{ body, attempts }] = batch.messages;
        console.log("got " + body + "#" + attempts);
        if (body === "loop") for (;;);
      } };`,
    ...Object.fromEntries(
      idle.flatMap((name) => [
        [`${name}/wrangler.json`, config(name)],
        [`${name}/src/index.ts`, "export default { fetch() { return new Response(''); } };"],
      ]),
    ),
  });
  const configs = [...BOTH, ...idle.map((name) => `${name}/wrangler.json`)];
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(dev.output).toMatch(/9 of 10 Workers sleep/);
  await send(dev, "loop", "next");
  await dev.waitForLine(/got loop#1/);
  await dev.waitForLine(/Uncaught Error: Worker exceeded CPU time limit\./);
  await dev.waitForLine(/Dropped message ".*" on queue "jobs" after 2 failed attempts!/);
  await eventually(() => {
    expect(dev.output).toContain("got loop#2");
    expect(dev.output).toContain("got next#1");
    expect(dev.output).toMatch(/QUEUE jobs 1\/1/);
  });
});

test("a folder of state that cannot be written to fails that send alone, and names the file", async () => {
  await using project = await tempProject({ ...both(), "state/v3/queues": "a file is in the way" });
  await using dev = await runDev(BOTH, { cwd: project.dir, args: ["--persist-to", "state"] });
  const response = await dev.fetch("/send?b=x");
  expect(response.status).toBe(500);
  expect(await response.text()).toMatch(/state\/v3\/queues/);
  expect(await (await dev.fetch("/", { worker: "consumer" })).text()).toBe("consumer");
});
