/**
 * The files of values that belong to the rows of a store (spec/resources.md 2.5). A file is written
 * before the row that names it and removed after that row is gone; one without a row is garbage that
 * harms nobody. Used in the storage thread; small values are read, written and removed synchronously,
 * which is the quickest and shorter than a turn of the thread pool.
 */
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, readSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { sep } from "node:path";
import { giveAway } from "../protocol/moved-bytes.ts";
import { makeFolder } from "../util/folders.ts";

/** Random bytes for the next ids: asking for them one by one costs more than the id. */
const random: Buffer = Buffer.alloc(32 * 64);
let used = random.byteLength;

/** 80 hex digits: 32 random bytes, then the time in milliseconds. */
export function createBlobId(): string {
  if (used === random.byteLength) {
    randomFillSync(random);
    used = 0;
  }
  const start = random.toString("hex", used, used + 32);
  used += 32;
  return start + Date.now().toString(16).padStart(16, "0");
}

/** Removing a larger file takes milliseconds, which nobody should wait for. */
const QUICKLY_REMOVED_BYTES: number = 1024 * 1024;

/** A file that is being written. Ends with either `finish` or `discard`. */
export interface BlobWriter {
  readonly id: string;
  /** Bytes written so far. */
  readonly size: number;
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** An open file; what replaces or deletes it meanwhile does not matter to the reader. */
export interface BlobReader {
  readonly size: number;
  /** At most `length` bytes from `position`; empty at the end. */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Where `readSync` reads to before it knows the size. Kept: allocating it costs more than reading. */
let scratch: Uint8Array<ArrayBuffer> = new Uint8Array(0);

export class BlobFolder {
  readonly path: string;
  /** Ids of files that are to be removed after this turn. */
  #unwanted: string[] = [];
  readonly #removals: Set<Promise<void>> = new Set();

  constructor(path: string) {
    this.path = path;
  }

  /** Writes a whole value. Returns its id. */
  writeSync(bytes: Uint8Array): string {
    const id = createBlobId();
    const path = this.#pathOf(id);
    try {
      try {
        writeFileSync(path, bytes);
      } catch (error) {
        if (!isMissing(error)) throw error;
        makeFolder(this.path);
        writeFileSync(path, bytes);
      }
    } catch (error) {
      // What a full disk took of it.
      this.remove(id);
      throw error;
    }
    return id;
  }

  /** Opens a new file for a value that arrives in pieces. */
  async create(): Promise<BlobWriter> {
    const id = createBlobId();
    const path = this.#pathOf(id);
    let handle: FileHandle;
    try {
      handle = await open(path, "wx");
    } catch (error) {
      if (!isMissing(error)) throw error;
      makeFolder(this.path);
      handle = await open(path, "wx");
    }
    let size = 0;
    return {
      id,
      get size() {
        return size;
      },
      write: async (chunk) => {
        for (let done = 0; done < chunk.byteLength; ) {
          const { bytesWritten } = await handle.write(chunk, done);
          done += bytesWritten;
        }
        size += chunk.byteLength;
      },
      finish: () => handle.close(),
      discard: async () => {
        await handle.close();
        await unlink(path).catch(() => {});
      },
    };
  }

  /** The whole value, for one answer; undefined if the file is gone, "large" if it has more than `limit` bytes. */
  readSync(id: string, limit: number): Uint8Array<ArrayBuffer> | undefined | "large" {
    const file = found(() => openSync(this.#pathOf(id), "r"));
    if (file === undefined) return undefined;
    try {
      if (scratch.byteLength <= limit) scratch = new Uint8Array(limit + 1);
      let size = 0;
      for (;;) {
        const count = readSync(file, scratch, size, limit + 1 - size, null);
        size += count;
        if (size > limit) return "large";
        if (count === 0) return giveAway(scratch.slice(0, size));
      }
    } finally {
      closeSync(file);
    }
  }

  /** The whole value without blocking the thread: for large ones. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const reader = await this.open(id);
    if (reader === undefined) return undefined;
    try {
      return await reader.read(0, reader.size);
    } finally {
      await reader.close();
    }
  }

  async open(id: string): Promise<BlobReader | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(this.#pathOf(id), "r");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    const { size } = await handle.stat();
    return {
      size,
      read: async (position, length) => {
        const wanted = Math.min(length, Math.max(0, size - position));
        const bytes = new Uint8Array(wanted);
        let done = 0;
        while (done < wanted) {
          const { bytesRead } = await handle.read(bytes, done, wanted - done, position + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return giveAway(done === wanted ? bytes : bytes.slice(0, done));
      },
      close: () => handle.close(),
    };
  }

  /** After this turn, when the answer is on its way; a file that cannot be removed stays as garbage. */
  remove(id: string): void {
    if (this.#unwanted.push(id) === 1) setImmediate(() => this.#removeUnwanted());
  }

  /** When all that is to be removed by now is: before the process ends. */
  async settled(): Promise<void> {
    this.#removeUnwanted();
    await Promise.all(this.#removals);
  }

  #removeUnwanted(): void {
    const ids = this.#unwanted;
    this.#unwanted = [];
    for (const id of ids) {
      const path = this.#pathOf(id);
      try {
        if (statSync(path).size <= QUICKLY_REMOVED_BYTES) unlinkSync(path);
        else this.#removeLarge(path);
      } catch {
        // It is gone already, or cannot be removed.
      }
    }
  }

  #removeLarge(path: string): void {
    const removal = unlink(path)
      .catch(() => {})
      .then(() => {
        this.#removals.delete(removal);
      });
    this.#removals.add(removal);
  }

  /** Not by `join`, which looks at each character of a long path. */
  #pathOf(id: string): string {
    return this.path + sep + id;
  }
}

/** What `run` gives; undefined if a file is missing. */
function found<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
