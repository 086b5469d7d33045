import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type DevServer, type StartDevOptions, startDev } from "drover";
import { afterEach, expect, test, vi } from "vitest";
import { type TempProject, tempProject } from "../../helpers/temp-project.ts";

const config = (name: string, more: object = {}) =>
  JSON.stringify({ name, main: "index.js", compatibility_date: "2026-06-01", ...more });

const files = {
  "api/wrangler.json": config("api", {
    kv_namespaces: [{ binding: "KV", id: "kv" }],
    durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    services: [
      { binding: "AUTH", service: "auth" },
      { binding: "ADMIN", service: "auth", entrypoint: "Admin" },
      { binding: "PEER", service: "peer" },
    ],
  }),
  "api/index.js": `
    import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
    let calls = 0;
    class Counter extends RpcTarget {
      #value = 0;
      constructor(ended) { super(); this.ended = ended; }
      add(n) { return this.#value += n; }
      [Symbol.dispose]() { this.ended(); }
    }
    export class Room extends DurableObject {
      async count() {
        const n = (await this.ctx.storage.get("n") ?? 0) + 1;
        await this.ctx.storage.put("n", n);
        return n;
      }
    }
    export class Admin extends WorkerEntrypoint {
      echo(value) { return value; }
      async apply(fn, value) { return await fn(value) + 1; }
      async talk(target) { return "the test says " + await target.hello("api"); }
      counter(ended) { const on = ended.dup(); return new Counter(() => { on(); on[Symbol.dispose](); }); }
      adder() { return (a, b) => a + b; }
      async read(stream) { return await new Response(stream).text(); }
      write() { return new Blob(["a".repeat(100_000), "end"]).stream(); }
      async drain(writable) {
        const writer = writable.getWriter();
        await writer.write(new TextEncoder().encode("from the Worker"));
        await writer.close();
      }
      respond(request) { return new Response(request.method + " " + request.url, { status: 201, headers: { "x-a": "b" } }); }
      async outside(url, init) {
        try {
          const response = await fetch(url, init);
          return [response.status, response.headers.get("x-a"), await response.text()];
        } catch (error) {
          return [error.name];
        }
      }
      fail() { throw Object.assign(new RangeError("too much"), { limit: 3 }); }
      calls() { return ++calls; }
      async store() {
        const kv = await this.env.KV.get("k");
        await this.env.KV.put("k", "v");
        return [kv, await this.env.ROOM.getByName("a").count(), ++calls];
      }
      async whoami(token) { return await this.env.AUTH.verify(token); }
      async fetchAuth() {
        const response = await this.env.AUTH.fetch("http://auth/x", { method: "POST", body: "sent" });
        return [response.status, await response.text()];
      }
      async admin() { return await this.env.ADMIN.rights(["a"], (name) => name.toUpperCase()); }
      async lost() { return await this.env.PEER.anything(); }
    }
    export default {
      fetch: () => new Response("v1"),
      ping: (to) => "pong" + to,
      queue(batch) {
        if (batch.queue === "again") batch.retryAll({ delaySeconds: 3 });
        for (const message of batch.messages) {
          if (message.body === "retry") message.retry();
          else if (message.timestamp.getTime() === 5 && message.attempts === 2) message.ack();
        }
      },
      email(message) {
        if (message.headers.get("subject") === "no") message.setReject("not wanted");
      },
      scheduled(controller) {
        if (controller.cron === "bad") throw new Error("no");
        if (controller.scheduledTime === 5000) controller.noRetry();
      },
    };`,
};

interface Counter {
  add(n: number): number;
}

declare class Admin {
  echo<T>(value: T): T;
  apply(fn: (value: number) => number, value: number): number;
  talk(target: object): string;
  counter(ended: () => void): Counter;
  adder(): (a: number, b: number) => number;
  read(stream: ReadableStream): string;
  write(): ReadableStream;
  drain(stream: WritableStream): void;
  respond(request: Request): Response;
  outside(url: string, init?: RequestInit): unknown[];
  fail(): never;
  calls(): number;
  store(): unknown[];
  whoami(token: string): string;
  fetchAuth(): unknown[];
  admin(): string[];
  lost(): void;
}

async function start(
  options: Partial<StartDevOptions> = {},
): Promise<{ project: TempProject; dev: DevServer } & AsyncDisposable> {
  const project = await tempProject(files);
  const dev = await startDev({ configs: project.path("api/wrangler.json"), ...options });
  return {
    project,
    dev,
    async [Symbol.asyncDispose]() {
      await dev.stop();
      await project[Symbol.asyncDispose]();
    },
  };
}

afterEach(() => vi.unstubAllEnvs());

