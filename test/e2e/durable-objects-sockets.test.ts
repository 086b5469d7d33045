import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/*
 * Frames that break the rules of WebSockets, sent to a hibernating socket of a Durable Object and to
 * one that a Worker accepted itself. What both hear was recorded with the real runtime (workerd of
 * wrangler 4.164), frame by frame.
 */

const APP = `
import { DurableObject } from "cloudflare:workers";
const log = [];
export class Room extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  count() { return this.ctx.getWebSockets().length; }
  webSocketMessage(socket, message) { log.push("message " + message); }
  webSocketClose(socket, code, reason) { log.push("close " + code + reason); }
  webSocketError(socket, error) {
    log.push(error + " " + socket.readyState + " " + this.ctx.getWebSockets().length);
    socket.send("nobody hears this");
    socket.close(4000, "nor this");
  }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const room = env.ROOM.getByName("a");
    if (pathname === "/log") return Response.json(log);
    if (pathname === "/count") return Response.json(await room.count());
    if (pathname === "/room") return room.fetch(request);
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", (event) => log.push("message " + event.data));
    server.addEventListener("close", (event) => log.push("close " + event.code));
    server.addEventListener("error", (event) => log.push(event.message + " " + server.readyState));
    return new Response(null, { status: 101, webSocket: client });
  },
};
`;

/** A frame with a mask of zeros. */
const frame = (first: number, payload = ""): Buffer => {
  const bytes = Buffer.from(payload, "latin1");
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
};

const NOT_COMPRESSED =
  "Received a WebSocket frame whose compression bit was set, but the compression extension was not negotiated for this connection.";

const VIOLATIONS: readonly (readonly [description: string, frames: readonly Buffer[]])[] = [
  ["Unknown opcode 3", [frame(0x83)]],
  ["Unknown opcode 11", [frame(0x8b)]],
  ["Received fragmented control frame", [frame(0x09)]],
  ["Received frame had RSV bits 2 or 3 set", [frame(0xa1, "a")]],
  [NOT_COMPRESSED, [frame(0xc1, "a")]],
  ["Unexpected continuation frame", [frame(0x80, "a")]],
  ["Missing continuation frame", [frame(0x01, "a"), frame(0x81, "b")]],
];

test("the handler hears what is wrong with frames, the client hears it with 1002", async () => {
  await using files = await tempProject({
    "wrangler.json": config("app", {
      compatibility_date: "2026-08-01",
      main: "index.js",
      durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    }),
    "index.js": APP,
  });
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  const json = async (path: string): Promise<unknown> => (await dev.fetch(path)).json();
  const expected: string[] = [];
  for (const [description, frames] of VIOLATIONS) {
    const text = `Error: WebSocket protocol error; protocolError.statusCode = 1002; protocolError.description = ${description}`;
    for (const path of ["/room", "/plain"]) {
      const [code, reason] = await send(dev, path, frames);
      expect([code, reason]).toEqual([1002, description.slice(0, 123)]);
      expected.push(path === "/room" ? `${text} 2 1` : `Uncaught ${text} 3`);
      await eventually(async () => expect(await json("/log")).toEqual(expected));
    }
    await eventually(async () => expect(await json("/count")).toBe(0));
  }
  expect(await send(dev, "/room", [frame(0x81, "\xff"), frame(0x88, "\x0f\xa0")])).toEqual([
    4000,
    "",
  ]);
  expected.push("message \ufffd", "close 4000");
  await eventually(async () => expect(await json("/log")).toEqual(expected));
});

const STREAMED = `
import { DurableObject } from "cloudflare:workers";
const log = [];
export class Room extends DurableObject {
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  count() { return this.ctx.getWebSockets().length; }
  end() { for (const socket of this.ctx.getWebSockets()) socket.send("end"); }
  webSocketClose(socket, code) {
    log.push("the object hears " + code);
    socket.close(1000, "bye");
  }
}
export default {
  async fetch(request, env, ctx) {
    const room = env.ROOM.getByName("a");
    const { pathname } = new URL(request.url);
    if (pathname === "/end") return new Response(await room.end());
    if (pathname === "/log") return Response.json([await room.count(), ...log]);
    const { webSocket } = await room.fetch(request.url, { headers: { Upgrade: "websocket" } });
    webSocket.accept();
    webSocket.addEventListener("message", () => ctx.abort("enough"));
    webSocket.addEventListener("close", () => log.push("the Worker hears"));
    const { readable, writable } = new TransformStream();
    writable.getWriter().write(new TextEncoder().encode("hello"));
    return new Response(readable);
  },
};
`;

test("an object keeps the socket of a caller whose client has gone; what it answers when the caller is over, that does not hear", async () => {
  await using files = await tempProject({
    "wrangler.json": config("app", {
      main: "index.js",
      durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    }),
    "index.js": STREAMED,
  });
  await using dev = await runDev("wrangler.json", { cwd: files.dir });
  const client = new AbortController();
  const { body } = await fetch(dev.url, { signal: client.signal });
  await body?.getReader().read();
  client.abort();
  await dev.waitForLine(/client gone/);
  expect(await (await dev.fetch("/log")).json()).toEqual([1]);
  expect((await dev.fetch("/end")).status).toBe(200);
  await eventually(async () => {
    expect(await (await dev.fetch("/log")).json()).toEqual([0, "the object hears 1006"]);
  });
});

/** Upgrades, sends the frames; the Close frame that comes back. */
async function send(
  dev: RunningDev,
  path: string,
  frames: readonly Buffer[],
): Promise<[code: number, reason: string]> {
  const socket = connect(dev.port, "127.0.0.1");
  let received = Buffer.alloc(0);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost:${dev.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  let start = -1;
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    if (start < 0 && received.includes("\r\n\r\n")) {
      start = received.indexOf("\r\n\r\n") + 4;
      for (const bytes of frames) socket.write(bytes);
    }
    const close = received.subarray(start);
    if (start < 0 || close.length < 2 || close.length < 2 + (close[1] as number)) continue;
    expect(close[0]).toBe(0x88);
    return [close.readUInt16BE(2), close.subarray(4).toString()];
  }
  throw new Error("The connection ended without a Close frame.");
}
