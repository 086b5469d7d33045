/**
 * `http.ServerResponse` (spec/node.md 8.2): becomes a Response of the platform when its headers are
 * sent. A body that is given with `end` alone goes whole, anything else as a stream.
 */
import { createResponse, type Response } from "../../web/http/response.ts";
import { openByteStream } from "../../web/streams/byte-streams.ts";
import type { NativeReadable } from "../../web/streams/core/native-readable.ts";
import { invalidType, notImplemented } from "../errors.ts";
import { headersSent, invalidReason, invalidStatus, tooManyBytes } from "./errors.ts";
import { type HeaderValue, OutgoingMessage } from "./outgoing-message.ts";

type Done = (error?: Error | null) => void;
type Encoding = BufferEncoding | Done | undefined;
type HeaderList = Record<string, HeaderValue> | readonly unknown[];

/** Bytes that may wait for the client before `write` says so. */
const WINDOW = 64 * 1024;
const BODYLESS = new Set([204, 205, 304]);
/** A Response of the platform has no other. */
const LAST_STATUS = 599;
const INVALID_REASON = /[^\t\x20-\x7e\x80-\xff]/;
const NO_RESPONSE =
  "Responses may only be constructed with status codes in the range 200 to 599, inclusive.";

/** Makes the answer; set by the server that made this response. */
export let answerWith: (response: ServerResponse, answer: (made: Response) => void) => void;

