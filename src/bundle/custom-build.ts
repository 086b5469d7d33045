/**
 * `build.command`: runs before esbuild when something below `watch_dir` changed (spec/wrangler.md
 * 4.7). One run at a time; the bundler serialises. Knows which files a run wrote, so that its own
 * output does not start it again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { BuildSettings } from "../config/types.ts";
import { messageOf } from "../util/errors.ts";
import { listFiles } from "./additional-modules.ts";
import { type FailureText, plainFailure } from "./build-result.ts";

export type OutputListener = (stream: "stdout" | "stderr", line: string) => void;

export interface CustomBuild extends AsyncDisposable {
  /**
   * Runs the command if it is due; its failure, or undefined. What it printed went to the terminal
   * already, so only the plain text (for HTTP) repeats it.
   */
  run(): Promise<FailureText | undefined>;
}

/** Path -> size and times of each file below the watched folders. */
type Stamp = ReadonlyMap<string, string>;

const KILL_AFTER_MS = 1000;

export function createCustomBuild(settings: BuildSettings, onOutput: OutputListener): CustomBuild {
  return new CommandBuild(settings, onOutput);
}

class CommandBuild implements CustomBuild {
  readonly #settings: BuildSettings;
  readonly #onOutput: OutputListener;
  /** What the sources looked like to the last run; undefined before the first. */
  #seen: Stamp | undefined;
  /** Files below the watched folders that the command itself writes. */
  readonly #outputs = new Set<string>();
  /** Changed during the last run: outputs if they do it again, else the user's edits. */
  #suspects: ReadonlySet<string> = new Set();
  #child: ChildProcess | undefined;
  #childGone: Promise<unknown> = Promise.resolve();
  #lastFailure: FailureText | undefined;
  #disposed = false;

  constructor(settings: BuildSettings, onOutput: OutputListener) {
    this.#settings = settings;
    this.#onOutput = onOutput;
  }

  async run(): Promise<FailureText | undefined> {
    const before = await this.#stamp();
    if (this.#seen !== undefined && this.#isUnchanged(this.#seen, before)) {
      return this.#lastFailure;
    }
    if (this.#disposed) return plainFailure("The session ended.");
    const failure = await this.#spawn();
    const after = await this.#stamp();
    const suspects = new Set<string>();
    for (const [file, stamp] of after) {
      if (before.get(file) === stamp) continue;
      if (!before.has(file) || this.#suspects.has(file)) this.#outputs.add(file);
      else suspects.add(file);
    }
    this.#suspects = suspects;
    // The state before the run: what changed meanwhile was perhaps not read, and runs it again.
    this.#seen = before;
    this.#lastFailure = failure;
    return failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const child = this.#child;
    if (child === undefined) return;
    killTree(child, "SIGTERM");
    const timer = setTimeout(() => killTree(child, "SIGKILL"), KILL_AFTER_MS);
    await this.#childGone;
    // The shell may have ended before what it started: nothing of the group outlives the session.
    killTree(child, "SIGKILL");
    clearTimeout(timer);
  }

  async #spawn(): Promise<FailureText | undefined> {
    const { command, cwd } = this.#settings;
    const lines: string[] = [];
    const child = spawn(command, {
      cwd,
      shell: true,
      env: { ...process.env, WRANGLER_COMMAND: "dev" },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that everything the shell starts can be ended together.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#child = child;
    this.#onOutput("stdout", `Running: ${command}`);
    const listen = (stream: "stdout" | "stderr") => {
      createInterface({ input: child[stream] }).on("line", (line) => {
        lines.push(line);
        this.#onOutput(stream, line);
      });
    };
    listen("stdout");
    listen("stderr");
    const ended = new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(messageOf(error)));
      child.once("close", (code, signal) => {
        if (code === 0) resolve(undefined);
        else resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
    this.#childGone = ended;
    const problem = await ended;
    this.#child = undefined;
    if (problem === undefined) return undefined;
    const output = lines.length === 0 ? "" : `\n\n${lines.join("\n")}`;
    const message = `Running custom build \`${command}\` failed (${problem}).`;
    const whole = plainFailure(`${message}${output}`);
    return { ...whole, coloredText: plainFailure(message).coloredText };
  }

  async #stamp(): Promise<Stamp> {
    const stamp = new Map<string, string>();
    await Promise.all(
      this.#settings.watchDirs.map(async (path) => {
        const info = await stat(path).catch(() => undefined);
        const files = info?.isFile() ? [path] : await listFiles(path);
        await Promise.all(
          files.map(async (file) => {
            const entry = await stat(file).catch(() => undefined);
            if (entry) stamp.set(file, `${entry.size} ${entry.mtimeMs} ${entry.ino}`);
          }),
        );
      }),
    );
    return stamp;
  }

  #isUnchanged(a: Stamp, b: Stamp): boolean {
    for (const file of new Set([...a.keys(), ...b.keys()])) {
      if (!this.#outputs.has(file) && a.get(file) !== b.get(file)) return false;
    }
    return true;
  }
}

function killTree(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") {
      spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore" });
    } else process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the whole group is gone.
  }
}
