import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { type ClientOptions, WebSocket, WebSocketServer } from "ws";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

const BROKEN = "WebSocket disconnected without sending Close frame.";

/** Echoes; closes as it is told; answers a Close with its own; /events tells what it saw. */
const CHAT = `
const events: unknown[] = [];
let wake = () => {};
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/closed") {
      while (events.length === 0) await new Promise<void>((resolve) => { wake = resolve; });
      return Response.json(events.shift());
    }
    if (pathname === "/plain") return new Response("no socket here", { status: 426 });
    if (pathname === "/body") return new Response("got " + await request.text());
    if (pathname === "/throws") throw new Error("no socket either");
    if (pathname === "/gone") {
      console.log("listens");
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      events.push("gone");
      wake();
    }
    if (pathname === "/loop") for (;;);
    if (request.headers.get("Upgrade") !== "websocket" && pathname !== "/unasked") {
      return new Response("chat v1");
    }
    const [client, server] = Object.values(new WebSocketPair()) as any[];
    server.binaryType = "arraybuffer";
    server.accept();
    server.send("welcome");
    server.addEventListener("message", ({ data }: any) => {
      if (data === "close") server.close(4001, "told to");
      else if (data === "throw") throw server.send("last words"), new RangeError("told to");
      else if (data === "flood") for (let i = 0; i < 500; i++) server.send(i + " ".repeat(64 * 1024));
      else if (data instanceof ArrayBuffer && data.byteLength === 0) server.send("empty");
      else server.send(data);
    });
    server.addEventListener("close", ({ code, reason, wasClean }: any) => {
      events.push([code, reason, wasClean]);
      wake();
      if (wasClean) server.close(4010, "answered " + code);
    });
    server.addEventListener("error", ({ message }: any) => {
      events.push(["error", message]);
      wake();
    });
    const headers = new Headers({ "X-Chat": "yes" });
    if (request.headers.get("Sec-WebSocket-Protocol")) headers.set("Sec-WebSocket-Protocol", "v2");
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
`;

const GATEWAY = `
export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/version") return new Response("gateway v1");
    if (pathname === "/self") {
      const response = await env.CHAT.fetch("http://chat/", { headers: { Upgrade: "websocket" } });
      const socket = response.webSocket;
      const got: unknown[] = [];
      const closed = new Promise<any>((resolve) => socket.addEventListener("close", resolve));
      socket.addEventListener("message", ({ data }: any) => {
        got.push(data);
        if (data === "999") socket.send("close");
      });
      socket.accept();
      for (let i = 0; i < 1000; i++) socket.send(String(i));
      const { code, reason, wasClean } = await closed;
      socket.close(4020);
      const inOrder = got.every((data, i) => data === (i === 0 ? "welcome" : String(i - 1)));
      return Response.json([response.status, got.length, inOrder, code, reason, wasClean]);
    }
    return env.CHAT.fetch(request);
  },
};
`;

const CHAT_FILES = {
  "chat/wrangler.json": config("chat", { compatibility_flags: ["enable_request_signal"] }),
  "chat/src/index.ts": CHAT,
};
const GATEWAY_FILES = {
  "gateway/wrangler.json": config("gateway", { services: [{ binding: "CHAT", service: "chat" }] }),
  "gateway/src/index.ts": GATEWAY,
};
const CHAT_CONFIG = "chat/wrangler.json";
const GATEWAY_CONFIG = "gateway/wrangler.json";

