import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { alive, allGone, descendants } from "../helpers/process-tree.ts";
import { bin, runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config, PAIR_CONFIGS, pair } from "./workers.ts";

describe.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s", (signal) => {
  test("ends the whole tree with exit code 0", async () => {
    await using project = await tempProject(pair());
    await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
    const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(0);
    expect(await dev.stop(signal)).toEqual({ code: 0, signal: null });
    await allGone(pids);
    expect(dev.output).toContain("Shutting down local server...");
  });

  test("ends it during start-up, too", async () => {
    await using project = await tempProject(pair());
    await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir, waitForReady: false });
    await dev.waitForLine(/drover/);
    const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
    expect(await dev.stop(signal)).toEqual({ code: 0, signal: null });
    await allGone(pids);
  });
});

test("Ctrl-C while the command line is being read from disk ends it, too", async () => {
  await using project = await tempProject({
    ...pair(),
    // The signal is there before the program is, and is delivered when the program waits.
    "preload.cjs": `const vm = require("node:vm");
      const { Script } = vm;
      vm.Script = class extends Script {
        constructor(source, options) {
          if (/drover\\.main/.test(options?.filename)) process.kill(process.pid, "SIGINT");
          super(source, options);
        }
      };`,
  });
  await using dev = await runDev(PAIR_CONFIGS, {
    cwd: project.dir,
    env: { NODE_OPTIONS: "--require ./preload.cjs" },
    waitForReady: false,
  });
  expect(await dev.exited).toEqual({ code: 0, signal: null });
});

test("ends while a Worker is in an endless loop", async () => {
  await using project = await tempProject(
    pair({ caller: "export default { fetch() { for (;;); } };" }),
  );
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  const stuck = dev.fetch("/").catch(() => undefined);
  expect(await (await dev.fetch("/", { worker: "callee" })).text()).toBe("callee v1");
  const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
  expect(await dev.stop()).toEqual({ code: 0, signal: null });
  await allGone(pids);
  await stuck;
});

test("a session that is killed takes its host process along", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
  await dev.stop("SIGKILL");
  await allGone(pids);
});

test.each([
  ["that reads its output", "pipe", ["ignore", "inherit", "inherit"]],
  ["that holds an IPC channel", "pipe", ["ignore", "inherit", "inherit", "ipc"]],
])("a parent %s and dies takes the session along", async (_what, stdout, stdio) => {
  await using project = await tempProject(pair());
  const parent = spawn(
    process.execPath,
    [
      "-e",
      `const child = require("node:child_process").spawn(process.execPath, process.argv.slice(1),
        { stdio: ${JSON.stringify(stdio)} });
       child.on("message", () => {}); setInterval(() => {}, 1e6);`,
      bin,
      "dev",
      ...PAIR_CONFIGS.flatMap((config) => ["-c", config]),
      "--port",
      "0",
    ],
    { cwd: project.dir, stdio: ["ignore", stdout as "pipe", "inherit"] },
  );
  let output = "";
  parent.stdout?.setEncoding("utf8").on("data", (data: string) => {
    output += data;
    if (output.includes("Ready on")) parent.emit("ready-line");
  });
  await once(parent, "ready-line");
  const pids = descendants(parent.pid as number).map(({ pid }) => pid);
  expect(alive(pids).length).toBeGreaterThan(0);
  parent.kill("SIGKILL");
  await once(parent, "exit");
  await allGone(pids);
});

