import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** The dev server under test, as a command prefix. */
export const DROVER = [
  process.execPath,
  fileURLToPath(new URL("../../bin/drover.js", import.meta.url)),
];

/** Nothing asked, nothing sent, and a dev registry apart from the developer's own. */
const QUIET = {
  CI: "1",
  WRANGLER_SEND_METRICS: "false",
  DROVER_REGISTRY: `bench-${process.pid}`,
  DROVER_REGISTRY_IDLE_MS: "500",
};

/**
 * Start `<command> dev -c ... --port 0` and wait for its Ready line.
 * @param {string[]} command program and leading arguments
 * @param {string[]} configs config files; the first is the primary
 * @param {{ args?: string[], env?: Record<string, string>, verb?: string }} [options]
 */
export async function startDev(command, configs, options = {}) {
  const args = [
    ...command.slice(1),
    "dev",
    ...configs.flatMap((config) => ["-c", config]),
    "--port",
    "0",
    ...(options.args ?? []),
  ];
  const startedAt = performance.now();
  const child = spawn(command[0], args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...QUIET, ...options.env },
  });
  let output = "";
  let closed = false;
  const exited = new Promise((resolve) => child.once("close", resolve));
  void exited.then(() => {
    closed = true;
  });
  const url = await new Promise((resolve, reject) => {
    const onData = (data) => {
      output += data;
      const match = /Ready on (https?:\/\/[^\s"]+)/.exec(output);
      if (!match) return;
      // What follows is read, and costs as little as can be.
      for (const stream of [child.stdout, child.stderr]) stream.off("data", onData).resume();
      resolve(match[1]);
    };
    child.stdout.setEncoding("utf8").on("data", onData);
    child.stderr.setEncoding("utf8").on("data", onData);
    child.once("error", reject);
    void exited.then((code) => reject(new Error(`exited ${code} before Ready:\n${output}`)));
  });
  const readyMs = performance.now() - startedAt;
  return {
    // Sockets bind 127.0.0.1; a name look-up in the load generator is not what is measured.
    url: url.replace("localhost", "127.0.0.1"),
    startedAt,
    readyMs,
    pid: /** @type {number} */ (child.pid),
    async stop() {
      if (!closed) child.kill("SIGINT");
      const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(killer);
    },
  };
}

/**
 * Start it on a port of its own and ask for the first Worker as soon as somebody listens: what
 * somebody sees who reloads a page again and again.
 * @param {string[]} command
 * @param {string[]} configs
 */
export async function startPolled(command, configs) {
  const port = await freePort();
  const args = [...command.slice(1), "dev", ...configs.flatMap((config) => ["-c", config])];
  const startedAt = performance.now();
  const child = spawn(command[0], [...args, "--port", String(port)], {
    stdio: "ignore",
    env: { ...process.env, ...QUIET },
  });
  const exited = new Promise((resolve) => child.once("close", resolve));
  const url = `http://127.0.0.1:${port}`;
  while (!(await accepts(port))) {
    if (performance.now() - startedAt > 60_000) throw new Error("nobody listens");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const response = await fetch(url);
  await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const firstMs = performance.now() - startedAt;
  return {
    url,
    firstMs,
    async stop() {
      child.kill("SIGINT");
      await exited;
    },
  };
}

/** Whether somebody listens on the port. */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Proportional set size of a process and all its descendants, in bytes (Linux only). */
export function treePss(rootPid) {
  let total = 0;
  for (const pid of tree(rootPid)) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      total += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    } catch {
      // Ended while we looked.
    }
  }
  return total;
}

/** CPU time that a process, all its descendants and their threads have used so far, in ms (Linux only). */
export function treeCpu(rootPid) {
  let total = 0;
  for (const pid of tree(rootPid)) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
        total += Number(ran) / 1e6;
      }
    } catch {
      // Ended while we looked.
    }
  }
  return total;
}

/** The process and all its descendants. */
function tree(rootPid) {
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended while we looked.
    }
  }
  const found = [rootPid];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}