test("calls by RPC from this process: values, functions, targets, disposal, pipelining, errors", async () => {
  await using started = await start();
  const { dev } = started;
  const admin = dev.worker("api").rpc<Admin>("Admin");

  const value = { a: [1, null, "x"], d: new Date(5), m: new Map([[1, new Set([2])]]), n: 5n };
  expect(await admin.echo(value)).toEqual(value);
  expect(await admin.apply((n) => n * 2, 4)).toBe(9);
  class Host extends dev.RpcTarget {
    hello(name: string) {
      return `hello ${name}`;
    }
  }
  expect(await admin.talk(new Host())).toBe("the test says hello api");
  const ended = new Promise<void>((resolve) => {
    void (async () => {
      const counter = await admin.counter(resolve);
      expect(await counter.add(2)).toBe(2);
      expect(await counter.add(3)).toBe(5);
      counter[Symbol.dispose]();
    })();
  });
  await ended;
  expect(await admin.counter(() => {}).add(7)).toBe(7);
  const add = await admin.adder();
  expect(await add(1, 2)).toBe(3);
  add[Symbol.dispose]();

  await expect(admin.fail()).rejects.toMatchObject({
    name: "RangeError",
    message: "too much",
    remote: true,
    limit: 3,
  });
  await expect(dev.worker("api").rpc("Admin").nothing?.()).rejects.toThrow(
    /does not implement the method "nothing"/,
  );
  expect(await dev.worker("api").rpc().ping?.("!")).toBe("pong!");
});

test("streams, requests and responses are Node's own here", async () => {
  await using started = await start();
  const admin = started.dev.worker("api").rpc<Admin>("Admin");
  const sent = new Blob(["some ", "bytes"]).stream();
  expect(await admin.read(sent)).toBe("some bytes");
  const stream = await admin.write();
  expect(stream).toBeInstanceOf(ReadableStream);
  expect((await new Response(stream).text()).length).toBe(100_003);
  const cancelled = await admin.write();
  await cancelled.cancel("enough");
  const chunks: string[] = [];
  await admin.drain(
    new WritableStream({ write: (chunk) => void chunks.push(new TextDecoder().decode(chunk)) }),
  );
  expect(chunks.join("")).toBe("from the Worker");
  const response = await admin.respond(new Request("http://a/b", { method: "PUT", body: "x" }));
  expect(response).toBeInstanceOf(Response);
  expect([response.status, response.headers.get("x-a")]).toEqual([201, "b"]);
  expect(await response.text()).toBe("PUT http://a/b");
});

test("fires cron triggers and tells their outcome", async () => {
  await using started = await start();
  const api = started.dev.worker("api");
  expect(await api.scheduled()).toEqual({ outcome: "ok", noRetry: false });
  expect(await api.scheduled({ cron: "* * * * *", scheduledTime: new Date(5000) })).toEqual({
    outcome: "ok",
    noRetry: true,
  });
  expect(await api.scheduled({ cron: "bad" })).toEqual({ outcome: "exception", noRetry: false });
  await expect(api.scheduled({ scheduledTime: Number.NaN })).rejects.toThrow(RangeError);
});

test("hands batches to the queue handler and tells what it said of them", async () => {
  await using started = await start();
  const api = started.dev.worker("api");
  const messages = [
    { body: "retry", id: "a" },
    { body: { n: 1 }, id: "b", timestamp: 5, attempts: 2 },
    { body: null },
  ];
  expect(await api.queue("orders", messages)).toEqual({
    outcome: "ok",
    ackAll: false,
    retryBatch: { retry: false },
    explicitAcks: ["b"],
    retryMessages: [{ msgId: "a" }],
  });
  expect(await api.queue("again", [])).toMatchObject({
    retryBatch: { retry: true, delaySeconds: 3 },
  });
  await expect(api.queue("orders", [{ body: 1, attempts: 0 }])).rejects.toThrow(TypeError);
});

test("hands messages to the email handler", async () => {
  await using started = await start();
  const api = started.dev.worker("api");
  const send = (subject: string, from = "a@x.test") => {
    const raw = `From: a@x.test\r\nTo: b@y.test\r\nMessage-ID: <1@x.test>\r\nSubject: ${subject}\r\n\r\nhello\r\n`;
    return api.email({ from, to: "b@y.test", raw });
  };
  expect(await send("yes")).toMatchObject({ outcome: "ok", forwards: [], replies: [] });
  expect(await send("no")).toMatchObject({ outcome: "ok", rejectReason: "not wanted" });
  await expect(send("yes", "")).rejects.toThrow("Invalid email.");
});

test("waits for a reload, after which the new code is fetched and called", async () => {
  await using started = await start({ watch: true });
  const { dev, project } = started;
  const api = dev.worker("api").rpc();
  expect(await api.ping?.("!")).toBe("pong!");
  const reloaded = dev.waitForReload("api");
  await project.write(
    "api/index.js",
    `${files["api/index.js"].replace('"pong"', '"second"').replace('"v1"', '"v2"')}`,
  );
  await reloaded;
  expect(await (await dev.fetch("/")).text()).toBe("v2");
  expect(await api.ping?.("!")).toBe("second!");
  const failed = dev.waitForReload();
  await project.write("api/index.js", "export default {");
  await expect(failed).rejects.toMatchObject({ code: "BUILD_FAILED" });
  expect(() => dev.waitForReload("nobody")).toThrow(RangeError);
});

