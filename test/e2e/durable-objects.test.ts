import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type RunningDev, runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/*
 * Durable Objects as a project uses them: own Worker, sibling, other session, edits, restarts,
 * alarms and sockets (spec/durable-objects.md 26). What storage does call by call: the conformance
 * cases.
 */

const OBJECTS = {
  compatibility_date: "2026-08-01",
  durable_objects: {
    bindings: [
      { name: "COUNTER", class_name: "Counter" },
      { name: "ROOM", class_name: "Room" },
    ],
  },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Counter", "Room"] }],
};

/** `/<binding>/<object>/<method>?[arguments]`: calls it over RPC. */
const CALLS = `
const call = async (request, env) => {
  const url = new URL(request.url);
  const [, binding, name, method] = url.pathname.split("/");
  const stub = env[binding].getByName(name);
  if (method === "fetch") return stub.fetch(request);
  const args = url.search === "" ? [] : JSON.parse(decodeURIComponent(url.search.slice(1)));
  try {
    return Response.json((await stub[method](...args)) ?? null);
  } catch (error) {
    const { message, remote, durableObjectReset, durableObjectId, overloaded } = error;
    let again;
    if (durableObjectReset) again = await stub.get("x").catch((second) => second.message);
    return Response.json({ message, remote, durableObjectReset, durableObjectId, overloaded, again }, { status: 500 });
  }
};
`;

const app = (version: string): string => `
import { DurableObject } from "cloudflare:workers";
let failing = true;
export class Counter extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.calls = 0;
    if (ctx.id.name === "fails-once" && failing) { failing = false; throw new TypeError("not today"); }
    void ctx.blockConcurrencyWhile(async () => {
      this.loaded = (await ctx.storage.get("count")) ?? 0;
      await scheduler.wait(5);
    });
  }
  version() { return "${version}"; }
  who() { return this.ctx.id.name; }
  memory() { return ++this.calls; }
  get(key) { return this.ctx.storage.get(key); }
  put(key, value) { return this.ctx.storage.put(key, value); }
  async increment() {
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
  async throwAfterPut() { await this.ctx.storage.put("kept", 1); throw new RangeError("after the put"); }
  async abortAfterPut() { await this.ctx.storage.put("lost", 1); this.ctx.abort("no more"); }
  async alarmIn(ms) { await this.ctx.storage.setAlarm(Date.now() + ms); return this.ctx.storage.getAlarm(); }
  async alarm(info) {
    console.log("alarm of " + this.ctx.id.name, await this.ctx.storage.getAlarm(), JSON.stringify(Object.keys(info)), info.retryCount);
    await this.ctx.storage.put("alarm", info.scheduledTime);
  }
  fetch(request) { return new Response(this.ctx.id.name + " " + new URL(request.url).pathname); }
}
export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    console.log("room made with " + ctx.getWebSockets().length);
  }
  fetch(request) {
    const user = new URL(request.url).searchParams.get("user");
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ["all", user]);
    server.serializeAttachment({ user, at: new Date(0) });
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, message) {
    if (message === "times") {
      const times = this.ctx.getWebSockets().map((other) => [this.ctx.getTags(other)[1], this.ctx.getWebSocketAutoResponseTimestamp(other)]);
      return socket.send(JSON.stringify(times));
    }
    const { user, at } = socket.deserializeAttachment();
    for (const other of this.ctx.getWebSockets("all")) other.send([user, at.getTime(), this.ctx.getTags(socket), message].join(" "));
  }
  webSocketClose(socket, code, reason, wasClean) { console.log("closed " + [code, reason, wasClean, socket.readyState].join(" ")); }
}
${CALLS}
export default { fetch: (request, env) => call(request, env) };
`;

const FRONT = `${CALLS} export default { fetch: (request, env) => call(request, env) };`;

const front = config("front", {
  durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter", script_name: "app" }] },
});

function project(): Promise<TempProject> {
  return tempProject({
    "app/wrangler.json": config("app", OBJECTS),
    "app/src/index.ts": app("v1"),
    "front/wrangler.json": front,
    "front/src/index.ts": FRONT,
  });
}

const call = async (dev: RunningDev, path: string, worker?: string): Promise<unknown> => {
  const response = await dev.fetch(path, worker === undefined ? {} : { worker });
  return response.json();
};

const increments = (dev: RunningDev, count: number): Promise<unknown[]> =>
  Promise.all(Array.from({ length: count }, () => call(dev, "/COUNTER/a/increment")));

