import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Agent, fetch, Headers, type RequestInit, type Response } from "undici";
import { onTestFailed } from "vitest";
import { PATIENCE_MS } from "./eventually.ts";

/*
 * Starts the real binary for one test. Port 0, output kept and shown only when the test fails,
 * everything killed on dispose: `await using dev = await runDev(["fixtures/a/wrangler.toml"])`.
 */

const root: string = resolve(import.meta.dirname, "../..");
export const bin: string = resolve(root, "bin/drover.js");

export interface RunDevOptions {
  /** Default "dev". */
  readonly command?: string;
  /** Added after the configs; a "--port" among them replaces the default `--port 0`. */
  readonly args?: readonly string[];
  /** Relative config paths start here; default: the root of the repository. */
  readonly cwd?: string;
  /** Added to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Open an IPC channel, as Playwright and wrangler's own tests do; see `messages`. */
  readonly ipc?: boolean;
  /** The session chooses its port itself; default false: any that is free. */
  readonly ownPort?: boolean;
  /** Default true: resolves after the Ready line and fails if the process ends before. */
  readonly waitForReady?: boolean;
  readonly readyTimeoutMs?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerRequestInit extends RequestInit {
  /** Send to this Worker (`http://<worker>.localhost:PORT`) instead of the primary. */
  readonly worker?: string;
}

export interface RunningDev extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Origin of the Ready (or Listening) line; throws when there was none yet. */
  readonly url: string;
  readonly port: number;
  /** stdout and stderr so far, without ANSI codes. */
  readonly output: string;
  /** stdout and stderr so far as written. */
  readonly rawOutput: string;
  /** Messages that arrived over IPC (with `ipc: true`). */
  readonly messages: readonly unknown[];
  readonly exited: Promise<Exit>;
  /** Accepts text/plain unless told otherwise: errors come as text, not as a page. */
  fetch(path: string, init?: WorkerRequestInit): Promise<Response>;
  /**
   * The first match in the output after the position of the previous call's match (or the start),
   * as soon as it is there. Fails if the process ends, or after PATIENCE_MS, without it.
   */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Position from which `waitForLine` looks moves to the end of what was printed so far. */
  mark(): void;
  /** Sends the signal (default SIGINT) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

export async function runDev(
  configs: string | readonly string[],
  options: RunDevOptions = {},
): Promise<RunningDev> {
  const list = typeof configs === "string" ? [configs] : configs;
  const extra = options.args ?? [];
  const args = [options.command ?? "dev", ...list.flatMap((config) => ["-c", config]), ...extra];
  const takesPort = (options.command ?? "dev") === "dev" && options.ownPort !== true;
  if (takesPort && !extra.some((arg) => arg.startsWith("--port"))) args.push("--port", "0");

  const [command, ...commandArgs] = inOneStream([process.execPath, bin, ...args]);
  const child = spawn(command, commandArgs, {
    cwd: options.cwd ?? root,
    env: childEnv(options.env),
    stdio: ["ignore", "pipe", "pipe", ...(options.ipc ? (["ipc"] as const) : [])],
  });
  // A test that times out never disposes: at least nothing outlives the test process.
  const killOnExit = () => child.kill("SIGKILL");
  process.on("exit", killOnExit);
  // Names below .localhost do not resolve everywhere: always connect to the loopback address.
  const agent = new Agent({
    connect: {
      lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    },
  });

  let raw = "";
  let from = 0;
  let ended: Exit | undefined;
  const messages: unknown[] = [];
  const watchers = new Set<() => void>();
  const wake = () => {
    for (const watcher of [...watchers]) watcher();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      raw += text;
      wake();
    });
  }
  child.on("message", (message) => messages.push(message));
  const exited = once(child, "close").then(([code, signal]): Exit => {
    process.off("exit", killOnExit);
    ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
    wake();
    return ended;
  });
  showOutputOnFailure(args, () => raw);

  const output = () => stripVTControlCharacters(raw);
  const waitForLine = (pattern: RegExp, timeoutMs = PATIENCE_MS): Promise<RegExpMatchArray> =>
    new Promise((found, failed) => {
      const fail = (why: string) => {
        finish();
        failed(new Error(`${why} before ${pattern} was printed. Output:\n${output()}`));
      };
      const look = () => {
        const match = output().slice(from).match(pattern);
        if (match !== null) {
          from += (match.index ?? 0) + match[0].length;
          finish();
          found(match);
        } else if (ended !== undefined) fail(`drover ended (${JSON.stringify(ended)})`);
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms went by`), timeoutMs);
      const finish = () => {
        clearTimeout(timer);
        watchers.delete(look);
      };
      watchers.add(look);
      look();
    });

  const running: RunningDev = {
    child,
    messages,
    exited,
    waitForLine,
    get url() {
      const match = /(?:Ready|Listening) on (https?:\/\/\S+)/.exec(output());
      if (match === null) throw new Error(`No Ready or Listening line yet. Output:\n${output()}`);
      return match[1] as string;
    },
    get port() {
      return Number(new URL(running.url).port);
    },
    get output() {
      return output();
    },
    get rawOutput() {
      return raw;
    },
    mark() {
      from = output().length;
    },
    fetch(path, init = {}) {
      const { worker, ...rest } = init;
      const url = new URL(path, running.url);
      if (worker !== undefined) url.hostname = `${worker}.localhost`;
      const headers = new Headers(rest.headers);
      if (!headers.has("accept")) headers.set("accept", "text/plain");
      return fetch(url, { dispatcher: agent, ...rest, headers });
    },
    async stop(signal = "SIGINT") {
      if (ended === undefined) child.kill(signal);
      return await exited;
    },
    async [Symbol.asyncDispose]() {
      if (ended === undefined) child.kill("SIGINT");
      const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await exited;
      clearTimeout(killer);
      await agent.destroy();
    },
  };
  if (options.waitForReady === false) return running;
  try {
    await waitForLine(/Ready on (https?:\/\/\S+)/, options.readyTimeoutMs ?? 2 * PATIENCE_MS);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
  return running;
}

/** Runs a command of the binary to its end: `init`, `smoke`, `--help`, errors. */
export async function runDrover(
  args: readonly string[],
  options: Pick<RunDevOptions, "cwd" | "env"> = {},
): Promise<
  Exit & { readonly stdout: string; readonly stderr: string; readonly hasColors: boolean }
> {
  const child = spawn(process.execPath, ["--", bin, ...args], {
    cwd: options.cwd ?? root,
    env: childEnv(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  showOutputOnFailure(args, () => stdout + stderr);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return {
    code,
    signal,
    stdout: stripVTControlCharacters(stdout),
    stderr: stripVTControlCharacters(stderr),
    hasColors: stripVTControlCharacters(stdout + stderr) !== stdout + stderr,
  };
}

/**
 * stderr into the pipe of stdout: with two pipes nobody knows which line was first. `exec` keeps
 * the process id, so that signals and exit codes are drover's own.
 */
function inOneStream(command: readonly string[]): [string, ...string[]] {
  if (process.platform === "win32") return command as [string, ...string[]];
  return ["/bin/sh", "-c", 'exec "$0" "$@" 2>&1', ...command];
}

/** A dev registry of this test process's own, which ends soon after its last session. */
const registryEnv: Readonly<Record<string, string>> = {
  DROVER_REGISTRY: `test-${process.pid}-${randomBytes(4).toString("hex")}`,
  DROVER_REGISTRY_IDLE_MS: "200",
};

function childEnv(extra: RunDevOptions["env"] = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...registryEnv, ...extra };
  // vitest sets these for its own process; the Workers under test must not see them.
  for (const name of ["VITEST", "NODE_ENV", "FORCE_COLOR", "NODE_OPTIONS", "CLOUDFLARE_ENV"]) {
    if (!(name in extra)) delete env[name];
  }
  for (const [name, value] of Object.entries(extra)) if (value === undefined) delete env[name];
  return env;
}

function showOutputOnFailure(args: readonly string[], read: () => string): void {
  try {
    onTestFailed(() => {
      console.error(`--- output of drover ${args.join(" ")} ---\n${read()}\n---`);
    });
  } catch {
    // Started in a beforeAll hook: there is no current test to attach to.
  }
}
