/**
 * `--log-dir`: a file per Worker with everything that it says and every request that it serves, in
 * the lines of `--log-format json`, whatever the terminal shows. Appended to: sessions follow each
 * other in one file.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionEvent } from "../../session/events.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { makeFolder } from "../../util/folders.ts";
import { logLine, requestLine, traceLine } from "./json-line.ts";

export class LogFiles implements Disposable {
  readonly #folder: string | undefined;
  readonly #onFailure: (text: string) => void;
  readonly #waiting = new Map<string, string[]>();
  #isScheduled = false;
  #failed = false;

  /** @throws UserError FILE_NOT_WRITABLE if the folder cannot be made */
  constructor(folder: string | undefined, onFailure: (text: string) => void) {
    this.#folder = folder;
    this.#onFailure = onFailure;
    if (folder === undefined) return;
    try {
      makeFolder(folder);
    } catch (error) {
      throw new UserError("FILE_NOT_WRITABLE", `--log-dir: ${messageOf(error)}`);
    }
  }

  onEvent(event: SessionEvent): void {
    if (this.#folder === undefined) return;
    if (event.type === "log") this.#add(event.worker, logLine(event.worker, event.entry));
    if (event.type === "request") {
      this.#add(event.entry.worker, requestLine(event.entry, Date.now()));
    }
    if (event.type === "trace") {
      this.#add(event.tree.root.worker, traceLine(event.tree, Date.now()));
    }
  }

  [Symbol.dispose](): void {
    this.#flush();
  }

  /** Written once an event-loop turn. */
  #add(worker: string, line: string): void {
    const lines = this.#waiting.get(worker) ?? [];
    this.#waiting.set(worker, lines);
    lines.push(line);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    for (const [worker, lines] of this.#waiting) {
      try {
        appendFileSync(join(this.#folder ?? "", `${worker}.log`), `${lines.join("\n")}\n`);
      } catch (error) {
        // Said once: the session is worth more than its log.
        if (!this.#failed) this.#onFailure(`--log-dir: ${messageOf(error)}`);
        this.#failed = true;
      }
    }
    this.#waiting.clear();
  }
}
