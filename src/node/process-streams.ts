/**
 * `process.stdout` and `process.stderr`: what is written comes out as lines of the log, with the
 * name in front; a rest without newline at the end of the turn (spec/node.md 4.1).
 */
import { Readable, Writable } from "node:stream";
import { logConsole } from "../isolate/log.ts";

const MAX_REST = 4096;
const MAX_WRITE = 16 * 1024;

class SyncWriteStream extends Writable {
  readonly fd: number;
  readonly #prefix: string;
  #rest = "";
  #isScheduled = false;

  constructor(fd: number, name: string) {
    super({ decodeStrings: false });
    this.fd = fd;
    this.#prefix = `${name}: `;
    Object.defineProperty(this, "readable", { value: false, configurable: true });
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: () => void): void {
    const text =
      typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("utf8");
    void encoding;
    const lines = (this.#rest + text.slice(0, MAX_WRITE)).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, MAX_REST);
    for (const line of lines) logConsole("log", this.#prefix + line);
    this.#flushLater();
    done();
  }

  #flushLater(): void {
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

/** At its end at once. */
class ReadStream extends Readable {
  readonly fd = 0;
  override _read(): void {
    this.push(null);
  }
}

export interface ProcessStreams {
  readonly stdin: object;
  readonly stdout: object;
  readonly stderr: object;
}

export function createProcessStreams(): ProcessStreams {
  return {
    stdin: new ReadStream(),
    stdout: new SyncWriteStream(1, "stdout"),
    stderr: new SyncWriteStream(2, "stderr"),
  };
}
