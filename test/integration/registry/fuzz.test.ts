import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { expect, test } from "vitest";
import { CLIENT_FRAME_LIMIT } from "../../../src/protocol/registry.ts";
import { encodeFrame } from "../../../src/registry/framing.ts";
import { RegistryWorld } from "./harness.ts";

const hello = {
  type: "hello",
  protocol: 1,
  id: "fuzz",
  role: "session",
  session: { pid: 1, cwd: "/", version: "1.0.0", startedAt: 0 },
  workspace: { root: "/", kind: "folder", repository: [] },
};
const worker = {
  name: "api",
  entrypoints: [],
  durableObjectClasses: [],
  address: null,
  generation: 1,
  ready: true,
};
const announce = {
  type: "announce",
  request: 1,
  since: 0,
  heldBefore: false,
  takeover: false,
  worker,
};

const rubbish: Readonly<Record<string, readonly Buffer[]>> = {
  "random bytes": [Buffer.concat([Buffer.from([0x10, 0, 0, 0]), randomBytes(64)])],
  "an empty frame": [Buffer.alloc(4)],
  "a length of 4 GB": [Buffer.from([0xff, 0xff, 0xff, 0xff])],
  "a length just over the limit": [lengthOf(CLIENT_FRAME_LIMIT + 1)],
  "text instead of a frame": [Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  "JSON that is no message": [encodeFrame("hello"), encodeFrame(null), encodeFrame([])],
  "deeply nested JSON": [lengthOf(CLIENT_FRAME_LIMIT), Buffer.alloc(CLIENT_FRAME_LIMIT, "[")],
  "a message before hello": [encodeFrame(announce)],
  "a second hello": [encodeFrame(hello), encodeFrame(hello)],
  "a hello without a session": [encodeFrame({ ...hello, session: undefined })],
  "an unknown message": [encodeFrame(hello), encodeFrame({ type: "explode" })],
  "a Worker without a name": [encodeFrame(hello), announceWith({ name: "" })],
  "a Worker with an endless name": [encodeFrame(hello), announceWith({ name: "x".repeat(10_000) })],
  "an entrypoint of a wrong kind": [
    encodeFrame(hello),
    announceWith({ entrypoints: [{ name: "a", kind: "virus", methods: [] }] }),
  ],
  "far too many entrypoints": [
    encodeFrame(hello),
    announceWith({ entrypoints: Array(5_000).fill({ name: "a", kind: "class", methods: [] }) }),
  ],
  "a prototype as a Worker": [
    encodeFrame(hello),
    Buffer.from(encodeFrame({ type: "announce", request: 1, since: 0, __proto__: 1 })),
  ],
};

test.for(Object.entries(rubbish))("%s ends only the connection it came on", async ([, frames]) => {
  await using world = new RegistryWorld();
  const session = await world.open();
  await session.serve("innocent");
  const daemon = (await session.daemon())?.pid;
  const socket = await connect(world.socket);
  for (const frame of frames) socket.write(frame);
  // Not once(): it rejects at the EPIPE of a frame that came after the end.
  await new Promise((resolve) => socket.resume().on("close", resolve));
  const witness = await world.open();
  await witness.until("innocent", "found");
  expect((await witness.daemon())?.pid).toBe(daemon);
});

test("a frame that never ends costs no memory and holds up nobody", async () => {
  await using world = new RegistryWorld();
  const session = await world.open();
  const daemon = (await session.daemon())?.pid as number;
  const before = residentBytes(daemon);
  const sockets = await Promise.all(Array.from({ length: 100 }, () => connect(world.socket)));
  for (const socket of sockets) {
    socket.write(Buffer.concat([lengthOf(CLIENT_FRAME_LIMIT), Buffer.from("{")]));
  }
  await session.serve("api");
  await (await world.open()).until("api", "found");
  expect(residentBytes(daemon) - before).toBeLessThan(50 * CLIENT_FRAME_LIMIT);
  for (const socket of sockets) socket.destroy();
});

test("a hello cut at every byte is one hello", async () => {
  await using world = new RegistryWorld();
  await world.open();
  const socket = await connect(world.socket);
  socket.setNoDelay(true);
  for (const byte of encodeFrame(hello)) socket.write(Buffer.from([byte]));
  const [welcome] = (await once(socket, "data")) as [Buffer];
  expect(welcome.subarray(4).toString()).toContain('"type":"welcome"');
  socket.destroy();
});

test("a client that never reads does not fill the daemon's memory", async () => {
  await using world = new RegistryWorld();
  const session = await world.open();
  const daemon = (await session.daemon())?.pid as number;
  const deaf = await connect(world.socket);
  deaf.write(encodeFrame(hello));
  deaf.pause();
  const before = residentBytes(daemon);
  const methods = Array.from({ length: 500 }, (_, at) => `method-${at}-${"x".repeat(100)}`);
  for (let generation = 0; generation < 300; generation += 1) {
    const entrypoints = [{ name: "default", kind: "class" as const, methods }];
    await session.call("announce", { ...worker, generation, entrypoints });
  }
  // 300 generations of 60 KB: more than the daemon may have kept for one that does not listen.
  const grown = residentBytes(daemon) - before;
  // It is somebody who is there: the daemon, and with it this world, would not end before it.
  deaf.destroy();
  expect(grown).toBeLessThan(12 * 1024 * 1024);
});

function announceWith(part: Record<string, unknown>): Buffer {
  return encodeFrame({ ...announce, worker: { ...worker, ...part } });
}

function lengthOf(bytes: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(bytes);
  return header;
}

async function connect(path: string): Promise<net.Socket> {
  const socket = net.connect(path);
  // The daemon closes while we may still be writing.
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

function residentBytes(pid: number): number {
  const pages = /^\d+ (\d+)/.exec(readFileSync(`/proc/${pid}/statm`, "utf8"))?.[1];
  return Number(pages) * 4096;
}
