import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { expect, test } from "vitest";
import { listRegistry, stopRegistry } from "../../../src/registry/commands.ts";
import { isRunning, RegistryWorld, type SessionProcess } from "./harness.ts";

test("sessions register again with a new daemon when theirs is killed", async () => {
  await using world = new RegistryWorld();
  const sessions = await openAll(world, 6);
  const daemon = await sessions[0]?.daemon();
  const seen = sessions.map((session) => session.events.length);
  process.kill(daemon?.pid as number, "SIGKILL");
  for (const [at, session] of sessions.entries()) await session.state("connected", seen[at]);
  for (const session of sessions) expect((await session.daemon())?.pid).not.toBe(daemon?.pid);
  expect(world.daemons.size).toBe(2);
  const late = await world.open();
  for (let at = 0; at < 6; at += 1) await late.until(`worker-${at}`, "found");
  // Nobody looked disconnected to anybody in the meantime.
  for (const [at, session] of sessions.entries()) {
    for (const { list } of session.events.slice(seen[at])) {
      const others = list.filter((worker) => !worker.startsWith(`${session.pid}:`));
      expect(others.length).toBeGreaterThanOrEqual(5);
    }
  }
});

test("a session that dies together with the daemon is gone on the new one", async () => {
  await using world = new RegistryWorld();
  const [a, b] = await openAll(world, 2);
  const daemon = await a?.daemon();
  process.kill(daemon?.pid as number, "SIGKILL");
  await b?.kill();
  await a?.until("worker-1", "missing");
});

test("the holder of a name keeps it over a daemon's death", async () => {
  await using world = new RegistryWorld();
  const [a, b, peer] = [await world.open(), await world.open(), await world.open()];
  await a.serve("api");
  await b.serve("api");
  await peer.until("api", "found");
  const from = [a.events.length, peer.events.length];
  process.kill((await peer.daemon())?.pid as number, "SIGKILL");
  await a.state("connected", from[0]);
  await peer.state("connected", from[1]);
  await peer.until("api", "found", a);
  await a.kill();
  await b.event("takeover");
  expect(b.events.filter(({ event }) => event === "takeover")).toHaveLength(1);
});

test("a session that sleeps through the daemon's death is there again after it", async () => {
  await using world = new RegistryWorld();
  const [sleeper, awake] = await openAll(world, 2);
  const daemon = (await awake?.daemon())?.pid as number;
  const seen = awake?.events.length;
  sleeper?.child.kill("SIGSTOP");
  process.kill(daemon, "SIGKILL");
  await awake?.state("connected", seen);
  // Suspended is not gone: its socket is still open.
  expect(await awake?.resolve("worker-0")).toMatchObject({ type: "found" });
  const late = await world.open();
  await late.until("worker-1", "found");
  expect(await late.resolve("worker-0")).toMatchObject({ type: "missing" });
  sleeper?.child.kill("SIGCONT");
  await late.until("worker-0", "found");
});

test("a suspended daemon keeps nobody from starting, and catches up afterwards", async () => {
  await using world = new RegistryWorld();
  const a = await world.open();
  await a.serve("api");
  const daemon = (await a.daemon())?.pid as number;
  process.kill(daemon, "SIGSTOP");
  const b = world.start();
  await b.event("open");
  expect(b.events.map(({ detail }) => detail)).toContain("silent");
  process.kill(daemon, "SIGCONT");
  await b.state("connected");
  expect(await b.resolve("api")).toMatchObject({ type: "found" });
  expect((await b.daemon())?.pid).toBe(daemon);
});

test("a stale socket file and a dead process's lock do not keep a daemon from starting", async () => {
  await using world = new RegistryWorld();
  world.prepareDirectory();
  await leaveSocket(world.socket);
  await leaveSocket(`${world.socket}.start`);
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  writeFileSync(`${world.socket}.lock`, String(dead.pid));
  const sessions = Array.from({ length: 4 }, () => world.start());
  await Promise.all(sessions.map((session) => session.opened()));
  expect(world.daemons.size).toBe(1);
});

test("socket files of Workers that died with their daemon are removed by the next one", async () => {
  await using world = new RegistryWorld();
  const a = await world.open();
  await a.serve("api");
  const daemon = (await a.daemon())?.pid as number;
  a.child.kill("SIGSTOP");
  process.kill(daemon, "SIGKILL");
  await a.kill();
  expect(world.files()).toHaveLength(2);
  await world.open();
  await world.untilFiles((files) => files.join() === "registry.sock");
});

test("files of registries of other names that were killed are removed", async () => {
  await using world = new RegistryWorld();
  const other = await world.open({ env: { DROVER_REGISTRY: "other" } });
  const [socket] = world.files();
  process.kill((await other.daemon())?.pid as number, "SIGSTOP");
  const alive = `${world.directory}/${socket}`;
  const killed = `${world.directory}/registry-0123456789.sock`;
  const dead = await leaveSocket(killed);
  writeFileSync(`${killed}.lock`, String(dead));
  writeFileSync(`${killed}.lock.${dead}-01234567`, String(dead));
  await world.open();
  await world.untilFiles((files) => files.length === 2);
  // A suspended daemon is not a dead one.
  expect(existsSync(alive)).toBe(true);
  process.kill((await other.daemon())?.pid as number, "SIGCONT");
});

test("all meet at a new daemon when the socket file is removed under the old one", async () => {
  await using world = new RegistryWorld();
  const [a, b] = await openAll(world, 2);
  const seen = a?.events.length;
  rmSync(world.socket);
  await a?.state("connected", seen);
  const late = await world.open();
  for (const name of ["worker-0", "worker-1"]) await late.until(name, "found");
  await b?.daemon();
  await a?.daemon();
  expect(world.daemons.size).toBe(2);
});

