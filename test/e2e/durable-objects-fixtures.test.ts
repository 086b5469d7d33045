import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { copyFixture } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";

/* The projects with Durable Objects in fixtures/, as people would use them. */

test("the rate limiter allows exactly 100 of 200 parallel calls of each client", async () => {
  await using files = await copyFixture("exact-rate-limiter");
  const configs = ["api/wrangler.toml", "limiter/wrangler.toml"];
  const statuses = (dev: RunningDev, ip: string): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 200 }, async () => {
        const { status } = await dev.fetch("/", { headers: { "cf-connecting-ip": ip } });
        return status;
      }),
    );
  const count = (list: readonly number[], status: number): number =>
    list.filter((other) => other === status).length;
  {
    await using dev = await runDev(configs, { cwd: files.dir });
    for (const list of await Promise.all([
      statuses(dev, "192.0.2.1"),
      statuses(dev, "192.0.2.2"),
    ])) {
      expect([count(list, 200), count(list, 429)]).toEqual([100, 100]);
    }
    await dev.stop("SIGKILL");
  }
  await using dev = await runDev(configs, { cwd: files.dir });
  expect(count(await statuses(dev, "192.0.2.1"), 429)).toBe(200);
});

test("the chat room sleeps between messages, behind two Workers", async () => {
  await using files = await copyFixture("chat");
  const configs = ["web", "staff", "rooms"].map((name) => `${name}/wrangler.jsonc`);
  const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "50" };
  await using dev = await runDev(configs, { cwd: files.dir, env });
  const ada = await member(dev, "ada");
  const bob = await member(dev, "bob");
  const hibernating = async (): Promise<unknown> => {
    const status = (await (await dev.fetch("/cdn-cgi/drover/status")).json()) as {
      workers: { objects?: { hibernating: number }[] }[];
    };
    return status.workers.flatMap(({ objects }) => objects ?? [])[0]?.hibernating;
  };
  for (let round = 1; round <= 3; round += 1) {
    await eventually(async () => expect(await hibernating()).toBe(1));
    ada.socket.send(`hello ${round}`);
    for (const { next } of [ada, bob]) expect(await next()).toBe(`ada: hello ${round}`);
    await dev.waitForLine(/room wakes with 2 sockets/);
  }
  const members = await dev.fetch("/lobby", { worker: "staff" });
  expect(await members.json()).toEqual(["ada", "bob"]);
  const told = await dev.fetch("/lobby", { worker: "staff", method: "POST", body: "closing soon" });
  expect(await told.json()).toEqual({ heard: 2 });
  for (const { next } of [ada, bob]) expect(await next()).toBe("staff: closing soon");
  const late = await member(dev, "cyd");
  for (const text of ["hello 1", "hello 2", "hello 3"])
    expect(await late.next()).toBe(`ada: ${text}`);
  expect(await late.next()).toBe("staff: closing soon");
  ada.socket.close(4000);
  await dev.waitForLine(/ada left with 4000/);
  const rest = await dev.fetch("/lobby", { worker: "staff" });
  expect(await rest.json()).toEqual(["bob", "cyd"]);
  bob.socket.terminate();
  late.socket.terminate();
});

test("the reminder tells what is due, in order, also after a restart", async () => {
  await using files = await copyFixture("reminder");
  const remind = (dev: RunningDev, text: string, ms: number): Promise<unknown> =>
    dev.fetch(`/ada?in=${ms}`, { method: "POST", body: text });
  {
    await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
    await remind(dev, "later", 600_000);
    await remind(dev, "now", 0);
    await dev.waitForLine(/ada, remember: now/);
    await remind(dev, "tea", 40);
    await dev.waitForLine(/ada, remember: tea/);
    await remind(dev, "overdue", 2000);
    await dev.stop("SIGKILL");
  }
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  await eventually(async () => {
    expect(await (await dev.fetch("/ada")).json()).toEqual(["now", "tea", "overdue"]);
  });
  expect(dev.output).not.toContain("remember: later");
});

test("two terminals share one counter", async () => {
  await using home = new RegistryHome();
  await using files = await copyFixture("shared-counter");
  await using counter = await home.dev("counter/wrangler.toml", { cwd: files.dir });
  await using visitor = await home.dev("visitor/wrangler.toml", { cwd: files.dir });
  if (!/COUNTERS .*\[connected\]/.test(visitor.output)) {
    await visitor.waitForLine(/COUNTERS .*\[connected\]/);
  }
  const both = Array.from({ length: 40 }, async (_, index) => {
    const response = await (index % 2 === 0 ? counter : visitor).fetch("/visits");
    return (await response.json()) as { counter: string; count: number };
  });
  const answers = await Promise.all(both);
  expect(answers.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  expect(new Set(answers.map(({ counter: name }) => name))).toEqual(new Set(["/visits"]));
});

/** Joins the lobby; `next` gives the messages one by one, as `name: text`. */
async function member(dev: RunningDev, name: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${dev.port}/lobby?name=${name}`);
  const texts: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.on("message", (data) => {
    const { from, text } = JSON.parse(String(data)) as { from: string; text: string };
    const line = `${from}: ${text}`;
    const wake = waiting.shift();
    if (wake === undefined) texts.push(line);
    else wake(line);
  });
  await once(socket, "open");
  const next = (): Promise<string> => {
    const text = texts.shift();
    return text === undefined ? new Promise((found) => waiting.push(found)) : Promise.resolve(text);
  };
  return { socket, next };
}
