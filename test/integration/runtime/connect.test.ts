import { describe, expect, test } from "vitest";
import { TestHost } from "./harness.ts";

/*
 * connect() on a service binding; what is expected is what the real runtime did in the same scenes.
 */

const CALLEE = `
import { connectHandler } from "cloudflare:node";
import { WorkerEntrypoint } from "cloudflare:workers";
import net from "node:net";
const log = [];
export default {
  async connect(socket, env, ctx) {
    log.push(JSON.stringify(await socket.opened) + " " + socket.secureTransport + " " + typeof ctx.waitUntil);
    await socket.readable.pipeTo(socket.writable);
    log.push("piped");
  },
  fetch: () => Response.json(log),
};
export const info = {
  async connect(socket) {
    const writer = socket.writable.getWriter();
    await writer.write(JSON.stringify(await socket.opened));
    await writer.close();
  },
};
export const none = { fetch() {} };
export class Thrower extends WorkerEntrypoint {
  async connect() {
    throw new Error("boom");
  }
}
export const late = {
  async connect(socket) {
    await socket.writable.getWriter().write("x");
  },
};
const server = net.createServer((socket) => {
  socket.on("data", (data) => socket.write("net: " + data));
  socket.write([socket.localAddress, socket.localPort, socket.remoteAddress].join(" ") + "\\n");
});
server.listen(4600);
export const node = connectHandler();
`;

const CALLER = `
const text = ({ done, value }) => (done ? "(done)" : new TextDecoder().decode(value));
const failure = (promise) => promise.then(() => "fulfilled", (error) => String(error));
const thrown = (fn) => {
  try {
    return String(fn());
  } catch (error) {
    return String(error);
  }
};
const scenes = {
  async echo(env) {
    const socket = env.ECHO.connect("host:4600");
    const info = await socket.opened;
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    await writer.write("hi");
    const read = text(await reader.read());
    await writer.close();
    const end = text(await reader.read());
    await socket.closed;
    return [info, read, end, await (await env.ECHO.fetch("http://x/")).json()];
  },
  async info(env) {
    const socket = env.INFO.connect({ hostname: "some.host", port: 77 });
    return [await new Response(socket.readable).json(), await socket.opened];
  },
  async large(env) {
    const socket = env.ECHO.connect("host:1");
    const bytes = new Uint8Array(3_000_000).fill(7);
    const writer = socket.writable.getWriter();
    const sent = writer.write(bytes).then(() => writer.close());
    const got = await new Response(socket.readable).bytes();
    await sent;
    return [got.length, got.every((byte) => byte === 7)];
  },
  async none(env) {
    const socket = env.NONE.connect("h:1");
    return [await failure(socket.opened), await failure(socket.closed)];
  },
  async thrower(env) {
    const socket = env.THROWER.connect("h:1");
    await socket.opened;
    const read = text(await socket.readable.getReader().read());
    return [read, await failure(socket.closed)];
  },
  async late(env) {
    const socket = env.LATE.connect("h:1");
    const reader = socket.readable.getReader();
    return [text(await reader.read()), text(await reader.read()), await failure(socket.closed)];
  },
  async arguments(env) {
    return [
      thrown(() => env.ECHO.connect(undefined)),
      thrown(() => env.ECHO.connect("x")),
      thrown(() => env.ECHO.connect("h:1", { secureTransport: "on" })),
    ];
  },
  async node(env) {
    const socket = env.NODE.connect("host:4600");
    const reader = socket.readable.getReader();
    const first = text(await reader.read());
    const writer = socket.writable.getWriter();
    await writer.write("hello");
    const second = text(await reader.read());
    await socket.close();
    const nowhere = env.NODE.connect("host:4601");
    await nowhere.opened;
    return [first, second, text(await nowhere.readable.getReader().read())];
  },
};
export default {
  async fetch(request, env) {
    return Response.json(await scenes[new URL(request.url).pathname.slice(1)](env));
  },
};`;

const ENTRYPOINTS = { INFO: "info", NONE: "none", THROWER: "Thrower", LATE: "late", NODE: "node" };

const EXPECTED: Record<string, unknown> = {
  echo: [
    { remoteAddress: "host:4600" },
    "hi",
    "(done)",
    ['{"localAddress":"host:4600"} off function', "piped"],
  ],
  info: [{ localAddress: "some.host:77" }, { remoteAddress: "some.host:77" }],
  large: [3_000_000, true],
  none: Array(2).fill("Error: proxy request failed, cannot connect to the specified address"),
  thrower: ["(done)", "fulfilled"],
  late: ["x", "(done)", "fulfilled"],
  arguments: [
    "TypeError: Failed to execute 'connect' on 'Fetcher': parameter 1 is not of type 'SocketAddress or string'.",
    "TypeError: Specified address is missing port.",
    "Error: Incoming CONNECT with TLS not supported",
  ],
  node: ["240.1.0.1 4600 240.1.255.254\n", "net: hello", "(done)"],
};

describe("connect() on a service binding", async () => {
  await using host = new TestHost();
  const callee = await host.start({ name: "callee", code: CALLEE });
  const worker = await host.start({
    name: "caller",
    code: CALLER,
    spec: {
      bindings: [
        { type: "service", name: "ECHO", target: { service: "callee" } },
        ...Object.entries(ENTRYPOINTS).map(([name, entrypoint]) => ({
          type: "service" as const,
          name,
          target: { service: "callee", entrypoint },
        })),
      ],
    },
  });
  const answers = new Map<string, unknown>();
  for (const scene of Object.keys(EXPECTED)) {
    const { text, failure } = await worker.fetch(`/${scene}`);
    answers.set(scene, failure === undefined ? JSON.parse(text) : failure.stack);
  }
  for (const said of ["boom", "port 4601"]) {
    await callee.log((entry) => JSON.stringify(entry).includes(said));
  }
  const logs = callee.logs.map((entry) => JSON.stringify(entry)).join("\n");

  test.each(Object.keys(EXPECTED))("%s", (scene) => {
    expect(answers.get(scene)).toEqual(EXPECTED[scene]);
  });

  test("what went wrong is in the callee's log", () => {
    expect(logs).toContain("Received a connect event but we lack a handler.");
    expect(logs).toContain("TCP connect() handler threw: Error: boom");
    expect(logs).toContain("No net.Server is listening on port 4601.");
  });
});
