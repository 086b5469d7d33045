/**
 * `Body`, the base of Request and Response. Null, string and byte bodies never become a stream
 * unless user code reads `.body` (spikes.md S9). Lives in a Worker's thread.
 */

import { assertOwnIo, ioOwner } from "../../isolate/invocation.ts";
import type { Context } from "../../rpc/contract.ts";
import { httpCompat } from "../compat.ts";
import { type Blob, createBlob } from "../forms/blob.ts";
import { formParser } from "../forms/form-body.ts";
import type { FormData } from "../forms/form-data.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { giveOwnAccessors } from "../interfaces/own-accessors.ts";
import {
  coreOf,
  isDisturbed,
  isLocked,
  isReadableStream,
  ownerOf,
  readStream,
  streamOfBytes,
  teeStream,
} from "../streams/byte-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import { type BodySource, openSource, readAll } from "./body-source.ts";
import { lastMimeType } from "./mime-type.ts";

const encoder = new TextEncoder();
const standardDecoder = new TextDecoder();
const rawDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

const USED =
  "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
const LOCKED = "This ReadableStream is currently locked to a reader.";

let takeSource: (body: Body) => BodySource;
let cloneSource: (body: Body) => BodySource;
let peekSource: (body: Body) => BodySource;
let markTaken: (body: Body) => void;
let isBodyBrand: (value: object) => boolean;

interface WithHeaders {
  readonly headers: { get(name: string): string | null };
}

export class Body {
  /** Null once it became `#stream`. */
  #source: BodySource;
  #stream: ReadableStream | null = null;
  #used = false;
  /** Whose body it is, unless it is null or came as a stream (spec/rpc.md 4.4). */
  readonly #owner: Context | undefined;

  /** `owner`: the invocation that it belongs to if that is not the current one. */
  constructor(source: BodySource, owner?: Context) {
    if (new.target === Body) throw new TypeError("Illegal constructor");
    giveOwnAccessors?.(this);
    if (isReadableStream(source)) {
      this.#stream = source;
      this.#source = null;
    } else {
      this.#source = source;
      if (source !== null) this.#owner = owner ?? ioOwner();
    }
  }

  static {
    takeSource = (body) => body.#take();
    cloneSource = (body) => body.#clone();
    isBodyBrand = (value) => #source in value;
    peekSource = (body) => body.#stream ?? body.#source;
    markTaken = (body) => {
      if (body.#source === null && body.#stream === null) return;
      body.#source = null;
      body.#stream = null;
      body.#used = true;
    };
  }

  get body(): ReadableStream | null {
    if (this.#stream !== null) return this.#stream;
    if (this.#used) return this.#spentStream();
    if (this.#source === null) return null;
    this.#stream = this.#openStream(this.#source);
    this.#source = null;
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#stream !== null && isDisturbed(this.#stream));
  }

  async text(): Promise<string> {
    const source = this.#take();
    if (source === null) return "";
    if (typeof source === "string") {
      const hasBom = source.charCodeAt(0) === 0xfeff && httpCompat().stripBom;
      return hasBom ? source.slice(1) : source;
    }
    const decoder = httpCompat().stripBom ? standardDecoder : rawDecoder;
    return decoder.decode(await toBytes(source));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array> {
    const source = this.#take();
    if (source === null) return new Uint8Array(0);
    const bytes = await toBytes(source);
    return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    const whole = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes);
    return whole.buffer as ArrayBuffer;
  }

  async blob(): Promise<Blob> {
    const type = (this as unknown as WithHeaders).headers.get("content-type") ?? "";
    const bytes = await this.bytes();
    return createBlob(bytes, httpCompat().standardBlobTypes ? lastMimeType(type) : type);
  }

  async formData(): Promise<FormData> {
    this.#assertUnused();
    const type = (this as unknown as WithHeaders).headers.get("content-type");
    const parse = formParser(type);
    return parse(await this.bytes());
  }

  /** Use the body up; what is left is locked. Throws if it was used before. */
  #take(): BodySource {
    this.#assertOwn();
    this.#assertUnused();
    const stream = this.#stream;
    if (stream !== null) {
      this.#used = true;
      return stream;
    }
    const source = this.#source;
    if (source === null) return null;
    this.#used = true;
    this.#source = null;
    if (typeof source !== "string" && !(source instanceof Uint8Array)) {
      this.#stream = this.#openStream(source);
      return this.#stream;
    }
    return source;
  }

  #assertUnused(): void {
    const stream = this.#stream;
    if (this.#used) throw new TypeError(USED);
    if (stream === null) return;
    if (isDisturbed(stream) && !isLocked(stream)) throw new TypeError(USED);
    if (isLocked(stream)) throw new TypeError(LOCKED);
  }

  #clone(): BodySource {
    this.#assertOwn();
    if (this.bodyUsed || (this.#stream !== null && isLocked(this.#stream))) {
      throw new TypeError("This ReadableStream is currently locked to a reader,");
    }
    const source = this.#stream === null ? this.#source : null;
    if (typeof source === "string") return source;
    if (source instanceof Uint8Array) return source.slice();
    const stream = this.body;
    if (stream === null) return null;
    const { length } = coreOf(stream);
    const [mine, theirs] = teeStream(stream);
    this.#stream = keepLength(mine, length);
    return keepLength(theirs, length);
  }

  /** Throws if it belongs to another invocation; what is refused leaves the body as it was. */
  #assertOwn(): void {
    const owner = this.#stream === null ? this.#owner : ownerOf(this.#stream);
    assertOwnIo(owner, "ReadableStreamSource>");
  }

  #openStream(source: NonNullable<BodySource>): ReadableStream {
    const stream = openSource(source);
    if (this.#owner !== undefined) coreOf(stream).owner = this.#owner;
    return stream;
  }

  /** After text() and the like `.body` shows a locked, used stream. */
  #spentStream(): ReadableStream {
    const stream = streamOfBytes(new Uint8Array(0));
    readStream(stream);
    this.#stream = stream;
    return stream;
  }
}
defineInterface(Body, "Body", { brand: isBodyBrand });

/**
 * Take the body away from its owner, which then counts as used. Streams come unlocked: the taker
 * locks them. Throws TypeError if the body was used or is locked.
 */
export function takeBody(body: Body): BodySource {
  return takeSource(body);
}

/** A second body with the same content; streams are teed. Throws if used or locked. */
export function cloneBody(body: Body): BodySource {
  return cloneSource(body);
}

/** Look without taking; null also when there is none or it has been taken. */
export function peekBody(body: Body): BodySource {
  return peekSource(body);
}

/** Make the body count as used and drop it (an encoder that peeked has sent it). */
export function markBodyTaken(body: Body): void {
  markTaken(body);
}

async function toBytes(source: NonNullable<BodySource>): Promise<Uint8Array> {
  if (typeof source === "string") return encoder.encode(source);
  if (source instanceof Uint8Array) return source;
  return readAll(isReadableStream(source) ? source : source.open());
}

function keepLength(stream: ReadableStream, length: number): ReadableStream {
  if (length >= 0) coreOf(stream).length = length;
  return stream;
}