describe("one instance per id", () => {
  test("parallel increments lose nothing, and what was answered survives SIGKILL", async () => {
    await using files = await project();
    {
      await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
      const answers = (await increments(dev, 100)) as number[];
      expect(answers.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      expect(await call(dev, "/COUNTER/b/memory")).toBe(1);
      await dev.stop("SIGKILL");
    }
    const folder = files.path("app/.wrangler/state/v3/do/app-Counter");
    // Objects that never stored anything have no file.
    expect(readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))).toHaveLength(
      1,
    );
    await using again = await runDev("app/wrangler.json", { cwd: files.dir });
    expect(await call(again, "/COUNTER/a/get?[%22count%22]")).toBe(100);
    expect(await call(again, "/COUNTER/a/memory")).toBe(1);
  });

  test("a throw keeps the instance and its writes; abort and a failing constructor do not", async () => {
    await using files = await project();
    await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
    await call(dev, "/COUNTER/a/memory");
    expect(await call(dev, "/COUNTER/a/throwAfterPut")).toEqual({
      message: "after the put",
      remote: true,
      durableObjectId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await call(dev, "/COUNTER/a/get?[%22kept%22]")).toBe(1);
    expect(await call(dev, "/COUNTER/a/memory")).toBe(2);
    expect(await call(dev, "/COUNTER/a/abortAfterPut")).toEqual({
      message: "no more",
      durableObjectReset: true,
      again: "no more",
    });
    expect(await call(dev, "/COUNTER/a/get?[%22lost%22]")).toBe(null);
    expect(await call(dev, "/COUNTER/a/memory")).toBe(1);
    expect(await call(dev, "/COUNTER/fails-once/who")).toEqual({
      message: "not today",
      durableObjectReset: true,
      again: "not today",
    });
    expect(await call(dev, "/COUNTER/fails-once/who")).toBe("fails-once");
    expect(await (await dev.fetch("/COUNTER/a/fetch")).text()).toBe("a /COUNTER/a/fetch");
  });

  test("an idle object is dropped, and its next call makes it again", async () => {
    await using files = await project();
    const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "50" };
    await using dev = await runDev("app/wrangler.json", { cwd: files.dir, env });
    await call(dev, "/COUNTER/a/put?[%22k%22,[1]]");
    expect(await call(dev, "/COUNTER/a/memory")).toBe(1);
    // The status page asks the thread and calls no object.
    while ((await liveObjects(dev)) !== 0);
    expect(await call(dev, "/COUNTER/a/memory")).toBe(1);
    expect(await call(dev, "/COUNTER/a/get?[%22k%22]")).toEqual([1]);
  });
});

async function liveObjects(dev: RunningDev): Promise<number> {
  const { workers } = (await call(dev, "/cdn-cgi/drover/status")) as {
    workers: { objects: { live: number }[] }[];
  };
  return workers[0]?.objects[0]?.live ?? Number.NaN;
}

describe("from elsewhere", () => {
  test("a sibling reaches the class; an edit of either keeps what was stored", async () => {
    await using files = await project();
    await using dev = await runDev(["app/wrangler.json", "front/wrangler.json"], {
      cwd: files.dir,
    });
    expect(dev.output).toMatch(/\(Counter, defined in app\) +Durable Object +local \[connected\]/);
    expect(await call(dev, "/COUNTER/a/increment", "front")).toBe(1);
    expect(await call(dev, "/COUNTER/a/increment")).toBe(2);
    expect(await call(dev, "/COUNTER/a/who", "front")).toBe("a");
    expect(await call(dev, "/COUNTER/a/memory", "front")).toBe(1);
    await files.write("front/src/index.ts", `${FRONT}\nglobalThis.edited = true;`);
    await dev.waitForLine(/Local server updated and ready/);
    expect(await call(dev, "/COUNTER/a/memory", "front")).toBe(2);
    await files.write("app/src/index.ts", app("v2"));
    while ((await call(dev, "/COUNTER/a/version", "front")) !== "v2");
    expect(await call(dev, "/COUNTER/a/memory", "front")).toBe(1);
    expect(await call(dev, "/COUNTER/a/increment", "front")).toBe(3);
  });

  test("another session reaches it, and says so when it is gone", async () => {
    await using home = new RegistryHome();
    await using files = await project();
    await using other = await home.dev("front/wrangler.json", { cwd: files.dir });
    expect(other.output).toMatch(/Counter, defined in app\).*\[not connected\]/);
    expect(await call(other, "/COUNTER/a/who")).toMatchObject({
      message: 'Worker "app" not found. Make sure it is running locally.',
    });
    const refused = await other.fetch("/COUNTER/a/fetch");
    expect([refused.status, await refused.text()]).toEqual([
      503,
      'Worker "app" not found. Make sure it is running locally.',
    ]);
    {
      await using dev = await home.dev("app/wrangler.json", { cwd: files.dir });
      await other.waitForLine(/Counter, defined in app\).*\[connected\]/);
      expect(await call(other, "/COUNTER/a/increment")).toBe(1);
      expect(await call(dev, "/COUNTER/a/increment")).toBe(2);
      expect(await call(other, "/COUNTER/a/who")).toBe("a");
      expect(await call(other, "/COUNTER/a/abortAfterPut")).toMatchObject({
        durableObjectReset: true,
      });
      expect(await call(other, "/COUNTER/a/increment")).toBe(3);
      await dev.stop();
    }
    await other.waitForLine(/Counter, defined in app\).*\[not connected\]/);
    // Data lie with the session that runs the class.
    expect(existsSync(files.path("front/.wrangler/state/v3/do"))).toBe(false);
  });

  test("a class that is bound and not exported is told, and found after an edit", async () => {
    await using files = await project();
    await files.write("app/src/index.ts", "export default { fetch: () => new Response() };");
    await using dev = await runDev("app/wrangler.json", { cwd: files.dir, waitForReady: false });
    await dev.waitForLine(
      /Your Worker depends on the following Durable Objects, which are not exported in your entrypoint file: Counter, Room\./,
    );
    await files.write("app/src/index.ts", app("v1"));
    await dev.waitForLine(/Ready on/);
    expect(await call(dev, "/COUNTER/a/increment")).toBe(1);
  });
});

