import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allGone, descendants } from "../helpers/process-tree.ts";
import type { RunningDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import {
  CALLEE,
  CALLEE_CONFIG,
  CALLER_CONFIG,
  connected,
  printed,
  RegistryHome,
  twoWorkers,
} from "./registry-home.ts";

const LOST = { message: "Network connection lost.", retryable: true };

/** Session and host process; the daemon may be a child of the session but is no part of it. */
function processesOf(dev: RunningDev): number[] {
  const pid = dev.child.pid as number;
  const own = descendants(pid).filter(({ command }) => command.includes("programs/host.cjs"));
  return [pid, ...own.map((info) => info.pid)];
}

function hostOf(dev: RunningDev): number {
  return processesOf(dev)[1] as number;
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) process.kill(pid, name);
}

/** Asks until the answer fits; the test's own time limit is the limit. */
async function until(dev: RunningDev, path: string, expected: string): Promise<void> {
  while ((await (await dev.fetch(path)).text()) !== expected);
}

test("SIGKILL of a callee: calls in flight fail, a new one answers as soon as it is up", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  const inFlight = caller.fetch("/slow");
  await callee.waitForLine(/slow call began/);
  caller.mark();
  const pids = processesOf(callee);
  await callee.stop("SIGKILL");
  expect(await (await inFlight).json()).toMatchObject(LOST);
  await caller.waitForLine(/env\.CALLEE.*\[not connected\]/);
  await using again = await home.dev(CALLEE_CONFIG, { cwd });
  await caller.waitForLine(/env\.CALLEE.*\[connected\]/);
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  expect(again.output).not.toContain("Another session");
  await allGone(pids);
});

test("a callee that is killed and restarted at once answers without any wait of the caller's", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  await until(caller, "/version", "v1");
  const killed = callee.stop("SIGKILL");
  const [again] = await Promise.all([home.dev(CALLEE_CONFIG, { cwd }), killed]);
  await using _again = again;
  await until(caller, "/version", "v1");
});

test("SIGKILL of the daemon: links stay, another daemon knows everybody", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  const inFlight = caller.fetch("/until-v2");
  const daemon = await home.daemonPid();
  caller.mark();
  process.kill(daemon, "SIGKILL");
  await allGone([daemon]);
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  while ((await home.list()).workers.filter(({ address }) => address !== null).length < 2);
  await project.write("callee/src/index.ts", CALLEE.replaceAll("v1", "v2"));
  await callee.waitForLine(/Local server updated and ready/);
  const { failures } = (await (await inFlight).json()) as { failures: string[] };
  expect(failures).toEqual([]);
  // Nobody looked disconnected in between.
  expect(caller.output).not.toMatch(/Connection status updated[\s\S]*\[not connected\]/);
});

test("SIGKILL of callee and daemon together: the caller sees both come back", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  caller.mark();
  signal([...processesOf(callee), await home.daemonPid()], "SIGKILL");
  await callee.exited;
  await caller.waitForLine(/env\.CALLEE.*\[not connected\]/);
  await using _again = await home.dev(CALLEE_CONFIG, { cwd });
  await caller.waitForLine(/env\.CALLEE.*\[connected\]/);
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
});

test("a suspended callee answers after it is resumed; nobody is dropped meanwhile", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  await until(caller, "/version", "v1");
  caller.mark();
  const suspended = processesOf(callee);
  signal(suspended, "SIGSTOP");
  const waiting = caller.fetch("/version");
  // Others come and go while it sleeps, and the daemon with them.
  process.kill(await home.daemonPid(), "SIGKILL");
  await using passing = await home.dev(CALLER_CONFIG, { cwd });
  await passing.stop();
  signal(suspended, "SIGCONT");
  expect(await (await waiting).text()).toBe("v1");
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  while ((await home.list()).workers.filter(({ address }) => address !== null).length < 2);
});

test("reloads of the callee during 1,000 calls lose none", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  const loops = [caller.fetch("/until-v2"), caller.fetch("/until-v2")];
  for (const edit of [1, 2, 3]) {
    await project.write(
      "callee/src/index.ts",
      `${CALLEE}\nexport const edit = { fetch() { return ${edit}; } };`,
    );
    await callee.waitForLine(/Local server updated and ready/);
  }
  await project.write("callee/src/index.ts", CALLEE.replaceAll("v1", "v2"));
  for (const loop of loops) {
    const { calls, failures } = (await (await loop).json()) as {
      calls: number;
      failures: string[];
    };
    expect(calls).toBeGreaterThanOrEqual(1000);
    expect(failures).toEqual([]);
  }
  expect(caller.output).not.toMatch(/Connection status updated[\s\S]*\[not connected\]/);
});

test("a callee whose runtime process is killed is called again in the next one", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  const inFlight = caller.fetch("/slow");
  await callee.waitForLine(/slow call began/);
  process.kill(hostOf(callee), "SIGKILL");
  expect(await (await inFlight).json()).toMatchObject(LOST);
  await until(caller, "/version", "v1");
});

test("a session whose sockets were removed is found by sessions that start later", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using _callee = await home.dev(CALLEE_CONFIG, { cwd });
  while ((await home.list()).workers.every(({ address }) => address === null));
  const daemon = await home.daemonPid();
  // At once: whoever lives there may be about to make a file.
  renameSync(home.directory, `${home.directory}-gone`);
  rmSync(`${home.directory}-gone`, { recursive: true });
  // It notices, and the session finds another one.
  await allGone([daemon]);
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await connected(caller);
  await until(caller, "/version", "v1");
});

test("rubbish on a Worker's socket ends that one connection only", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  const worker = (await home.list()).workers.find(({ name }) => name === "callee");
  const hello = Buffer.from("6452504300000001", "hex");
  for (const bytes of [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.concat([hello, Buffer.from("ffffffff", "hex")]),
    Buffer.concat([hello, Buffer.from("00000004ffff0000", "hex")]),
  ]) {
    const socket = connect(worker?.address as string);
    socket.on("error", () => {});
    socket.write(bytes);
    await new Promise((resolve) => socket.once("close", resolve).resume());
  }
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  expect(callee.output).not.toContain("died");
});

test("a stale socket file of a dead daemon is in nobody's way", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  mkdirSync(home.directory, { mode: 0o700 });
  writeFileSync(join(home.directory, "registry.sock"), "");
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using _callee = await home.dev(CALLEE_CONFIG, { cwd });
  await connected(caller);
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
});

test("without a usable runtime directory the session says so and serves", async () => {
  await using project = await tempProject(twoWorkers());
  const long = project.path("x".repeat(100));
  mkdirSync(long);
  await using home = new RegistryHome();
  await using caller = await home.dev(CALLER_CONFIG, {
    cwd: project.dir,
    env: { XDG_RUNTIME_DIR: long, TMPDIR: long },
  });
  await printed(caller, /There is no directory for the dev registry's sockets/);
  expect(await (await caller.fetch("/")).text()).toBe("caller");
  expect((await caller.fetch("/fetch")).status).toBe(503);
});
