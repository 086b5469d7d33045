/**
 * The Worker's `Blob` and `File`: bytes held in memory, so that a Blob can be sent over RPC and
 * become a body synchronously (spec/rpc.md 12.3), which Node's own cannot.
 */

import { ioOwner } from "../../isolate/invocation.ts";
import { concatBytes } from "../../util/bytes.ts";
import { utf8Of } from "../../util/utf8.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { coreOf, streamOfBytes } from "../streams/byte-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";

export type BlobPart = string | ArrayBuffer | ArrayBufferView | Blob;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let bytesOf: (blob: Blob) => Uint8Array;
let fill: <B extends Blob>(blob: B, bytes: Uint8Array, type: string) => B;
let isBlobBrand: (value: object) => boolean;

export class Blob {
  /** Never handed out and never written to: slices share it. */
  #bytes: Uint8Array;
  #type: string;

  constructor(parts?: Iterable<BlobPart>, options: { type?: string } = {}) {
    if (parts !== undefined && !isSequence(parts)) {
      throw new TypeError(
        "Failed to construct 'Blob': constructor parameter 1 is not of type 'Array'.",
      );
    }
    this.#bytes = concatParts(parts ?? []);
    this.#type = cleanType(options?.type);
  }

  static {
    bytesOf = (blob) => blob.#bytes;
    fill = (blob, bytes, type) => {
      blob.#bytes = bytes;
      blob.#type = type;
      return blob;
    };
    isBlobBrand = (value) => #bytes in value;
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  get type(): string {
    return this.#type;
  }

  slice(start?: number, end?: number, type?: string): Blob {
    const part = new Blob([], type === undefined ? {} : { type });
    const size = this.#bytes.byteLength;
    const from = clampIndex(start ?? 0, size);
    part.#bytes = this.#bytes.subarray(from, Math.max(from, clampIndex(end ?? size, size)));
    return part;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer as ArrayBuffer;
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }

  async text(): Promise<string> {
    return decoder.decode(this.#bytes);
  }

  stream(): ReadableStream {
    const owner = ioOwner();
    const stream = streamOfBytes(this.#bytes.slice());
    if (owner !== undefined) coreOf(stream).owner = owner;
    return stream;
  }
}
defineInterface(Blob, "Blob");

export class File extends Blob {
  #name: string;
  #lastModified: number;

  constructor(
    parts: Iterable<BlobPart>,
    name: string,
    options: { type?: string; lastModified?: number } = {},
  ) {
    if (name === undefined) {
      throw new TypeError(
        "Failed to construct 'File': constructor parameter 2 is not of type 'string'.",
      );
    }
    super(parts, options);
    this.#name = String(name);
    this.#lastModified = Number(options?.lastModified ?? Date.now());
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }
}
defineInterface(File, "File");

/** Takes the bytes over, and the type as it is: the constructor would lower its case. */
export function createBlob(bytes: Uint8Array, type: string): Blob {
  return fill(new Blob(), bytes, type);
}

/** The same for a File. */
export function createFile(bytes: Uint8Array, name: string, type: string): File {
  return fill(new File([], name), bytes, type);
}

/** The bytes themselves, not a copy: the caller must not write to them nor transfer them. */
export function blobBytes(blob: Blob): Uint8Array {
  return bytesOf(blob);
}

/** True for Blob and File of this runtime. */
export function isBlob(value: unknown): value is Blob {
  return typeof value === "object" && value !== null && isBlobBrand(value);
}

function isSequence(value: unknown): value is Iterable<BlobPart> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function concatParts(parts: Iterable<BlobPart>): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    const chunk = partBytes(part);
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  return concatBytes(chunks, length);
}

function partBytes(part: BlobPart): Uint8Array {
  if (isBlob(part)) return blobBytes(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  return utf8Of(String(part));
}

function cleanType(type: unknown): string {
  const text = type === undefined ? "" : String(type);
  return /[^\x20-\x7e]/.test(text) ? "" : text.toLowerCase();
}

function clampIndex(index: number, size: number): number {
  const whole = Math.trunc(Number(index)) || 0;
  return whole < 0 ? Math.max(size + whole, 0) : Math.min(whole, size);
}