test("the daemon ends after its last session, with its socket file", async () => {
  await using world = new RegistryWorld();
  const session = await world.open();
  await session.call("close");
  await world.untilFiles((files) => files.length === 0);
});

test("the listing shows Workers and their sessions, and starts no daemon", async () => {
  await using world = new RegistryWorld();
  const options = { env: world.env, cwd: world.root, version: "1.0.0" };
  expect(await listRegistry(options)).toMatchObject({ daemon: null, workers: [] });
  expect(world.files()).toEqual([]);
  const session = await world.open();
  await session.serve("api");
  expect(await listRegistry(options)).toMatchObject({
    socket: world.socket,
    daemon: { version: "1.0.0" },
    workers: [{ name: "api", session: { pid: session.pid }, workspace: { root: "/code/main" } }],
  });
});

test("a stopped registry stays stopped until the next session starts", async () => {
  await using world = new RegistryWorld();
  const options = { env: world.env, cwd: world.root, version: "1.0.0" };
  const [a, b] = await openAll(world, 2);
  const stopped = await stopRegistry(options);
  expect(stopped?.pid).toBe([...world.daemons][0]);
  await a?.state("stopped");
  await b?.state("stopped");
  expect(await listRegistry(options)).toMatchObject({ daemon: null });
  // What was known is still there: links do not need the registry.
  expect(await a?.resolve("worker-1")).toMatchObject({ type: "found" });
  expect(await stopRegistry(options)).toBeNull();
  const late = await world.open();
  for (const name of ["worker-0", "worker-1"]) await late.until(name, "found");
});

test("a session that ends while the registry is stopped is gone for its peers", async () => {
  await using world = new RegistryWorld();
  const [a, b] = await openAll(world, 2);
  await stopRegistry({ env: world.env, cwd: world.root, version: "1.0.0" });
  await a?.state("stopped");
  expect(await a?.resolve("worker-1")).toMatchObject({ type: "found" });
  await b?.kill();
  await a?.until("worker-1", "missing");
  // Its socket file is the next registry's business.
  await world.open();
  await a?.daemon();
});

test("stopping does not wait for a suspended session", async () => {
  await using world = new RegistryWorld();
  const [a, b] = await openAll(world, 2);
  a?.child.kill("SIGSTOP");
  await stopRegistry({ env: world.env, cwd: world.root, version: "1.0.0" });
  await b?.state("stopped");
  a?.child.kill("SIGCONT");
  await a?.state("stopped");
  await world.open();
  await a?.until("worker-1", "found");
});

test("a suspended daemon is reported by the listing", async () => {
  await using world = new RegistryWorld();
  const session = await world.open();
  const daemon = (await session.daemon())?.pid as number;
  process.kill(daemon, "SIGSTOP");
  const listing = listRegistry({ env: world.env, cwd: world.root, version: "1.0.0" });
  await expect(listing).rejects.toMatchObject({ code: "REGISTRY_SILENT" });
  process.kill(daemon, "SIGCONT");
});

test("the runtime directory is made again when it was removed", async () => {
  await using world = new RegistryWorld();
  const session = await world.open();
  await session.daemon();
  const seen = session.events.length;
  rmSync(world.directory, { recursive: true });
  await session.state("connected", seen);
  await session.daemon();
  expect(await session.serve("api")).toEqual({ type: "registered" });
  await (await world.open()).until("api", "found");
});

test("a daemon that is asked to terminate is replaced", async () => {
  await using world = new RegistryWorld();
  const [a] = await openAll(world, 2);
  const seen = a?.events.length;
  process.kill((await a?.daemon())?.pid as number, "SIGTERM");
  await a?.state("connected", seen);
  await a?.daemon();
  await (await world.open()).until("worker-1", "found");
});

test("rubbish at the socket's path ends in no endless loop", async () => {
  await using world = new RegistryWorld();
  world.prepareDirectory();
  let visits = 0;
  const impostor = net.createServer((socket) => {
    visits += 1;
    socket.on("error", () => {});
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  impostor.listen(world.socket);
  await once(impostor, "listening");
  const session = world.start();
  // Not "failed": the session goes on without a registry, and tries again at growing intervals.
  await session.event("open");
  expect(visits).toBeLessThan(12);
  impostor.close();
  await session.state("connected");
  await session.daemon();
});

test("a session whose registry cannot exist is told why", async () => {
  await using world = new RegistryWorld();
  const file = `${world.root}/file`;
  writeFileSync(file, "");
  const session = world.start({
    env: { XDG_RUNTIME_DIR: `/tmp/${"x".repeat(90)}`, TMPDIR: file },
  });
  expect(await session.event("failed")).toMatchObject({
    detail: {
      code: "REGISTRY_DIRECTORY",
      message: expect.stringMatching(
        /too long for sockets[\s\S]*file\/drover-\d+: cannot be created/,
      ),
    },
  });
});

async function openAll(world: RegistryWorld, count: number): Promise<SessionProcess[]> {
  const sessions = Array.from({ length: count }, () => world.start());
  await Promise.all(sessions.map((session) => session.opened()));
  await Promise.all(sessions.map((session, at) => session.serve(`worker-${at}`)));
  for (const session of sessions) {
    for (let at = 0; at < count; at += 1) {
      if (sessions[at] !== session) await session.until(`worker-${at}`, "found");
    }
  }
  expect([...world.daemons].filter(isRunning)).toHaveLength(1);
  return sessions;
}

/** A socket file without a listener, as a killed process leaves it; returns its process id. */
async function leaveSocket(path: string): Promise<number> {
  const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  const child = spawn(process.execPath, ["-e", code]);
  await once(child, "exit");
  await expect(once(net.connect(path), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  return child.pid as number;
}
