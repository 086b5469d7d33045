/**
 * The bytes of assets: read when they are asked for, kept while they are small and unchanged. Main
 * thread of the host, one for all Workers. The file on disk decides: each request looks at its time
 * and size (2 us), so that a save counts before any watcher has seen it.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Coding } from "../answer-coding.ts";

/** How the bytes of a file are wanted. */
export type FileCoding = Coding | "identity";

/** A file as it is at this moment. */
export interface AssetFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** With its quotes. Of path, time and size: nothing may depend on its value. */
  readonly etag: string;
}

interface Entry {
  readonly file: AssetFile;
  readonly mtimeMs: number;
  readonly bytes: Map<FileCoding, Uint8Array | Promise<Uint8Array>>;
  kept: number;
}

/** Larger ones are streamed from disk. */
export const MAX_WHOLE: number = 1024 * 1024;
/** Of all bytes that are kept. */
const MAX_KEPT = 64 * 1024 * 1024;
/** Higher ones take seconds for a bundle. */
const BROTLI_QUALITY = 4;

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

export class AssetFiles {
  /** By path, the least recently used first. */
  readonly #entries: Map<string, Entry> = new Map();
  #kept = 0;

  /** Undefined where there is no file. */
  look(path: string): AssetFile | undefined {
    const info = statSync(path, { throwIfNoEntry: false });
    if (info === undefined || !info.isFile()) return undefined;
    const { mtimeMs, size } = info;
    const known = this.#entries.get(path);
    if (known !== undefined && known.mtimeMs === mtimeMs && known.file.size === size) {
      return known.file;
    }
    if (known !== undefined) this.#forget(known);
    const hash = createHash("sha256").update(`${path} ${mtimeMs} ${size}`).digest("hex");
    const file = { path, size, etag: `"${hash.slice(0, 32)}"` };
    this.#entries.set(path, { file, mtimeMs, bytes: new Map(), kept: 0 });
    return file;
  }

  /** The bytes if they are at hand: then there is nothing to wait for. */
  peek({ path }: AssetFile, coding: FileCoding): Uint8Array | undefined {
    const bytes = this.#entries.get(path)?.bytes.get(coding);
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  /** Rejects with what the file system says. */
  read(file: AssetFile, coding: FileCoding): Promise<Uint8Array> {
    const entry = this.#entries.get(file.path);
    if (entry?.file !== file) return encode(readFile(file.path), coding);
    const known = entry.bytes.get(coding);
    if (known !== undefined) return Promise.resolve(known);
    const plain = coding === "identity" ? readFile(file.path) : this.read(file, "identity");
    const reading = encode(plain, coding);
    entry.bytes.set(coding, reading);
    reading.then(
      (bytes) => this.#keep(entry, coding, bytes),
      () => entry.bytes.delete(coding),
    );
    return reading;
  }

  #keep(entry: Entry, coding: FileCoding, bytes: Uint8Array): void {
    const { path } = entry.file;
    if (bytes.byteLength > MAX_WHOLE || this.#entries.get(path) !== entry) {
      entry.bytes.delete(coding);
      return;
    }
    entry.bytes.set(coding, bytes);
    entry.kept += bytes.byteLength;
    this.#kept += bytes.byteLength;
    // The last one used is at the end.
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    for (const oldest of this.#entries.values()) {
      if (this.#kept <= MAX_KEPT) break;
      this.#forget(oldest);
    }
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.file.path);
    this.#kept -= entry.kept;
  }
}

async function encode(plain: Promise<Uint8Array>, coding: FileCoding): Promise<Uint8Array> {
  const bytes = await plain;
  if (coding === "identity") return bytes;
  if (coding === "gzip") return await toGzip(bytes);
  return await toBrotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
    },
  });
}