/** A client that keeps what it gets, and lets tests wait for it. */
class Client implements Disposable {
  readonly socket: WebSocket;
  readonly closed: Promise<readonly [code: number, reason: string]>;
  #messages: (string | Buffer)[] = [];
  #waiting: ((message: string | Buffer) => void)[] = [];

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on("message", (data: Buffer, isBinary) => {
      const message = isBinary ? data : data.toString();
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve([code, reason.toString()]));
    });
  }

  next(): Promise<string | Buffer> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async echo(message: string | Buffer): Promise<string | Buffer> {
    this.socket.send(message);
    return await this.next();
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Open, and greeted by the Worker. */
async function connect(dev: RunningDev, path = "/", options: ClientOptions = {}): Promise<Client> {
  const client = new Client(`ws://127.0.0.1:${dev.port}${path}`, [], options);
  await once(client.socket, "open");
  expect(await client.next()).toBe("welcome");
  return client;
}

const toWorker = (worker: string): ClientOptions => ({ headers: { Host: `${worker}.localhost` } });

async function closeEvent(dev: RunningDev, worker = "chat"): Promise<unknown> {
  return await (await dev.fetch("/closed", { worker })).json();
}

describe("a client", () => {
  test("exchanges text, bytes and many messages in order with a Worker, and one line is logged", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using client = await connect(dev, "/room");
    await dev.waitForLine(/GET \/room 101 Switching Protocols/);
    expect(await client.echo("hällo 🦆")).toBe("hällo 🦆");
    expect(await client.echo("")).toBe("");
    expect(await client.echo(Buffer.from([0, 255, 1]))).toEqual(Buffer.from([0, 255, 1]));
    expect(await client.echo(Buffer.alloc(0))).toBe("empty");
    for (let i = 0; i < 1000; i++) client.socket.send(`m${i}`);
    for (let i = 0; i < 1000; i++) expect(await client.next()).toBe(`m${i}`);
    const large = randomBytes(8 * 1024 * 1024);
    expect(large.equals((await client.echo(large)) as Buffer)).toBe(true);
    client.socket.ping("are you there");
    expect(String((await once(client.socket, "pong"))[0])).toBe("are you there");
    client.socket.close(4000, "done");
    expect(await client.closed).toEqual([4010, "answered 4000"]);
    expect(await closeEvent(dev)).toEqual([4000, "done", true]);
    expect(dev.output.match(/\/room/g)).toHaveLength(1);
  });

  test("sees the Worker's subprotocol and headers", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using client = new Client(`ws://127.0.0.1:${dev.port}/`, ["v1", "v2"]);
    const opened = once(client.socket, "open");
    const [response] = await once(client.socket, "upgrade");
    expect(response.headers).toMatchObject({ "x-chat": "yes", "sec-websocket-protocol": "v2" });
    await opened;
    expect(client.socket.protocol).toBe("v2");
  });

  test("gets the Worker's close code, and the Worker gets the client's", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using told = await connect(dev);
    told.socket.send("close");
    expect(await told.closed).toEqual([4001, "told to"]);
    expect(await closeEvent(dev)).toEqual([4001, "told to", true]);
    using silent = await connect(dev);
    silent.socket.close();
    expect(await closeEvent(dev)).toEqual([1005, "", true]);
    expect(await silent.closed).toEqual([4010, "answered 1005"]);
    using broken = await connect(dev);
    broken.socket.terminate();
    expect(await closeEvent(dev)).toEqual([1006, BROKEN, false]);
    using excessive = await connect(dev, "/", { perMessageDeflate: false });
    excessive.socket.on("error", () => {});
    excessive.socket.send(Buffer.alloc(32 * 1024 * 1024 + 1));
    const tooLarge = "Message is too large: 33554433 > 33554432";
    expect(await excessive.closed).toEqual([1009, tooLarge]);
    expect(await closeEvent(dev)).toEqual([
      "error",
      `Uncaught Error: WebSocket protocol error; protocolError.statusCode = 1009; protocolError.description = ${tooLarge}`,
    ]);
  });

  test("gets what was sent before a listener threw, which is the end of the connection", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    for await (const client of [connect(dev), connect(dev, "/", { perMessageDeflate: false })]) {
      const heard = [await client.echo("throw"), await client.closed, await closeEvent(dev)];
      expect(heard).toEqual(["last words", [1006, ""], ["error", "Uncaught RangeError: told to"]]);
    }
  });

  test("gets messages compressed if it offers that, from 2023-08-15 on", async () => {
    for (const [date, extensions] of [
      ["2023-08-15", "permessage-deflate"],
      ["2023-08-14", ""],
    ]) {
      const options = { compatibility_date: date };
      await using project = await tempProject({
        ...CHAT_FILES,
        "chat/wrangler.json": config("chat", options),
      });
      await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
      using client = await connect(dev);
      expect(client.socket.extensions).toBe(extensions);
      const text = "the same again ".repeat(10_000);
      expect(await client.echo(text)).toBe(text);
      expect(await client.echo("short")).toBe("short");
      const bytes = randomBytes(100_000);
      expect(bytes.equals((await client.echo(bytes)) as Buffer)).toBe(true);
    }
  });

  test("may read slowly, or leave before there is an answer", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using slow = await connect(dev);
    slow.socket.pause();
    slow.socket.send("flood");
    // The Worker has sent it all and serves others.
    expect(await (await dev.fetch("/")).text()).toBe("chat v1");
    using other = await connect(dev);
    expect(await other.echo("quick")).toBe("quick");
    slow.socket.resume();
    for (let i = 0; i < 500; i++) expect(Number.parseInt(String(await slow.next()), 10)).toBe(i);
    const left = new WebSocket(`ws://127.0.0.1:${dev.port}/gone`);
    left.on("error", () => {});
    await dev.waitForLine(/listens/);
    left.terminate();
    expect(await closeEvent(dev)).toBe("gone");
    await dev.waitForLine(/GET \/gone 499/);
  });

  test("gets any other answer as plain HTTP", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    const answerOf = async (path: string): Promise<[number, string]> => {
      const socket = new WebSocket(`ws://127.0.0.1:${dev.port}${path}`);
      const [, response] = await once(socket, "unexpected-response");
      let text = "";
      for await (const chunk of response) text += chunk;
      return [response.statusCode, text];
    };
    expect(await answerOf("/plain")).toEqual([426, "no socket here"]);
    expect(await answerOf("/throws")).toEqual([500, expect.stringContaining("no socket either")]);
    const unasked = await dev.fetch("/unasked");
    expect([unasked.status, await unasked.text()]).toEqual([
      500,
      expect.stringContaining('did not contain the header "Upgrade: websocket"'),
    ]);
    // curl offers h2c with an upgrade: the answer is HTTP/1.1, and the body arrives.
    const h2c = request(`${dev.url}/body`, {
      method: "POST",
      headers: { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AA" },
    });
    h2c.end("posted");
    const [answer] = await once(h2c, "response");
    expect([answer.statusCode, String(await answer.toArray())]).toEqual([200, "got posted"]);
    expect(await (await dev.fetch("/")).text()).toBe("chat v1");
  });

  test("keeps its socket while requests come and go, and the other way round", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using client = await connect(dev);
    for (let i = 0; i < 200; i++) {
      const [echoed, text] = await Promise.all([
        client.echo(`m${i}`),
        dev.fetch("/").then((response) => response.text()),
      ]);
      expect([echoed, text]).toEqual([`m${i}`, "chat v1"]);
    }
    client.socket.terminate();
    expect(await closeEvent(dev)).toEqual([1006, BROKEN, false]);
    expect(await (await dev.fetch("/")).text()).toBe("chat v1");
  });

  test("keeps its socket when another Worker is edited, and is told 1012 when its own is", async () => {
    await using project = await tempProject({ ...CHAT_FILES, ...GATEWAY_FILES });
    await using dev = await runDev([GATEWAY_CONFIG, CHAT_CONFIG], { cwd: project.dir });
    using client = await connect(dev, "/", toWorker("chat"));
    await project.write("gateway/src/index.ts", GATEWAY.replace("gateway v1", "gateway v2"));
    await dev.waitForLine(/Local server updated and ready/);
    expect(await (await dev.fetch("/version")).text()).toBe("gateway v2");
    expect(await client.echo("still here")).toBe("still here");
    await project.write("chat/src/index.ts", CHAT.replace("chat v1", "chat v2"));
    expect(await client.closed).toEqual([1012, "Worker restarted"]);
    expect(await (await dev.fetch("/", { worker: "chat" })).text()).toBe("chat v2");
    using again = await connect(dev, "/", toWorker("chat"));
    expect(await again.echo("new")).toBe("new");
  });

  test("is told 1001 at the end of the session, which does not wait for it", async () => {
    await using project = await tempProject(CHAT_FILES);
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using client = await connect(dev);
    const exit = dev.stop();
    expect(await client.closed).toEqual([1001, "drover is shutting down"]);
    expect(await exit).toEqual({ code: 0, signal: null });
  });

  test("is told 1011 when its Worker's thread crashes", async () => {
    await using project = await tempProject({
      ...CHAT_FILES,
      "chat/src/index.ts": CHAT.replace(
        "for (;;);",
        "{ const kept: number[][] = []; for (;;) kept.push(new Array(1e6).fill(1.5)); }",
      ),
    });
    await using dev = await runDev(CHAT_CONFIG, { cwd: project.dir });
    using client = await connect(dev);
    expect((await dev.fetch("/loop")).status).toBe(500);
    expect(await client.closed).toEqual([1011, "Worker crashed"]);
  });
});

