import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DROVER, startDev } from "../lib/dev-server.js";
import { load } from "../lib/load.js";
import { copyProject } from "../lib/project.js";
import { socketEcho } from "../lib/socket-echo.js";
import { median, perRound } from "../lib/stats.js";

export const title = "Two sessions, one Worker each";

const SESSIONS = 50;
const IDLE_SECONDS = 10;

/** @param {string[]} command */
export async function run(command) {
  const project = copyProject();
  const folder = mkdtempSync(join(tmpdir(), "drover-bench-registry-"));
  const env = {
    DROVER_REGISTRY: `bench-${randomBytes(4).toString("hex")}`,
    DROVER_REGISTRY_IDLE_MS: "500",
    WRANGLER_REGISTRY_PATH: folder,
  };
  const [client, service] = project.configs;
  const start = (config) => startDev(command, [config], { env });
  const caller = await start(client);
  let callee = await start(service);
  const call = async () => (await (await fetch(`${caller.url}/rpc`)).text()) === "3";
  /** Time of the first call that succeeds. */
  const firstCall = async () => {
    const deadline = performance.now() + 30_000;
    while (!(await call())) {
      if (performance.now() > deadline) throw new Error("no call succeeds");
      await delay(1);
    }
    return performance.now();
  };
  const sequential = async (n) => {
    const response = await fetch(`${caller.url}/sequential?n=${n}`);
    const text = await response.text();
    if (text !== "done") throw new Error(`${response.status} ${text.slice(0, 500)}`);
  };
  /** From the Ready line of a new callee to the first call that it answers. */
  const readyToCall = async (end) => {
    const samples = [];
    for (let i = 0; i < 5; i++) {
      await end();
      const answered = firstCallAfterLoss();
      callee = await start(service);
      const readyAt = callee.startedAt + callee.readyMs;
      // Answered already: the call had waited for the Worker, which serves before it says so.
      samples.push(Math.max(0, (await answered) - readyAt));
    }
    return median(samples);
  };
  const firstCallAfterLoss = async () => {
    const deadline = performance.now() + 5_000;
    while ((await call()) && performance.now() < deadline);
    return await firstCall();
  };
  try {
    await firstCall();
    const perCall = (await perRound(sequential, 5000)) * 1000;
    const { perSecond, failures } = await load(`${caller.url}/fetch`);
    const rows = [
      { what: "sequential call between processes", unit: "us", value: perCall },
      { what: "binding fetch between processes", unit: "requests/s", value: perSecond },
      { what: "binding fetches that failed", unit: "requests", value: failures },
      {
        what: "callee ended, Ready again -> first call",
        unit: "ms",
        value: await readyToCall(() => callee.stop()),
      },
      {
        what: "callee killed, Ready again -> first call",
        unit: "ms",
        value: await readyToCall(() => process.kill(callee.pid, "SIGKILL")),
      },
    ];
    return command === DROVER ? [...rows, ...(await measureDaemon())] : rows;
  } finally {
    await callee.stop();
    await caller.stop();
    project.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A daemon with 50 sessions that do nothing. */
async function measureDaemon() {
  const { RegistryClient } = await import("../../dist/registry/client.js");
  const name = `bench-${randomBytes(4).toString("hex")}`;
  const env = { ...process.env, DROVER_REGISTRY: name, DROVER_REGISTRY_IDLE_MS: "500" };
  const clients = [];
  for (let i = 0; i < SESSIONS; i++) {
    const client = new RegistryClient({
      env,
      workspace: { root: `/code/project-${i}`, kind: "git", repository: [] },
      session: { pid: process.pid, cwd: `/code/${i}`, version: "0.0.0", startedAt: Date.now() },
    });
    await client.open();
    await client.announce({
      name: `worker-${i}`,
      entrypoints: [{ name: "default", kind: "class", methods: ["fetch", "add", "remove"] }],
      durableObjectClasses: [],
      address: client.createSocketPath(),
      generation: 1,
      ready: true,
    });
    clients.push(client);
  }
  const { pid } = clients[0].daemon;
  // Registering leaves some garbage to collect.
  await delay(2000);
  const before = cpuTicks(pid);
  await delay(IDLE_SECONDS * 1000);
  const ticks = cpuTicks(pid) - before;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  for (const client of clients) await client.close();
  return [
    { what: `daemon with ${SESSIONS} sessions, resident`, unit: "MB", value: rss },
    // A tick is 10 ms.
    { what: "daemon, idle", unit: "% CPU", value: ticks / IDLE_SECONDS },
  ];
}

/** User and system time of a process, in ticks (Linux only). */
function cpuTicks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

export async function baseline() {
  return { what: "unix socket echo", unit: "us", value: await socketEcho() };
}
