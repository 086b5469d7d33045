/** `fs.Dirent` and `fs.Dir`: what is in a folder. */
import { invalidType, nodeError } from "../errors.ts";
import type { FsNode } from "./nodes.ts";

export class Dirent {
  readonly name: string | Buffer;
  readonly parentPath: string;
  readonly #kind: FsNode["kind"];

  constructor(name: string | Buffer, parentPath: string, kind: FsNode["kind"]) {
    this.name = name;
    this.parentPath = parentPath;
    this.#kind = kind;
  }

  isDirectory(): boolean {
    return this.#kind === "folder";
  }
  isFile(): boolean {
    return this.#kind === "file";
  }
  isBlockDevice(): boolean {
    return false;
  }
  isCharacterDevice(): boolean {
    return this.#kind === "device";
  }
  isSymbolicLink(): boolean {
    return this.#kind === "link";
  }
  isFIFO(): boolean {
    return false;
  }
  isSocket(): boolean {
    return false;
  }
}

type Done = (error: unknown, entry?: Dirent | null) => void;

/** The entries as they were when it was opened. */
export class Dir {
  readonly #path: string;
  readonly #entries: readonly Dirent[];
  #at = 0;
  #isClosed = false;

  constructor(path: string, entries: readonly Dirent[]) {
    this.#path = path;
    this.#entries = entries;
  }

  get path(): string {
    return this.#path;
  }

  read(callback?: Done): Promise<Dirent | null> | undefined {
    return this.#later(() => this.readSync(), callback);
  }

  readSync(): Dirent | null {
    this.#assertOpen();
    const entry = this.#entries[this.#at] ?? null;
    this.#at += 1;
    return entry;
  }

  close(callback?: (error?: unknown) => void): Promise<void> | undefined {
    return this.#later(() => this.closeSync(), callback);
  }

  closeSync(): void {
    this.#assertOpen();
    this.#isClosed = true;
  }

  async *entries(): AsyncGenerator<Dirent> {
    try {
      for (let entry = this.readSync(); entry !== null; entry = this.readSync()) yield entry;
    } finally {
      if (!this.#isClosed) this.closeSync();
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    return this.entries();
  }

  #later<T>(run: () => T, callback: unknown): Promise<T> | undefined {
    this.#assertOpen();
    if (callback === undefined) return Promise.resolve(run());
    if (typeof callback !== "function") throw invalidType("callback", "of type function", callback);
    const result = run();
    queueMicrotask(() => callback(null, result));
    return undefined;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw nodeError(Error, "ERR_DIR_CLOSED", "Directory is closed");
  }
}
