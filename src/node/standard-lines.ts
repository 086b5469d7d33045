/**
 * What a Worker writes to its standard output and error, as lines of the log with the stream's name
 * in front; a rest without newline at the end of the turn (spec/node.md 4.1). One per Worker, for
 * `process.stdout`, `process.stderr` and the descriptors 1 and 2 of `node:fs`.
 */
import { logConsole } from "../isolate/log.ts";

const MAX_REST = 4096;
const MAX_WRITE = 16 * 1024;

class LineLog {
  readonly #prefix: string;
  #rest = "";
  #isScheduled = false;

  constructor(name: string) {
    this.#prefix = `${name}: `;
  }

  write(text: string): void {
    const lines = (this.#rest + text.slice(0, MAX_WRITE)).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, MAX_REST);
    for (const line of lines) logConsole("log", this.#prefix + line);
    if (this.#rest === "" || this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      const rest = this.#rest;
      this.#rest = "";
      if (rest !== "") logConsole("log", this.#prefix + rest);
    });
  }
}

export class StandardLines {
  readonly #output: LineLog = new LineLog("stdout");
  readonly #errors: LineLog = new LineLog("stderr");

  /** `fd`: 1 or 2; everything else goes nowhere. */
  write(fd: number, chunk: string | Uint8Array): void {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    if (fd === 1) this.#output.write(text);
    else if (fd === 2) this.#errors.write(text);
  }
}