describe("alarms", () => {
  test("one runs once, at its time, and is gone while it runs", async () => {
    await using files = await project();
    await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
    const time = await call(dev, "/COUNTER/a/alarmIn?[30]");
    await dev.waitForLine(/alarm of a null \["scheduledTime","retryCount","isRetry"\] 0/);
    while ((await call(dev, "/COUNTER/a/get?[%22alarm%22]")) === null);
    expect(await call(dev, "/COUNTER/a/get?[%22alarm%22]")).toBe(time);
  });

  test("one that an ended session left runs without any request, with the object's name", async () => {
    await using files = await project();
    {
      await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
      await call(dev, "/COUNTER/late/alarmIn?[4000]");
      await dev.stop("SIGKILL");
    }
    await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
    await dev.waitForLine(/alarm of late null/);
  });
});

describe("hibernating WebSockets", () => {
  test("they stay while the object is gone; auto-responses do not wake it", async () => {
    await using files = await project();
    const env = { DROVER_DURABLE_OBJECT_IDLE_MS: "100" };
    await using dev = await runDev("app/wrangler.json", { cwd: files.dir, env });
    const [ann, bob] = [await join(dev, "ann"), await join(dev, "bob")];
    await dev.waitForLine(/room made with 0/);
    const saysToAll = async (text: string): Promise<void> => {
      const heard = Promise.all([next(ann), next(bob)]);
      ann.send(text);
      expect(await heard).toEqual(Array(2).fill(`ann 0 all,ann ${text}`));
    };
    await saysToAll("hello");
    // Ever longer pauses between messages, filled with pings that do not wake it.
    let lastPing = 0;
    for (let pings = 8; !dev.output.includes("room made with 2"); pings *= 2) {
      for (let ping = 0; ping < pings; ping += 1) {
        lastPing = Date.now();
        bob.send("ping");
        expect(await next(bob)).toBe("pong");
      }
      await saysToAll("again");
    }
    // Of the last ping, which the object has slept through.
    const told = next(ann);
    ann.send("times");
    const [[user, time], other] = JSON.parse(await told) as [[string, string], unknown];
    expect(user).toBe("bob");
    expect(Date.parse(time)).toBeGreaterThanOrEqual(lastPing);
    expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
    expect(other).toEqual(["ann", null]);
    const closed = once(ann, "close");
    ann.close(4005, "bye");
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4005, "bye"]);
    await dev.waitForLine(/closed 4005 bye true 2/);
    bob.terminate();
    await dev.waitForLine(
      /closed 1006 WebSocket disconnected without sending Close frame\. false 2/,
    );
  });
});

test("the status lists live objects with their sockets and alarms", async () => {
  await using files = await project();
  await using dev = await runDev("app/wrangler.json", { cwd: files.dir });
  const time = (await call(dev, "/COUNTER/a/alarmIn?[3600000]")) as number;
  await call(dev, "/COUNTER/b/memory");
  const socket = await join(dev, "ann");
  const { workers } = (await call(dev, "/cdn-cgi/drover/status")) as { workers: object[] };
  const id = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(workers).toMatchObject([
    {
      objects: [
        {
          className: "Counter",
          live: 2,
          hibernating: 0,
          sockets: 0,
          nextAlarm: time,
          objects: [
            { id, name: "a", hibernates: false, sockets: 0, alarm: time },
            { id, name: "b", hibernates: false, sockets: 0 },
          ],
        },
        { className: "Room", live: 1, sockets: 1, objects: [{ id, name: "lobby", sockets: 1 }] },
      ],
    },
  ]);
  const { stdout } = await runDrover(["status", dev.url]);
  const when = new Date(time).toISOString();
  expect(stdout).toContain(`  Durable Object Counter 2 live · next alarm ${when}\n`);
  expect(stdout).toContain(`    "a" alarm ${when}\n    "b"\n`);
  expect(stdout).toContain('  Durable Object Room 1 live · 1 WebSocket\n    "lobby" 1 WebSocket\n');
  socket.terminate();
});

async function join(dev: RunningDev, user: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${dev.port}/ROOM/lobby/fetch?user=${user}`);
  await once(socket, "open");
  return socket;
}

async function next(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, "message")) as [Buffer];
  return String(data);
}
