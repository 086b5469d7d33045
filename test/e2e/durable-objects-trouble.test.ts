import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../helpers/eventually.ts";
import { hostOf } from "../helpers/process-tree.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/*
 * Objects in the middle of what goes wrong around them: edits that do not build, endless loops, the end
 * of the host, and the same Worker in two sessions (spec/durable-objects.md 5.3, 17.4, 18.6, 20).
 */

const APP = `
import { DurableObject } from "cloudflare:workers";
import { createDiffieHellman } from "node:crypto";
export class Thing extends DurableObject {
  calls = 0;
  memory() { return ++this.calls; }
  get(key) { return this.ctx.storage.get(key); }
  async increment(ms) {
    if (ms) await scheduler.wait(ms);
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
  loop() { for (;;); }
  // Native calls, which nothing can interrupt: of a second, and of minutes.
  sort() {
    const numbers = new Float64Array(4_000_000);
    for (let i = 0, next = 1; i < numbers.length; i++) numbers[i] = next = (next * 48271) % 2147483647;
    numbers.sort();
    for (;;);
  }
  prime() { createDiffieHellman(10_000); }
  alarmIn(ms) { return this.ctx.storage.setAlarm(Date.now() + ms); }
  async alarm({ retryCount }) {
    const runs = ((await this.ctx.storage.get("runs")) ?? 0) + 1;
    await this.ctx.storage.put("runs", runs);
    console.log("alarm of " + this.ctx.id.name + " " + VERSION + " " + retryCount);
  }
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ["tag"]);
    server.serializeAttachment({ at: this.calls });
    return new Response(null, { status: 101, webSocket: client });
  }
  async webSocketMessage(socket, text) {
    socket.send([text, this.memory(), this.ctx.getWebSockets("tag").length, await this.increment()].join(" "));
  }
}
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, name, method] = url.pathname.split("/");
    const stub = env.THING.getByName(name);
    if (method === "fetch") return stub.fetch(request);
    const args = url.search === "" ? [] : JSON.parse(decodeURIComponent(url.search.slice(1)));
    try {
      return Response.json((await stub[method](...args)) ?? null);
    } catch (error) {
      const { message, durableObjectReset } = error;
      return Response.json({ message, durableObjectReset }, { status: 500 });
    }
  },
};
`;

const app = (version: string): string =>
  `// @ts-nocheck\nconst VERSION = ${JSON.stringify(version)};\n${APP}`;

const project = (more: object = {}): Promise<TempProject> =>
  tempProject({
    "wrangler.json": config("app", {
      compatibility_date: "2026-08-01",
      compatibility_flags: ["nodejs_compat"],
      durable_objects: { bindings: [{ name: "THING", class_name: "Thing" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Thing"] }],
      ...more,
    }),
    "src/index.ts": app("v1"),
  });

async function call(dev: RunningDev, path: string, args?: readonly unknown[]): Promise<unknown> {
  const search = args === undefined ? "" : `?${encodeURIComponent(JSON.stringify(args))}`;
  return (await dev.fetch(`/${path}${search}`)).json();
}

const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test("an edit that does not build, while 100 calls are under way, touches none of them", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "a/memory")).toBe(1);
  const counts = Promise.all(oneTo(100).map(() => call(dev, "a/increment", [300])));
  await files.write("src/index.ts", `${app("v2")}\nexport const broken = ;`);
  await dev.waitForLine(/Unexpected ";"/);
  expect(((await counts) as number[]).sort((a, b) => a - b)).toEqual(oneTo(100));
  expect(await call(dev, "a/memory")).toBe(2);
  await files.write("src/index.ts", app("v3"));
  await dev.waitForLine(/Local server updated and ready/);
  expect(await call(dev, "a/memory")).toBe(1);
  expect(await call(dev, "a/increment")).toBe(101);
});

test("an edit while 100 calls are under way answers each of them, and loses no increment", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "a/increment")).toBe(1);
  const counts = Promise.all(oneTo(100).map(() => call(dev, "a/increment", [500])));
  await files.write("src/index.ts", app("v2"));
  await dev.waitForLine(/Local server updated and ready/);
  // Of either version: the first ends what it runs, the second waits for that.
  expect(((await counts) as number[]).sort((a, b) => a - b)).toEqual(oneTo(101).slice(1));
  expect(await call(dev, "a/get", ["count"])).toBe(101);
});