describe("a service binding", () => {
  const exchange = async (dev: RunningDev): Promise<void> => {
    using client = await connect(dev);
    expect(await client.echo("through")).toBe("through");
    expect(await client.echo(Buffer.from("bytes"))).toEqual(Buffer.from("bytes"));
    const large = "x".repeat(3 * 1024 * 1024);
    expect((await client.echo(large)) === large).toBe(true);
    client.socket.send("close");
    expect(await client.closed).toEqual([4001, "told to"]);
    using second = await connect(dev);
    second.socket.close(4002, "bye");
    expect(await second.closed).toEqual([4010, "answered 4002"]);
    using broken = await connect(dev);
    broken.socket.terminate();
    expect(await (await dev.fetch("/self")).json()).toEqual([
      101,
      1001,
      true,
      4001,
      "told to",
      true,
    ]);
  };

  test("hands a WebSocket of a Worker on to the client, or to the caller", async () => {
    await using project = await tempProject({ ...CHAT_FILES, ...GATEWAY_FILES });
    await using dev = await runDev([GATEWAY_CONFIG, CHAT_CONFIG], { cwd: project.dir });
    await exchange(dev);
    expect(await closeEvent(dev)).toEqual([4001, "told to", true]);
    expect(await closeEvent(dev)).toEqual([4002, "bye", true]);
    expect([await closeEvent(dev), await closeEvent(dev)].sort()).toEqual([
      [1006, expect.any(String), false],
      [4020, "", true],
    ]);
  });

  test("does so between two sessions", async () => {
    await using home = new RegistryHome();
    await using project = await tempProject({ ...CHAT_FILES, ...GATEWAY_FILES });
    const { dir: cwd } = project;
    await using chat = await home.dev(CHAT_CONFIG, { cwd });
    await using gateway = await home.dev(GATEWAY_CONFIG, { cwd });
    if (!/env\.CHAT.*\[connected\]/.test(gateway.output)) {
      await gateway.waitForLine(/env\.CHAT.*\[connected\]/);
    }
    await exchange(gateway);
    using client = await connect(gateway);
    await chat.stop();
    expect((await client.closed)[0]).toBe(1006);
  });
});

