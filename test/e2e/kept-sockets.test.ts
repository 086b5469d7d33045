import { cp } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import recorded from "../parity/kept-sockets/answers.json" with { type: "json" };
import { CONFIGS, expected, play } from "../parity/kept-sockets/exchanges.js";
import { config } from "./workers.ts";

test("an open WebSocket to elsewhere keeps its invocation as the real runtime does", async () => {
  await using project = await tempProject();
  const workers = resolve(import.meta.dirname, "../parity/kept-sockets/workers");
  await cp(workers, project.dir, { recursive: true });
  await using dev = await runDev(CONFIGS, { cwd: project.dir });
  expect(await play((path) => dev.fetch(path))).toEqual(expected(recorded));
});

/** A server outside: connections in the order in which they came. */
class Server implements AsyncDisposable {
  readonly #http = createServer();
  readonly #connections: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  static async listen(): Promise<Server> {
    const server = new Server();
    const sockets = new WebSocketServer({ server: server.#http });
    sockets.on("connection", (socket, request) => {
      const connection = new Connection(socket, request);
      const waiting = server.#waiting.shift();
      if (waiting === undefined) server.#connections.push(connection);
      else waiting(connection);
    });
    await new Promise<void>((done) => server.#http.listen(0, "127.0.0.1", done));
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  next(): Promise<Connection> {
    const connection = this.#connections.shift();
    if (connection !== undefined) return Promise.resolve(connection);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
  }
}

class Connection {
  readonly path: string;
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(socket: WebSocket, { url = "" }: IncomingMessage) {
    this.socket = socket;
    this.path = url;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
  }

  async ask(text: string): Promise<string> {
    const answer = new Promise<string>((resolve) =>
      this.socket.once("message", (data) => resolve(String(data))),
    );
    this.socket.send(text);
    return await answer;
  }
}

const WORKER = `
const opened = (socket) => new Promise((resolve) => socket.addEventListener("open", resolve));
async function dial(url, what) {
  const socket = new WebSocket(url + what);
  socket.addEventListener("message", ({ data }) => {
    if (data === "loop") for (;;);
    socket.send("v1 " + data);
  });
  await opened(socket);
  return socket;
}
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/version") return new Response("v1");
    if (pathname === "/self") return env.SELF.fetch("http://x/call");
    const socket = await dial(env.SERVER, pathname);
    if (pathname === "/once") {
      await new Promise((resolve) => {
        socket.addEventListener("close", resolve);
        socket.close();
      });
    }
    if (pathname === "/wait") await new Promise(() => setTimeout(() => {}, 60_000));
    if (pathname === "/abort") setTimeout(() => ctx.abort("enough"), 0);
    return new Response("answered");
  },
};
`;

const LOADER = `
const code = ${JSON.stringify(WORKER)};
export default {
  fetch(request: Request, env: any) {
    const id = new URL(request.url).pathname.slice(1);
    const worker = env.LOADER.get(id, () => ({
      compatibilityDate: "2026-11-17",
      mainModule: "main.js",
      modules: { "main.js": code },
      env: { SERVER: env.SERVER },
    }));
    return worker.getEntrypoint().fetch(id === "idle" ? "http://x/version" : request);
  },
};
`;

const TAIL = `
export default {
  tail(items: any) {
    for (const { event, outcome } of items) console.log("over", new URL(event.request.url).pathname, outcome);
  },
};
`;

function project(server: Server, more: object = {}): Promise<TempProject> {
  return tempProject({
    "a/wrangler.json": config("a", {
      vars: { SERVER: server.url },
      services: [{ binding: "SELF", service: "a" }],
      tail_consumers: [{ service: "tail" }],
      ...more,
    }),
    "a/src/index.ts": WORKER,
    "tail/wrangler.json": config("tail"),
    "tail/src/index.ts": TAIL,
  });
}

const FILES = ["a/wrangler.json", "tail/wrangler.json"];

async function open(dev: RunningDev, server: Server, path: string): Promise<Connection> {
  expect(await (await dev.fetch(path)).text()).toBe("answered");
  return await server.next();
}

describe("a WebSocket that outlives its handler", () => {
  test("is cut by a save, by ctx.abort and by the end, for which nobody waits", async () => {
    await using server = await Server.listen();
    await using dir = await project(server);
    await using dev = await runDev(FILES, { cwd: dir.dir });
    const connection = await open(dev, server, "/open");
    const called = await open(dev, server, "/self");
    expect(await connection.ask("hello")).toBe("v1 hello");
    expect(await called.ask("hello")).toBe("v1 hello");

    await dir.write("a/src/index.ts", WORKER.replaceAll('"v1', '"v2'));
    expect(await Promise.all([connection.closed, called.closed])).toEqual([1006, 1006]);
    // The thread before is gone at once: it had nothing else to do.
    for (const path of ["/open", "/self", "/call"]) {
      await eventually(() => expect(dev.output).toContain(`over ${path} ok`));
    }
    expect(await (await dev.fetch("/version")).text()).toBe("v2");

    const aborted = await open(dev, server, "/abort");
    expect(await aborted.closed).toBe(1006);

    const last = await open(dev, server, "/open");
    expect(await last.ask("hello")).toBe("v2 hello");
    expect(await dev.stop()).toEqual({ code: 0, signal: null });
    expect(await last.closed).toBe(1006);
  });

  test("stays when the client leaves a handler that goes on", async () => {
    await using server = await Server.listen();
    await using dir = await project(server);
    await using dev = await runDev(FILES, { cwd: dir.dir });
    const leave = new AbortController();
    const left = dev.fetch("/wait", { signal: leave.signal }).then(
      () => "answered",
      () => "left",
    );
    const connection = await server.next();
    leave.abort();
    expect(await left).toBe("left");
    await dev.waitForLine(/GET \/wait 499/);
    expect(await connection.ask("hello")).toBe("v1 hello");
    expect(dev.output).not.toContain("over /wait");
    connection.socket.close(1000);
    await dev.waitForLine(/over \/wait canceled/);
  });

  test("leaves nothing when it is over", async () => {
    await using server = await Server.listen();
    await using dir = await project(server);
    await using dev = await runDev(FILES, { cwd: dir.dir });
    for (let i = 0; i < 200; i += 1) await open(dev, server, "/once");
    await eventually(() => expect(dev.output.match(/over \/once ok/g)).toHaveLength(200));
  });

  test("keeps a dynamic Worker that nobody uses otherwise", async () => {
    await using server = await Server.listen();
    await using dir = await tempProject({
      "a/wrangler.json": config("a", {
        vars: { SERVER: server.url },
        worker_loaders: [{ binding: "LOADER" }],
      }),
      "a/src/index.ts": LOADER,
    });
    await using dev = await runDev("a/wrangler.json", {
      cwd: dir.dir,
      args: ["--log-level", "debug"],
      env: { DROVER_DYNAMIC_WORKER_IDLE_MS: "500" },
    });
    const connection = await open(dev, server, "/keeps");
    expect((await dev.fetch("/idle")).status).toBe(200);
    await dev.waitForLine(/Dynamic Worker "a\[idle\]" ends: nobody uses it\./);
    expect(await connection.ask("hello")).toBe("v1 hello");
    connection.socket.close();
    await dev.waitForLine(/Dynamic Worker "a\[keeps\]" ends: nobody uses it\./);
  });

  test("is charged with what its listeners compute", async () => {
    await using server = await Server.listen();
    await using dir = await project(server, { limits: { cpu_ms: 200 } });
    await using dev = await runDev(FILES, { cwd: dir.dir });
    const connection = await open(dev, server, "/open");
    expect(await (await dev.fetch("/version")).text()).toBe("v1");
    connection.socket.send("loop");
    await dev.waitForLine(/an invocation used more than 200 ms of CPU time/);
    await dev.waitForLine(/over \/open exceededCpu/);
    expect(await connection.closed).toBe(1006);
    expect(await (await dev.fetch("/version")).text()).toBe("v1");
  });
});
