/**
 * Starts the daemon from a session. Of many sessions that find no daemon at once (all of them when
 * it is killed) one starts it and the others wait: the one holds a socket open that the others are
 * connected to. This only saves processes; that there is one daemon is the election's business.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { hasCode, UserError } from "../util/errors.ts";
import type { DaemonSettings } from "./daemon.ts";
import type { DaemonStart } from "./daemon-main.ts";
import type { RegistryErrorCode } from "./errors.ts";
import type { Environment } from "./paths.ts";
import { verdictOf } from "./probe.ts";

const DEFAULT_IDLE_MS = 5_000;
/** Longest wait for another session's start: it may be suspended in the middle of it. */
const WAIT_FOR_STARTER_MS = 2_000;
/** A gate that is always just closed is not worth more. */
const GATE_ATTEMPTS = 10;

/**
 * Returns when a daemon was started or found: connect again. Throws a UserError
 * (REGISTRY_START) with what the daemon said.
 */
export async function startDaemonProcess(
  settings: Omit<DaemonSettings, "idleMs">,
  env: Environment,
): Promise<void> {
  const gate = settings.paths.directory === null ? undefined : `${settings.paths.socket}.start`;
  const held = gate === undefined ? undefined : await enterGate(gate);
  if (held === "waited") return;
  try {
    await spawnDaemon({ ...settings, idleMs: idleMsOf(env) }, env);
  } finally {
    held?.close();
  }
}

interface Gate {
  /** Lets go everybody who waits. */
  close(): void;
}

/** The gate, "waited" when another session went through it, or undefined: start without one. */
async function enterGate(path: string): Promise<Gate | "waited" | undefined> {
  for (let attempt = 0; attempt < GATE_ATTEMPTS; attempt += 1) {
    const gate = await openGate(path);
    if (gate !== "taken") return gate;
    const outcome = await waitAtGate(path);
    if (outcome !== "closed") return outcome;
  }
  return undefined;
}

async function openGate(path: string): Promise<Gate | "taken" | undefined> {
  const waiting = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => waiting.delete(socket));
  });
  server.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } catch (error) {
    return hasCode(error, "EADDRINUSE") ? "taken" : undefined;
  }
  return {
    close: () => {
      server.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

/** "closed": there is no gate any more, nobody was waited for. Undefined: waited long enough. */
function waitAtGate(path: string): Promise<"waited" | "closed" | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    let result: "waited" | "closed" | undefined = "waited";
    const timer = setTimeout(() => {
      result = undefined;
      socket.destroy();
    }, WAIT_FOR_STARTER_MS);
    socket.on("error", (error) => {
      const verdict = verdictOf(error);
      if (verdict === "absent" || verdict === "dead") result = "closed";
      // Left by a killed session. Removing a live gate in a race costs one process too many.
      if (verdict === "dead") rmSync(path, { force: true });
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(result);
    });
    socket.resume();
  });
}

async function spawnDaemon(settings: DaemonSettings, env: Environment): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      ...DAEMON_FLAGS,
      fileURLToPath(new URL("./daemon-main.js", import.meta.url)),
      JSON.stringify(settings),
    ],
    {
      // Keeps no folder in use, no terminal, no pipe of whoever started the session, and none of
      // the session's NODE_OPTIONS.
      cwd: settings.paths.directory ?? os.homedir(),
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: pickEnvironment(env),
      windowsHide: true,
    },
  );
  const start = await new Promise<DaemonStart>((resolve) => {
    child.once("message", (message) => resolve(message as DaemonStart));
    child.once("error", (error) => resolve({ type: "failed", message: error.message }));
    child.once("exit", (code, signal) => {
      // 0: it found itself replaced by another daemon before it could say anything.
      if (code === 0) resolve({ type: "exists" });
      else resolve({ type: "failed", message: `It ended at once (${signal ?? `code ${code}`}).` });
    });
  });
  if (child.connected) child.disconnect();
  child.unref();
  if (start.type !== "failed") return;
  throw new UserError<RegistryErrorCode>(
    "REGISTRY_START",
    `The dev registry cannot be started: ${start.message}`,
    { hint: "Go on without other sessions' Workers with --no-registry." },
  );
}

/** Small heap: the daemon holds a few hundred kilobytes and does nothing most of the time. */
const DAEMON_FLAGS: readonly string[] = ["--max-semi-space-size=1", "--max-old-space-size=128"];

const PASSED_VARIABLES: readonly string[] = ["HOME", "PATH", "TMPDIR", "SystemRoot", "USERPROFILE"];

function pickEnvironment(env: Environment): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of PASSED_VARIABLES) {
    const value = env[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function idleMsOf(env: Environment): number {
  const value = Number(env.DROVER_REGISTRY_IDLE_MS);
  return Number.isSafeInteger(value) && value > 0 ? value : DEFAULT_IDLE_MS;
}