export class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage = "unknown";
  req: unknown;
  #answer: ((made: Response) => void) | undefined;
  #feed: NativeReadable | undefined;
  #unread = 0;
  #waiting: Done | undefined;
  /** Bytes that Content-Length promises; -1: none. */
  #expected = -1;
  #written = 0;
  /** Nobody called writeHead: the length of a body that is whole is told. */
  #isImplicit = false;

  constructor(request: unknown, options?: { readonly highWaterMark?: number | undefined }) {
    super(options);
    this.req = request;
  }

  static {
    answerWith = (response, answer) => {
      response.#answer = answer;
    };
  }

  writeHead(status: number, reason?: string | HeaderList, headers?: HeaderList): this {
    if (this.headersSent) throw headersSent("write");
    const code = Number(status) | 0;
    if (code < 200 || code > 999) throw invalidStatus(status);
    this.statusCode = code;
    if (typeof reason === "string") this.statusMessage = reason;
    if (INVALID_REASON.test(this.statusMessage)) throw invalidReason();
    const given = typeof reason === "string" ? headers : (reason ?? headers);
    if (given !== undefined && given !== null) this.#setAll(given);
    this._header = `HTTP/1.1 ${code} ${this.statusMessage}\r\n`;
    return this;
  }

  override _implicitHeader(): void {
    this.writeHead(this.statusCode);
    this.#isImplicit = true;
  }

  override write(chunk: unknown, encoding?: Encoding, done?: Done): boolean {
    assertChunk(chunk);
    if (!this.headersSent) this._implicitHeader();
    if (this.strictContentLength) this.#assertFits(chunk);
    return super.write(chunk, encoding as BufferEncoding, done);
  }

  override end(chunk?: unknown, encoding?: Encoding, done?: Done): this {
    if (typeof chunk === "function") return this.end(undefined, undefined, chunk as Done);
    if (typeof encoding === "function") return this.end(chunk, undefined, encoding);
    if (!this.headersSent) this._implicitHeader();
    // After the listeners of the event, as in production.
    if (done !== undefined) this.once("finish", done);
    const isWhole = this.#answer !== undefined && !this.writableEnded && this.writableLength === 0;
    if (isWhole && !this.destroyed) {
      this.#sendWhole(chunk, encoding);
      return super.end() as this;
    }
    return super.end(chunk, encoding as BufferEncoding) as this;
  }

  override _send(): void {
    this.#open();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#open();
    const bytes = this.#within(chunk);
    if (bytes instanceof Error) {
      done(bytes);
      return;
    }
    const feed = this.#feed;
    if (feed?.isOpen !== true || bytes.byteLength === 0) {
      done();
      return;
    }
    this.#unread += bytes.byteLength;
    // The memory of Buffers is shared: what leaves is a copy.
    feed.push(new Uint8Array(bytes));
    if (this.#unread < WINDOW) done();
    else this.#waiting = done;
  }

  override _final(done: Done): void {
    this.#open();
    this.#feed?.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    const feed = this.#feed;
    if (feed?.isOpen === true) feed.error(error ?? new Error("The response was destroyed."));
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(error);
    done(error);
  }

  writeContinue(): never {
    throw notImplemented("writeContinue");
  }

  writeProcessing(): never {
    throw notImplemented("writeProcessing");
  }

  writeEarlyHints(): never {
    throw notImplemented("writeEarlyHints");
  }

  assignSocket(): never {
    throw notImplemented("assignSocket");
  }

  detachSocket(): never {
    throw notImplemented("detachSocket");
  }

  #setAll(given: HeaderList): void {
    if (!Array.isArray(given)) {
      for (const [name, value] of Object.entries(given as Record<string, HeaderValue>)) {
        if (value !== undefined) this.setHeader(name, value);
      }
      return;
    }
    if (Array.isArray(given[0])) {
      for (const [name, value] of given) this.appendHeader(String(name), value as HeaderValue);
      return;
    }
    for (const name of given.filter((_value, index) => index % 2 === 0)) {
      this.removeHeader(String(name));
    }
    for (let i = 0; i + 1 < given.length; i += 2) {
      this.appendHeader(String(given[i]), given[i + 1] as HeaderValue);
    }
  }

  #hasBody(): boolean {
    const { method } = this.req as { readonly method?: unknown };
    return method !== "HEAD" && !BODYLESS.has(this.statusCode);
  }

  /** `strictContentLength` */
  #assertFits(chunk: string | Uint8Array): void {
    this.#readLength();
    const total = this.#written + this.writableLength + Buffer.byteLength(chunk);
    if (this.#expected >= 0 && total > this.#expected) throw tooManyBytes(total, this.#expected);
  }

  /** At most as much as Content-Length promises. */
  #within(chunk: Uint8Array): Uint8Array | Error {
    const before = this.#written;
    const total = before + chunk.byteLength;
    if (this.#expected >= 0 && total > this.#expected && this.strictContentLength) {
      return tooManyBytes(total, this.#expected);
    }
    this.#written = total;
    if (this.#expected < 0 || total <= this.#expected) return chunk;
    return chunk.subarray(0, Math.max(0, this.#expected - before));
  }

  #sendWhole(chunk: unknown, encoding: Encoding): void {
    let body: string | Uint8Array | null = null;
    if (this.#hasBody() && chunk !== undefined && chunk !== null) {
      const isText = encoding === undefined || encoding === "utf8" || encoding === "utf-8";
      if (typeof chunk === "string") {
        body = new Uint8Array(Buffer.from(chunk, isText ? "utf8" : (encoding as BufferEncoding)));
      } else if (chunk instanceof Uint8Array) body = new Uint8Array(chunk);
      else {
        // Writable says what is wrong with it.
        super.write(chunk);
        return;
      }
    }
    this.#readLength();
    const bytes = body === null ? null : this.#within(body);
    if (bytes instanceof Error) {
      this.destroy(bytes);
      return;
    }
    const isFramed =
      !this.#isImplicit || this.#expected >= 0 || this.hasHeader("transfer-encoding");
    const length = isFramed || !this.#hasBody() ? undefined : (bytes?.byteLength ?? 0);
    this.#respond(bytes, length);
  }

  /** The answer is there, its body follows. */
  #open(): void {
    if (this.#answer === undefined) return;
    if (!this.headersSent) this._implicitHeader();
    this.#readLength();
    if (!this.#hasBody()) {
      this.#respond(null);
      return;
    }
    const { stream, feed } = openByteStream(
      {
        taken: (bytes) => this.#onTaken(bytes),
        cancel: () => {
          // The client is gone.
          this.destroy();
        },
      },
      this.#expected,
    );
    this.#feed = feed;
    this.#respond(stream);
  }

  #readLength(): void {
    const length = this.getHeader("content-length");
    if (length !== undefined) this.#expected = Number(length);
  }

  /** `length`: what Content-Length says, if nobody has said it. */
  #respond(body: Parameters<typeof createResponse>[0]["body"], length?: number): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (this.statusCode > LAST_STATUS) throw new RangeError(NO_RESPONSE);
    answer?.(
      createResponse({
        status: this.statusCode,
        statusText: this.statusMessage,
        headers: withLength(this.wireHeaders(), length),
        guard: "response",
        body,
      }),
    );
  }

  #onTaken(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread >= WINDOW) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}

function assertChunk(chunk: unknown): asserts chunk is string | Uint8Array {
  // Writable says what is wrong with null.
  if (typeof chunk === "string" || chunk instanceof Uint8Array || chunk === null) return;
  throw invalidType("chunk", "of type string or an instance of Buffer or Uint8Array", chunk);
}

function withLength(wire: string, length: number | undefined): string {
  if (length === undefined) return wire;
  return `${wire}${wire === "" ? "" : "\n"}content-length\n${length}`;
}
