/**
 * The Worker's `Blob` and `File`: bytes held in memory, so that a Blob can be sent over RPC and
 * become a body synchronously (spec/rpc.md 12.3), which Node's own cannot.
 */

import { ioOwner } from "../../isolate/invocation.ts";
import { concatBytes } from "../../util/bytes.ts";
import { utf8Of } from "../../util/utf8.ts";
import { httpCompat } from "../compat.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import { coreOf, streamOfBytes } from "../streams/byte-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";

export type BlobPart = string | ArrayBuffer | ArrayBufferView | Blob;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let bytesOf: (blob: Blob) => Uint8Array;
let fill: <B extends Blob>(blob: B, bytes: Uint8Array, type: string) => B;
let isBlobBrand: (value: object) => boolean;
let isFileBrand: (value: object) => boolean;

export class Blob {
  /** Never handed out and never written to: slices share it. */
  #bytes: Uint8Array;
  #type: string;

  constructor(parts?: readonly BlobPart[], options?: { type?: string } | null) {
    if (parts !== undefined && !Array.isArray(parts)) throw wrongParameter("Blob", 1, "Array");
    checkOptions("Blob", 2, options);
    if (httpCompat().refusesResizable) checkFixed(parts ?? []);
    giveOwnAccessors?.(this);
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
defineInterface(Blob, "Blob", { brand: isBlobBrand });

export class File extends Blob {
  #name: string;
  #lastModified: number;

  constructor(
    parts: readonly BlobPart[],
    name: string,
    options?: { type?: string; lastModified?: number } | null,
  ) {
    // biome-ignore lint/complexity/noArguments: an undefined name is one, an absent name is not
    if (arguments.length < 2) throw wrongParameter("File", 2, "string");
    if (!Array.isArray(parts)) throw wrongParameter("File", 1, "Array");
    checkOptions("File", 3, options);
    super(parts, options);
    this.#name = `${name}`;
    const lastModified = Number(options?.lastModified ?? Date.now());
    this.#lastModified = Number.isNaN(lastModified) ? 0 : lastModified;
  }

  static {
    isFileBrand = (value) => #name in value;
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }
}
defineInterface(File, "File", { brand: isFileBrand });

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

function wrongParameter(name: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to construct '${name}': constructor parameter ${position} is not of type '${type}'.`,
  );
}

function checkOptions(name: string, position: number, options: unknown): void {
  if (options === undefined || options === null) return;
  if (typeof options !== "object" && typeof options !== "function") {
    throw wrongParameter(name, position, "Options");
  }
  if (Reflect.get(options, "endings") !== undefined) {
    throw new Error("The 'endings' field on 'Options' is not implemented.");
  }
}

/** `no_resizable_array_buffer_in_blob`. */
function checkFixed(parts: readonly unknown[]): void {
  for (const part of parts) {
    const buffer: unknown = ArrayBuffer.isView(part) ? part.buffer : part;
    if (buffer instanceof ArrayBuffer && Reflect.get(buffer, "resizable") === true) {
      throw new TypeError("Cannot create a Blob with a resizable ArrayBuffer");
    }
  }
}

function concatParts(parts: readonly BlobPart[]): Uint8Array {
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
  return utf8Of(`${part}`);
}

function cleanType(type: unknown): string {
  const text = type === undefined ? "" : String(type);
  return /[^\x20-\x7e]/.test(text) ? "" : text.toLowerCase();
}

function clampIndex(index: number, size: number): number {
  const whole = Math.trunc(Number(index)) || 0;
  return whole < 0 ? Math.max(size + whole, 0) : Math.min(whole, size);
}
