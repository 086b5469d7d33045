/**
 * A process of one database for statements that may never end (long.ts): it is killed when one takes
 * longer than production lets it. Started with the first such statement, ended after idle seconds.
 * Storage thread; owned by service.ts. What it runs is statement-process.ts.
 */
import { type ChildProcess, fork } from "node:child_process";
import type { StatementSettings } from "../../protocol/storage.ts";
import type { D1Answer, D1Query } from "./database.ts";

/** Production's text; its object is reset, and whoever waits hears the same (spec/resources.md 6). */
export const TIMED_OUT =
  "D1 DB storage operation exceeded timeout which caused object to be reset.";

const IDLE_MS = 10_000;

/** A call to the process. */
export interface StatementCall {
  readonly queries: readonly D1Query[];
  readonly withBookmark: boolean;
  /** `last_insert_rowid()` of the call before. */
  readonly lastRowId: number;
}

export type StatementAnswer =
  /** It has booted: the first message, and the only one that answers no call. */
  | { readonly type: "booted" }
  | { readonly type: "answer"; readonly answer: D1Answer }
  | { readonly type: "error"; readonly message: string };

/** The statement took too long: all that was begun is undone, and the process is gone. */
export class TimedOut extends Error {}

export class StatementProcess {
  readonly #root: string;
  readonly #id: string;
  readonly #settings: StatementSettings;
  #child: ChildProcess | undefined;
  /** Whether the child has booted: that takes a busy machine as long as a statement may, and is none. */
  #hasBooted = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(root: string, id: string, settings: StatementSettings) {
    this.#root = root;
    this.#id = id;
    this.#settings = settings;
  }

  /** One at a time. Rejects with TimedOut, or what the statements failed with. */
  run(call: StatementCall): Promise<D1Answer> {
    clearTimeout(this.#idle);
    const child = this.#child ?? this.#start();
    return new Promise((resolve, reject) => {
      let isLate = false;
      let limit: NodeJS.Timeout | undefined;
      const begin = (): void => {
        limit = setTimeout(() => {
          isLate = true;
          child.kill("SIGKILL");
        }, this.#settings.limitMs);
      };
      if (this.#hasBooted) begin();
      const done = (): void => {
        clearTimeout(limit);
        child.removeAllListeners("message");
        child.removeAllListeners("exit");
        child.on("exit", () => this.#forget(child));
      };
      child.on("message", (message: StatementAnswer) => {
        if (message.type === "booted") {
          this.#hasBooted = true;
          begin();
          return;
        }
        done();
        this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
        if (message.type === "answer") resolve(message.answer);
        else reject(new Error(message.message));
      });
      child.once("exit", (code, signal) => {
        this.#forget(child);
        done();
        if (isLate) reject(new TimedOut(TIMED_OUT));
        else reject(new Error(`The process of the statement ended (${signal ?? code}).`));
      });
      child.send(call, () => {});
    });
  }

  /** What it works on is undone. */
  close(): void {
    clearTimeout(this.#idle);
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const child = fork(this.#settings.program, [this.#root, this.#id], {
      execArgv: ["--no-warnings"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    // It cannot be started: `exit` does not come then.
    child.on("error", () => child.emit("exit", null, null));
    child.unref();
    child.channel?.unref();
    this.#child = child;
    this.#hasBooted = false;
    return child;
  }

  #forget(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
  }
}