describe("a Worker", () => {
  test("opens WebSockets of its own", async () => {
    const server = createServer((_request, response) => response.writeHead(403).end("not you"));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v2" });
    server.on("upgrade", (request, socket, head) => {
      if (request.url === "/no") {
        socket.end(
          "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nConnection: close\r\n\r\nnot you",
        );
        return;
      }
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.send(`hello ${request.headers["x-token"]}`);
        ws.on("message", (data, isBinary) => {
          if (String(data) === "close") ws.close(4003, "as you wish");
          else ws.send(data, { binary: isBinary });
        });
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const worker = `
async function talk(socket: any): Promise<unknown[]> {
  const got: unknown[] = [];
  const closed = new Promise<any>((resolve) => socket.addEventListener("close", resolve));
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }: any) => {
    got.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
    if (got.length === 1) { socket.send("text"); socket.send(new Uint8Array([1, 2])); }
    if (got.length === 3) socket.send("close");
  });
  if (socket.readyState === 1 && socket.url === null) socket.accept();
  const { code, reason } = await closed;
  return [...got, code, reason];
}
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/new") {
      const socket = new WebSocket("ws://${origin}/", ["v1", "v2"]);
      const opened = new Promise((resolve) => socket.addEventListener("open", () => resolve(socket.protocol)));
      const talked = talk(socket);
      return Response.json([await opened, ...(await talked)]);
    }
    if (pathname === "/refused") {
      const socket = new WebSocket("ws://${origin}/no");
      const error: any = await new Promise((resolve) => socket.addEventListener("error", resolve));
      return new Response(error.message);
    }
    const headers = { Upgrade: "websocket", "X-Token": "t1", "Sec-WebSocket-Protocol": "v2" };
    const response: any = await fetch("http://${origin}" + pathname, { headers });
    if (pathname === "/pass") return response;
    if (response.webSocket === null) return new Response(response.status + " " + await response.text());
    return Response.json([response.status, ...(await talk(response.webSocket))]);
  },
};
`;
    await using project = await tempProject({
      "wrangler.json": config("out"),
      "src/index.ts": worker,
    });
    await using dev = await runDev("wrangler.json", { cwd: project.dir });
    const talk = ["text", [1, 2], 4003, "as you wish"];
    expect(await (await dev.fetch("/fetch")).json()).toEqual([101, "hello t1", ...talk]);
    expect(await (await dev.fetch("/new")).json()).toEqual(["v2", "hello undefined", ...talk]);
    expect(await (await dev.fetch("/no")).text()).toBe("403 not you");
    expect(await (await dev.fetch("/refused")).text()).toMatch(
      /^Uncaught TypeError: Failed to establish the WebSocket connection: expected .* but received 403/,
    );
    using client = new Client(`ws://127.0.0.1:${dev.port}/pass`, ["v2"]);
    expect(await client.next()).toBe("hello t1");
    expect(await client.echo("all the way")).toBe("all the way");
    client.socket.send("close");
    expect(await client.closed).toEqual([4003, "as you wish"]);
    server.close();
  });
});

/* Recorded of the real runtime with the same servers (wrangler 4.164). */
const DEFLATE = "permessage-deflate";
const NO_CONTEXT = `${DEFLATE}; server_no_context_takeover; client_no_context_takeover`;
const NOT_SWITCHED =
  "Uncaught TypeError: Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received 502 instead.";

test.each([
  {
    date: "2023-08-15",
    plain: [DEFLATE, DEFLATE, true],
    narrow: [NO_CONTEXT, DEFLATE, true],
    asked: ["", DEFLATE, true],
  },
  {
    date: "2023-08-14",
    plain: [null, "none", false],
    narrow: [null, "none", false],
    asked: ["", "none", false],
  },
])("a Worker of $date offers permessage-deflate as production does", async (expected) => {
  const server = createServer();
  const deflate = { threshold: 0 };
  const narrow = { ...deflate, serverNoContextTakeover: true, clientNoContextTakeover: true };
  const servers: Record<string, WebSocketServer> = {
    "/none": new WebSocketServer({ noServer: true }),
    "/plain": new WebSocketServer({ noServer: true, perMessageDeflate: deflate }),
    "/narrow": new WebSocketServer({ noServer: true, perMessageDeflate: narrow }),
  };
  server.on("upgrade", (request, socket, head) => {
    if (request.url === "/odd") {
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: x-other\r\n\r\n`,
      );
      return;
    }
    servers[request.url ?? ""]?.handleUpgrade(request, socket, head, (ws) => {
      const before = request.socket.bytesRead;
      ws.on("message", () => {
        const offer = request.headers["sec-websocket-extensions"] ?? "none";
        ws.send(JSON.stringify([offer, request.socket.bytesRead - before < 1000]));
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const worker = `
const ask = async (socket) => {
  socket.send("x".repeat(2000));
  const { data } = await new Promise((resolve) => socket.addEventListener("message", resolve));
  socket.close(1000);
  return Response.json([socket.extensions, ...JSON.parse(data)]);
};
export default {
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    if (search !== "") {
      const headers = { Upgrade: "websocket", ...(search === "?asked" && { "Sec-WebSocket-Extensions": "permessage-deflate" }) };
      const { webSocket, status } = await fetch("http://${origin}" + pathname, { headers });
      if (webSocket === null) return Response.json(status);
      webSocket.accept();
      return ask(webSocket);
    }
    const socket = new WebSocket("ws://${origin}" + pathname);
    const before = socket.extensions;
    const error = await new Promise((resolve) => { socket.addEventListener("open", () => resolve()); socket.addEventListener("error", resolve); });
    return before !== "" || error ? Response.json(error?.message) : ask(socket);
  },
};`;
  await using project = await tempProject({
    "wrangler.json": config("asker", { main: "w.js", compatibility_date: expected.date }),
    "w.js": worker,
  });
  await using dev = await runDev(["wrangler.json"], { cwd: project.dir });
  const answer = async (path: string): Promise<unknown> => (await dev.fetch(path)).json();
  expect(await answer("/plain")).toEqual(expected.plain);
  expect(await answer("/narrow")).toEqual(expected.narrow);
  expect(await answer("/none")).toEqual([null, expected.plain[1], false]);
  expect(await answer("/plain?fetch")).toEqual(["", "none", false]);
  expect(await answer("/plain?asked")).toEqual(expected.asked);
  expect(await answer("/odd")).toBe(NOT_SWITCHED);
  expect(await answer("/odd?fetch")).toBe(502);
  server.closeAllConnections();
  server.close();
});