test("calls of the new version that wait for the old one to end get a turn each, and lose no increment", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "a/memory")).toBe(1);
  const last = call(dev, "a/increment", [1500]);
  await files.write("src/index.ts", app("v2"));
  await dev.waitForLine(/Local server updated and ready/);
  const counts = await Promise.all(oneTo(30).map(() => call(dev, "a/increment")));
  const all = [...counts, await last] as number[];
  expect(all.sort((a, b) => a - b)).toEqual(oneTo(31));
  expect(await call(dev, "a/get", ["count"])).toBe(31);
});

test("calls that wait in a version which never gets its turn are run by the one after it", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "a/memory")).toBe(1);
  const counts: Promise<unknown>[] = [call(dev, "a/increment", [1500])];
  for (const version of ["v2", "v3", "v4"]) {
    dev.mark();
    await files.write("src/index.ts", app(version));
    await dev.waitForLine(/Local server updated and ready/);
    counts.push(...oneTo(10).map(() => call(dev, "a/increment")));
  }
  const all = (await Promise.all(counts)) as number[];
  expect(all.sort((a, b) => a - b)).toEqual(oneTo(31));
  expect(await call(dev, "a/get", ["count"])).toBe(31);
});

const CALLER = `
export default {
  async fetch(request, env) {
    const thing = env.THING.getByName("a");
    const { pathname, searchParams } = new URL(request.url);
    // Nothing is heard of an edit while this computes.
    for (const end = Date.now() + Number(searchParams.get("ms")); Date.now() < end; ) Math.sqrt(end);
    if (pathname === "/socket") return thing.fetch(request);
    if (pathname === "/memory") return Response.json(await thing.memory());
    if (pathname === "/missing") return Response.json(await thing.missing().catch(String));
    return Response.json(await thing.increment());
  },
};
`;

test("calls of who has not heard of an edit are led on to the version that runs the objects", async () => {
  const binding = { name: "THING", class_name: "Thing", script_name: "app" };
  await using files = await project();
  await files.write(
    "caller/wrangler.json",
    config("caller", { durable_objects: { bindings: [binding] } }),
  );
  await files.write("caller/src/index.ts", `// @ts-nocheck\n${CALLER}`);
  await using dev = await runDev(["caller/wrangler.json", "wrangler.json"], { cwd: files.dir });
  const computeOver = async (
    version: string,
    request: () => Promise<unknown>,
  ): Promise<unknown> => {
    dev.mark();
    const answer = request();
    await files.write("src/index.ts", app(version));
    await dev.waitForLine(/Local server updated and ready/);
    return answer;
  };
  const text = async (path: string): Promise<unknown> => (await dev.fetch(path)).json();
  expect(await text("/increment?ms=0")).toBe(1);
  expect(await text("/memory?ms=0")).toBe(1);
  expect(await computeOver("v2", () => text("/increment?ms=1000"))).toBe(2);
  // The new version's object, and the only one.
  expect(await computeOver("v3", () => text("/memory?ms=1000"))).toBe(1);
  expect(await text("/memory?ms=0")).toBe(2);
  expect(await computeOver("v4", () => text("/missing?ms=1000"))).toBe(
    'TypeError: The RPC receiver does not implement the method "missing".',
  );
  const answer = await computeOver("v5", async () => {
    const socket = new WebSocket(`${dev.url.replace("http", "ws")}/socket?ms=1000`);
    await once(socket, "open");
    socket.send("hello");
    const [data] = (await once(socket, "message")) as [Buffer];
    socket.close();
    return data.toString();
  });
  expect(answer).toBe("hello 1 1 3");
  expect(dev.output).not.toContain("Another session");
});

test("an alarm that is due while the Worker is edited runs once; one that is due while nothing runs, after it", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  for (let edit = 2; edit < 6; edit += 1) {
    const name = `at ${edit}`;
    const ready = dev.waitForLine(/Local server updated and ready/);
    await call(dev, `${name}/alarmIn`, [40]);
    await files.write("src/index.ts", app(`v${edit}`));
    await ready;
    await eventually(async () => expect(await call(dev, `${name}/get`, ["runs"])).toBe(1));
  }
  // The next one is due when the host is gone.
  await call(dev, "late/alarmIn", [300]);
  process.kill(await hostOf(dev), "SIGKILL");
  await dev.waitForLine(/alarm of late v5 0/);
  expect(await call(dev, "late/get", ["runs"])).toBe(1);
  expect(await call(dev, "at 5/get", ["runs"])).toBe(1);
});