/* `script` is a terminal whose window is closed when it is killed; what runs in it tells how the session ended. */
const IN_TERMINAL = `
const session = require("node:child_process").spawn(process.execPath, process.argv.slice(2), { stdio: "inherit" });
process.on("SIGHUP", () => session.kill("SIGHUP"));
session.on("exit", (...end) => {
  const { renameSync, writeFileSync } = require("node:fs");
  writeFileSync("end.json", JSON.stringify(end));
  renameSync("end.json", "ended.json");
  process.kill(process.pid, "SIGKILL");
});
`;
test.runIf(process.platform === "linux" && existsSync("/usr/bin/script"))(
  "closing the terminal ends it with exit code 0",
  async () => {
    await using project = await tempProject({ ...pair(), "in-terminal.cjs": IN_TERMINAL });
    const args = ["dev", ...PAIR_CONFIGS.flatMap((config) => ["-c", config]), "--port=0"];
    const run = [process.execPath, "in-terminal.cjs", bin, ...args, "--ready-file=ready.json"];
    const terminal = spawn("/usr/bin/script", ["-qfc", `exec ${run.join(" ")}`, "/dev/null"], {
      cwd: project.dir,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const json = (name: string): unknown =>
      JSON.parse(readFileSync(join(project.dir, name), "utf8"));
    await eventually(() => json("ready.json"));
    const pids = descendants(terminal.pid as number).map(({ pid }) => pid);
    terminal.kill("SIGKILL");
    expect(await eventually(() => json("ended.json"))).toEqual([0, null]);
    await allGone(pids);
  },
);

test.runIf(existsSync("/dev/full"))("a log on a full disk does not end the session", async () => {
  await using project = await tempProject(pair());
  const full = openSync("/dev/full", "w");
  const args = ["dev", ...PAIR_CONFIGS.flatMap((config) => ["-c", config]), "--port=0"];
  const child = spawn(process.execPath, [bin, ...args, "--ready-file=ready.json"], {
    cwd: project.dir,
    stdio: ["ignore", full, full],
  });
  closeSync(full);
  const ended = once(child, "exit");
  try {
    const ready: unknown = await eventually(() =>
      JSON.parse(readFileSync(join(project.dir, "ready.json"), "utf8")),
    );
    const { url } = ready as { url: string };
    // Each is a line that cannot be written.
    for (let i = 0; i < 3; i++) expect((await fetch(url)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

/* Jobs that production allows, and that take minutes or hours: nothing can interrupt a native call. */
const JOBS = `
import { createDiffieHellman } from "node:crypto";
const RSA = { name: "RSASSA-PKCS1-v1_5", modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
export default {
  fetch(request: Request) {
    const { pathname } = new URL(request.url);
    // More than libuv's pool has threads.
    if (pathname === "/pool") for (let i = 0; i < 6; i++) void crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
    if (pathname === "/thread") createDiffieHellman(10_000);
    return new Response("version 1");
  },
};
`;

const jobs = () =>
  tempProject({
    "jobs/wrangler.json": config("jobs", { compatibility_flags: ["nodejs_compat"] }),
    "jobs/src/index.ts": JOBS,
    ...pair(),
  });
const JOB_CONFIGS = ["jobs/wrangler.json", ...PAIR_CONFIGS];

describe.each(["/pool", "/thread"])("while a native job goes on (%s)", (path) => {
  test.each([
    ["SIGINT", { code: 0, signal: null }],
    ["SIGTERM", { code: 0, signal: null }],
    ["SIGKILL", { code: null, signal: "SIGKILL" }],
  ] as const)("%s ends the whole tree", async (signal, exit) => {
    await using project = await jobs();
    await using dev = await runDev(JOB_CONFIGS, { cwd: project.dir });
    const begun = dev.fetch(path).catch(() => undefined);
    if (path === "/pool") await begun;
    // The others are served, so the job has been begun.
    expect(await (await dev.fetch("/", { worker: "callee" })).text()).toBe("callee v1");
    const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
    expect(await dev.stop(signal)).toEqual(exit);
    await allGone(pids);
    await begun;
  });

  test("a save replaces the Worker, and the end ends what is left of it", async () => {
    await using project = await jobs();
    await using dev = await runDev(JOB_CONFIGS, { cwd: project.dir });
    const begun = dev.fetch(path).catch(() => undefined);
    if (path === "/pool") await begun;
    dev.mark();
    await project.write("jobs/src/index.ts", JOBS.replace("version 1", "version 2"));
    await dev.waitForLine(/Local server updated and ready/);
    expect(await (await dev.fetch("/")).text()).toBe("version 2");
    expect(await (await dev.fetch("/", { worker: "callee" })).text()).toBe("callee v1");
    // The session says that it is still there.
    if (path === "/pool") await dev.waitForLine(/still in native code/);
    const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
    expect(await dev.stop("SIGTERM")).toEqual({ code: 0, signal: null });
    await allGone(pids);
    await begun;
  });

  test("`drover smoke` ends", async () => {
    await using project = await jobs();
    // Of the start and the checks together; only the thread's job takes longer than any.
    const timeout = path === "/pool" ? "60" : "10";
    await using dev = await runDev(JOB_CONFIGS, {
      cwd: project.dir,
      command: "smoke",
      args: ["--check", `GET jobs:${path}`, "--check", "GET callee:/", "--timeout", timeout],
      waitForReady: false,
    });
    await dev.waitForLine(/Ready on/);
    const pids = descendants(dev.child.pid as number).map(({ pid }) => pid);
    const { code } = await dev.exited;
    expect(code).toBe(path === "/pool" ? 0 : 6);
    await allGone(pids);
  });
});
