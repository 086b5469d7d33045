/** `process.stdin`, `process.stdout` and `process.stderr` (spec/node.md 4.1). */
import { Readable, Writable } from "node:stream";
import type { StandardLines } from "./standard-lines.ts";

class SyncWriteStream extends Writable {
  readonly fd: number;
  readonly #lines: StandardLines;

  constructor(fd: number, lines: StandardLines) {
    super({ decodeStrings: false });
    this.fd = fd;
    this.#lines = lines;
    Object.defineProperty(this, "readable", { value: false, configurable: true });
  }

  override _write(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    this.#lines.write(this.fd, chunk);
    done();
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

export function createProcessStreams(lines: StandardLines): ProcessStreams {
  return {
    stdin: new ReadStream(),
    stdout: new SyncWriteStream(1, lines),
    stderr: new SyncWriteStream(2, lines),
  };
}
