/**
 * The files of values that belong to the rows of a store (spec/resources.md 2.5). A file is written
 * before the row that names it and removed after that row is gone; one without a row is garbage that
 * harms nobody. Used in the storage thread; small values are read and written synchronously, which
 * is the quickest and shorter than a turn of the thread pool.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "./folders.ts";

/** 80 hex digits: 32 random bytes, then the time in milliseconds. */
export function createBlobId(): string {
  const id = Buffer.alloc(40);
  randomBytes(32).copy(id);
  id.writeBigUInt64BE(BigInt(Date.now()), 32);
  return id.toString("hex");
}

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

export class BlobFolder {
  readonly path: string;
  readonly #removals: Set<Promise<void>> = new Set();

  constructor(path: string) {
    this.path = path;
  }

  /** Writes a whole value. Returns its id. */
  writeSync(bytes: Uint8Array): string {
    const id = createBlobId();
    const path = join(this.path, id);
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
      void this.remove(id);
      throw error;
    }
    return id;
  }

  /** Opens a new file for a value that arrives in pieces. */
  async create(): Promise<BlobWriter> {
    const id = createBlobId();
    const path = join(this.path, id);
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
        await this.remove(id);
      },
    };
  }

  /** The whole value, undefined if the file is gone, "large" if it has more than `limit` bytes. */
  readSync(id: string, limit: number): Uint8Array<ArrayBuffer> | undefined | "large" {
    const file = found(() => openSync(join(this.path, id), "r"));
    if (file === undefined) return undefined;
    try {
      const { size } = fstatSync(file);
      if (size > limit) return "large";
      const bytes = new Uint8Array(size);
      for (let done = 0; done < size; ) {
        const count = readSync(file, bytes, done, size - done, done);
        if (count === 0) return bytes.slice(0, done);
        done += count;
      }
      return bytes;
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
      handle = await open(join(this.path, id), "r");
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
        return done === wanted ? bytes : bytes.slice(0, done);
      },
      close: () => handle.close(),
    };
  }

  /** In the background; a file that cannot be removed stays as garbage. */
  remove(id: string): Promise<void> {
    const removal = unlink(join(this.path, id))
      .catch(() => {})
      .then(() => {
        this.#removals.delete(removal);
      });
    this.#removals.add(removal);
    return removal;
  }

  /** When all that is to be removed by now is: before the process ends. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals);
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