test("hibernating sockets end with a reload and with the host; clients that come again find what was stored", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.json", {
    cwd: files.dir,
    env: { DROVER_DURABLE_OBJECT_IDLE_MS: "30" },
  });
  const join = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${dev.port}/room/fetch`);
    await once(socket, "open");
    return socket;
  };
  const say = async (socket: WebSocket, text: string): Promise<string> => {
    socket.send(text);
    const [data] = (await once(socket, "message")) as [Buffer];
    return String(data);
  };
  const first = await join();
  expect(await say(first, "a")).toBe("a 1 1 1");
  await eventually(async () => expect(await hibernating(dev)).toBe(1));
  const firstClosed = once(first, "close");
  await files.write("src/index.ts", app("v2"));
  await dev.waitForLine(/Local server updated and ready/);
  await firstClosed;

  const second = await join();
  expect(await say(second, "b")).toBe("b 1 1 2");
  await eventually(async () => expect(await hibernating(dev)).toBe(1));
  const secondClosed = once(second, "close");
  process.kill(await hostOf(dev), "SIGKILL");
  expect((await secondClosed)[0]).toBe(1006);

  await expect.poll(() => call(dev, "room/get", ["count"])).toBe(2);
  const third = await join();
  expect(await say(third, "c")).toBe("c 1 1 3");
  third.terminate();
  expect(dev.output).not.toContain("Uncaught");
});

test("an endless loop in an object ends that thread; its callers hear why, and what was stored is there", async () => {
  await using files = await project({ limits: { cpu_ms: 200 } });
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "a/increment")).toBe(1);
  expect(await call(dev, "b/increment")).toBe(1);
  const looping = dev.fetch("/a/loop");
  expect((await looping).status).toBe(503);
  expect(await call(dev, "a/increment")).toBe(2);
  expect(await call(dev, "b/increment")).toBe(2);
});

test("objects of a thread that was ended in a native call are run by the next one when it is over", async () => {
  await using files = await project({ limits: { cpu_ms: 300 } });
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  expect(await call(dev, "a/increment")).toBe(1);
  expect((await dev.fetch("/b/sort")).status).toBe(503);
  expect(await call(dev, "a/increment")).toBe(2);
  expect((await dev.fetch("/b/prime")).status).toBe(503);
  expect(await call(dev, "a/increment")).toEqual({
    message:
      'A thread of Worker "app" that was ended still has its Durable Objects: it is in a native call, which cannot be interrupted. The new one takes them over when that is over.',
  });
});

test("of two sessions of the same Worker one runs the objects; the other says so, and takes over", async () => {
  await using home = new RegistryHome();
  await using files = await project();
  await using first = await home.dev("wrangler.json", { cwd: files.dir });
  await using second = await home.dev("wrangler.json", { cwd: files.dir });
  const counts = Promise.all(oneTo(50).map(() => call(first, "a/increment", [10])));
  expect(((await counts) as number[]).sort((a, b) => a - b)).toEqual(oneTo(50));
  await call(first, "a/alarmIn", [300]);
  const folder = files.path(".wrangler/state/v3/do");
  const message = `Another session runs the Durable Objects of Worker "app" in ${folder}. Call them there, or end that session: this one takes them over then.`;
  expect(await call(second, "a/increment")).toEqual({ message });
  expect(await call(second, "b/memory")).toEqual({ message });
  await first.waitForLine(/alarm of a v1 0/);
  await files.write("src/index.ts", app("v2"));
  await Promise.all(
    [first, second].map((dev) => dev.waitForLine(/Local server updated and ready/)),
  );
  // Over an edit too, whoever is faster.
  expect(await call(first, "a/increment")).toBe(51);
  expect(await call(second, "a/increment")).toEqual({ message });
  await call(first, "late/alarmIn", [60_000]);
  await call(first, "a/alarmIn", [500]);
  await first.stop("SIGKILL");
  await second.waitForLine(/This session runs the Durable Objects of app now\./);
  await second.waitForLine(/alarm of a v2 0/);
  expect(await call(second, "a/increment")).toBe(52);
  expect(await call(second, "a/get", ["runs"])).toBe(2);
});

async function hibernating(dev: RunningDev): Promise<number | undefined> {
  const { workers } = (await (await dev.fetch("/cdn-cgi/drover/status")).json()) as {
    workers: { objects: { hibernating: number }[] }[];
  };
  return workers[0]?.objects[0]?.hibernating;
}
