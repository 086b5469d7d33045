/**
 * Bodies of objects: written to a file while they are hashed, and read back from one file or from
 * the files of a multipart object. Small ones at once, larger ones without blocking the thread. In
 * any thread: how large ones travel is up to the caller.
 */
import { createHash, type Hash } from "node:crypto";
import type { BlobFolder, BlobReader } from "../../storage/blobs.ts";
import type { Span } from "./ranges.ts";

/** Read and written in one go. */
const SMALL_BYTES: number = 256 * 1024;
/** Sent as one piece; what is larger is a stream. */
const WHOLE_BYTES: number = 16 * 1024 * 1024;
const CHUNK_BYTES: number = 256 * 1024;

export interface Written {
  readonly blob: string;
  readonly size: number;
  /** Hex by algorithm; `md5` always. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** A value to be written: all of it, or in pieces. */
export type BodySource = Uint8Array | AsyncIterable<Uint8Array>;

/** Writes a value. `algorithm`: to be hashed with too. Leaves nothing behind when it fails. */
export async function writeBody(
  blobs: BlobFolder,
  value: BodySource,
  algorithm?: string,
): Promise<Written> {
  const hashes = new Map<string, Hash>();
  for (const name of new Set(["md5", algorithm ?? "md5"])) hashes.set(name, createHash(name));
  const add = (bytes: Uint8Array): void => {
    for (const hash of hashes.values()) hash.update(bytes);
  };
  const checksums = (): Record<string, string> =>
    Object.fromEntries([...hashes].map(([name, hash]) => [name, hash.digest("hex")]));
  if (value instanceof Uint8Array && value.byteLength <= SMALL_BYTES) {
    add(value);
    return { blob: blobs.writeSync(value), size: value.byteLength, checksums: checksums() };
  }
  const writer = await blobs.create();
  try {
    if (value instanceof Uint8Array) {
      const written = writer.write(value);
      add(value);
      await written;
    } else {
      for await (const bytes of value) {
        const written = writer.write(bytes);
        add(bytes);
        await written;
      }
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
  return { blob: writer.id, size: writer.size, checksums: checksums() };
}

/** One file of an object. */
export interface Segment {
  readonly blob: string;
  readonly size: number;
}

interface OpenSegment extends Span {
  readonly reader: BlobReader;
}

/** A large body that is read piece by piece. Ends with the last piece, or with `close`. */
export interface BodyReader {
  /** Of all pieces together. */
  readonly length: number;
  /** Undefined: that was all. One call at a time. */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** The bytes of `span`, whole or piece by piece; undefined if a file is gone. */
export async function readBody(
  blobs: BlobFolder,
  segments: readonly Segment[],
  span: Span,
): Promise<Uint8Array<ArrayBuffer> | BodyReader | undefined> {
  const [only] = segments;
  if (span.length === 0) return new Uint8Array(0);
  if (segments.length === 1 && only !== undefined && only.size <= SMALL_BYTES) {
    const bytes = blobs.readSync(only.blob, SMALL_BYTES);
    if (!(bytes instanceof Uint8Array)) return undefined;
    if (span.length === bytes.byteLength) return bytes;
    return bytes.slice(span.offset, span.offset + span.length);
  }
  const open: OpenSegment[] = [];
  let start = 0;
  for (const { blob, size } of segments) {
    const from = Math.max(span.offset - start, 0);
    const to = Math.min(span.offset + span.length - start, size);
    start += size;
    if (from >= to) continue;
    const reader = await blobs.open(blob);
    if (reader === undefined) {
      await closeAll(open);
      return undefined;
    }
    open.push({ reader, offset: from, length: to - from });
  }
  return span.length <= WHOLE_BYTES ? readAll(open, span.length) : readerOf(open, span.length);
}

async function readAll(
  open: readonly OpenSegment[],
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const [only] = open;
    if (open.length === 1 && only !== undefined) {
      return await only.reader.read(only.offset, only.length);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of open) {
      whole.set(await part.reader.read(part.offset, part.length), at);
      at += part.length;
    }
    return whole;
  } finally {
    await closeAll(open);
  }
}

function readerOf(open: readonly OpenSegment[], length: number): BodyReader {
  const left = [...open];
  let done = 0;
  const next = async (): Promise<Uint8Array | undefined> => {
    const [part] = left;
    if (part === undefined) return undefined;
    const size = Math.min(CHUNK_BYTES, part.length - done);
    const bytes = await part.reader.read(part.offset + done, size);
    done += size;
    if (done === part.length) {
      left.shift();
      done = 0;
      await part.reader.close();
    }
    return bytes;
  };
  return { length, next, close: () => closeAll(left.splice(0)) };
}

async function closeAll(open: readonly OpenSegment[]): Promise<void> {
  await Promise.all(open.map(({ reader }) => reader.close()));
}
