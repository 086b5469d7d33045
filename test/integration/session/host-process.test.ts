import { createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { FrontSockets } from "../../../src/session/front-sockets.ts";
import { type HostDeath, HostProcess } from "../../../src/session/host-process.ts";
import { eventually } from "../../helpers/eventually.ts";

/*
 * The session's half of the life of a host process, against a host that only tells its pid:
 * sockets that outlive it, restarts, blame, the end.
 */
const entry = new URL("./fake-host.js", import.meta.url);

interface Running extends AsyncDisposable {
  readonly host: HostProcess;
  readonly sockets: FrontSockets;
  readonly deaths: HostDeath[];
  readonly failures: Error[];
}

function start(): Running {
  const host = new HostProcess({ entry });
  const sockets = new FrontSockets(host);
  const deaths: HostDeath[] = [];
  const failures: Error[] = [];
  host.attach({
    onMessage(message) {
      if (message.type === "listening" || message.type === "listen-failed")
        sockets.onAnswer(message);
    },
    onDeath: (death) => deaths.push(death),
    onRestart: () => sockets.reopen(),
    onGiveUp: (error) => failures.push(error),
    onOutput: () => {},
  });
  return {
    host,
    sockets,
    deaths,
    failures,
    async [Symbol.asyncDispose]() {
      await host.stop();
      sockets[Symbol.dispose]();
    },
  };
}

afterEach(() => vi.unstubAllEnvs());

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid ?? 0, 0);
    return true;
  } catch {
    return false;
  }
}

test("a host that dies is replaced on the same port, and nobody is refused", async () => {
  await using running = start();
  const { sockets, deaths } = running;
  const port = await sockets.open({ ip: "localhost", port: 0, secure: false });
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
  const first = await (await ask("/")).text();
  await expect(ask("/abort")).rejects.toThrow();
  const second = await (await ask("/")).text();
  expect(second).not.toBe(first);
  expect(deaths).toMatchObject([{ reason: "killed by SIGABRT", blamed: ["api"], restartInMs: 0 }]);
  expect(await (await fetch(`http://[::1]:${port}/`)).text()).toBe(second);
});

test("deaths in a row make the next start wait longer", async () => {
  await using running = start();
  const port = await running.sockets.open({ ip: "127.0.0.1", port: 0, secure: false });
  for (let index = 0; index < 3; index += 1) {
    await fetch(`http://127.0.0.1:${port}/exit`).catch(() => {});
  }
  await eventually(() => expect(running.deaths).toHaveLength(3));
  const waits = running.deaths.map(({ restartInMs }) => restartInMs);
  expect(waits[0]).toBe(0);
  expect(waits[2]).toBeGreaterThan(waits[1] as number);
  expect(running.deaths[0]?.reason).toBe("exited with code 7");
});

test("a host that never boots is given up, with what it said", async () => {
  vi.stubEnv("FAKE_HOST_DIES", "1");
  await using running = start();
  await eventually(() => expect(running.failures).toHaveLength(1));
  expect(running.failures[0]?.message).toContain("cannot boot: no flux");
});

test("a port that another process listens on is found out by the host, or before", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const taken = (other.address() as { port: number }).port;
  await using running = start();
  await expect(
    running.sockets.open({ ip: "127.0.0.1", port: taken, secure: false }),
  ).rejects.toMatchObject({ code: "PORT_TAKEN", exitCode: 4 });
  other.close();
});

test("two sessions that start together get different ports, whole ones", async () => {
  await using one = start();
  await using two = start();
  const open = (running: Running) =>
    running.sockets.open({ ip: "localhost", port: undefined, secure: false });
  const [first, second] = await Promise.all([open(one), open(two)]);
  expect(first).not.toBe(second);
  for (const [port, { host }] of [
    [first, one],
    [second, two],
  ] as const) {
    for (const address of ["127.0.0.1", "[::1]"]) {
      const answer = await fetch(`http://${address}:${port}/`);
      expect(await answer.text()).toBe(String(host.pid));
    }
  }
});

test("stop ends the process, also one that does not listen to it", async () => {
  vi.stubEnv("FAKE_HOST_HANGS", "1");
  const { host, sockets } = start();
  await sockets.open({ ip: "127.0.0.1", port: 0, secure: false });
  const { pid } = host;
  expect(isAlive(pid)).toBe(true);
  await host.stop();
  sockets[Symbol.dispose]();
  expect(isAlive(pid)).toBe(false);
});