test("reset empties data and memory; data of its own leaves nothing behind", async () => {
  // Not where all processes have theirs: others run tests at the same time.
  await using place = await tempProject();
  const data = () => readdirSync(place.dir).filter((name) => name.startsWith("drover-data-"));
  vi.stubEnv("TMPDIR", place.dir);
  {
    await using started = await start({ persist: false });
    expect(data()).toHaveLength(1);
    const { dev } = started;
    const admin = dev.worker("api").rpc<Admin>("Admin");
    expect(await admin.store()).toEqual([null, 1, 1]);
    expect(await admin.store()).toEqual(["v", 2, 2]);
    await dev.reset();
    expect(await admin.store()).toEqual([null, 1, 1]);
    await dev.reset();
    expect(await (await dev.fetch("/")).text()).toBe("v1");
    expect(await admin.store()).toEqual([null, 1, 1]);
    expect(readdirSync(started.project.path("api"))).not.toContain(".wrangler");
  }
  expect(data()).toEqual([]);
});

test("reset and waitForReload say what they need", async () => {
  await using started = await start();
  await expect(started.dev.reset()).rejects.toThrow("persist: false");
  expect(() => started.dev.waitForReload()).toThrow("watch: true");
});

test("this process plays Workers that others bind", async () => {
  const tokens: string[] = [];
  class Auth {
    readonly secret = "not callable";
    verify(token: string) {
      tokens.push(token);
      return `user of ${token}`;
    }
    async fetch(request: Request) {
      return new Response(`${request.method} ${await request.text()}`, { status: 202 });
    }
  }
  const Admin = {
    async rights(names: string[], shout: (name: string) => Promise<string>) {
      return await Promise.all(names.map((name) => shout(name)));
    },
  };
  await using started = await start({ fakes: { auth: { default: new Auth(), Admin } } });
  const admin = started.dev.worker("api").rpc<Admin>("Admin");
  expect(await admin.whoami("t")).toBe("user of t");
  expect(tokens).toEqual(["t"]);
  expect(await admin.fetchAuth()).toEqual([202, "POST sent"]);
  expect(await admin.admin()).toEqual(["A"]);
  await expect(admin.lost()).rejects.toThrow('Worker "peer" not found');
});

test("answers what Workers fetch from outside, and lets the rest through", async () => {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      response.writeHead(203, { "x-a": String(request.headers["x-b"]) });
      response.end(`${request.method} ${request.url} ${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  try {
    await using started = await start({
      async outbound(request) {
        const { hostname } = new URL(request.url);
        if (hostname === "127.0.0.1") return undefined;
        asked.push(`${request.method} ${request.url} ${request.headers.get("x-b")}`);
        if (hostname === "broken.test") throw new Error("no");
        return new Response(`not the network: ${await request.text()}`, {
          status: 299,
          headers: { "x-a": "hooked" },
        });
      },
    });
    const admin = started.dev.worker("api").rpc<Admin>("Admin");
    const init = { method: "POST", body: "sent", headers: { "x-b": "c" } };
    expect(await admin.outside("https://example.test/x?y", init)).toEqual([
      299,
      "hooked",
      "not the network: sent",
    ]);
    expect(await admin.outside("http://example.test/")).toEqual([
      299,
      "hooked",
      "not the network: ",
    ]);
    expect(await admin.outside("http://broken.test/")).toHaveLength(1);
    expect(asked).toEqual([
      "POST https://example.test/x?y c",
      "GET http://example.test/ null",
      "GET http://broken.test/ null",
    ]);
    const url = `http://127.0.0.1:${port}/real`;
    expect(await admin.outside(url, init)).toEqual([203, "c", "POST /real sent"]);
    expect(await admin.outside(url)).toEqual([203, "undefined", "GET /real "]);
  } finally {
    server.close();
  }
});

test("several at once in one process; each ends alone, calls that are open fail, nothing is left", async () => {
  const first = await start({ persist: false });
  await using second = await start({ persist: false });
  const [one, two] = [first, second].map(({ dev }) => dev.worker("api").rpc<Admin>("Admin"));
  expect(await Promise.all([one?.calls(), two?.calls(), one?.calls()])).toEqual([1, 1, 2]);
  const stuck = one?.apply(() => new Promise<number>(() => {}) as never, 1);
  const failed = expect(stuck).rejects.toThrow("Network connection lost.");
  expect(await one?.calls()).toBe(3);
  await first[Symbol.asyncDispose]();
  await failed;
  await expect(one?.calls()).rejects.toThrow('Worker "api" has been stopped.');
  expect(await two?.calls()).toBe(2);
});

test("a process that has stopped its sessions ends by itself", async () => {
  await using project = await tempProject(files);
  const program = `
    import { startDev } from "drover";
    const dev = await startDev({ configs: process.argv[1], persist: false, fakes: { auth: { default: {} } } });
    const api = dev.worker("api").rpc();
    if ((await api.ping(1)) !== "pong1") throw new Error("no answer");
    await dev.stop();
  `;
  const args = ["--input-type=module", "-e", program, project.path("api/wrangler.json")];
  const output = execFileSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
  expect(output).toBe("");
});
